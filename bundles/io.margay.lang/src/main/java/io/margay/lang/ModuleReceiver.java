// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.PayloadException;
import io.margay.posix.Fd;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/**
 * Takes the news of language modules that main sends: bundles, each as sealed memory, then the languages of this
 * machine.
 *
 * <p>A bundle is installed where it lies, by its descriptor, and not copied into the bundle cache: the cache belongs
 * to the ids of an unprivileged process, applications may have the same ids, and sealed memory is what nobody can
 * change. Used by one thread at a time.
 */
public final class ModuleReceiver {

    private static final int MAX_NEWS = 1 << 20;
    private static final int MAX_JAR = 32 << 20;

    private record Held(Bundle bundle, Fd memory) {
    }

    private final BundleContext context;
    private final boolean start;
    private final Map<String, Held> bundles = new HashMap<>();
    private ModuleCatalogue catalogue = ModuleCatalogue.of(List.of());
    private boolean complete;

    /**
     * Receives for a process.
     *
     * @param context installs the bundles
     * @param start whether they are started too; a process that reads only their schemas runs nothing of them
     */
    public ModuleReceiver(BundleContext context, boolean start) {
        this.context = context;
        this.start = start;
    }

    /** The languages of this machine. */
    public ModuleCatalogue catalogue() {
        return catalogue;
    }

    /** Whether main has told all that it knew at the start. */
    public boolean complete() {
        return complete;
    }

    /**
     * Takes one piece of news.
     *
     * @param message MODULES: large payload with JSON, and a bundle in descriptor 1
     * @return whether the languages are other ones now
     * @throws PayloadException when it is malformed or the bundle cannot be used; the text is for main's log
     */
    public boolean accept(Message message) {
        Optional<Fd> jar = message.take(1);
        boolean kept = false;
        try {
            ConfObject news = (ConfObject) ConfParser.parse(LargePayload.receive(message, "modules_handler", MAX_NEWS));
            if (news.has("complete")) {
                return learn(ModuleCatalogue.fromConf(news.get("catalogue").orElse(ConfArray.EMPTY)));
            }
            Fd memory = jar.orElseThrow(() -> new PayloadException("modules_handler: no bundle"));
            // Only for its checks: what is sealed now stays as it is.
            LargePayload.content(memory, news.integer("size", -1), "modules_handler", MAX_JAR);
            kept = install(news.string("bundle").orElse(""), memory);
            return false;
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new PayloadException("modules_handler: malformed news: " + e.getMessage());
        } finally {
            if (!kept) {
                jar.ifPresent(Fd::close);
            }
        }
    }

    private boolean learn(ModuleCatalogue next) {
        boolean changed = !complete || !next.equals(catalogue);
        catalogue = next;
        complete = true;
        return changed;
    }

    private boolean install(String name, Fd memory) {
        if (bundles.containsKey(name)) {
            return false;
        }
        try {
            Bundle bundle = context.installBundle("reference:file:/proc/self/fd/" + memory.number());
            try {
                if (start) {
                    bundle.start();
                }
            } catch (BundleException e) {
                bundle.uninstall();
                throw e;
            }
            bundles.put(name, new Held(bundle, memory));
            return true;
        } catch (BundleException e) {
            throw new PayloadException("bundle " + name + " cannot be " + (start ? "started: " : "installed: ")
                + e.getMessage());
        }
    }
}
