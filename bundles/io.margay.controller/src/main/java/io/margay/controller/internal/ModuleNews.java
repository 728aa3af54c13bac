// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.lang.ModuleCatalogue;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.PayloadException;
import io.margay.posix.Fd;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/**
 * What main tells of language modules. Their bundles are installed and never started: the controller reads their
 * schemas and runs nothing of them.
 */
final class ModuleNews {

    private static final int MAX_NEWS = 1 << 20;
    private static final int MAX_JAR = 32 << 20;

    private final BundleContext context;
    private ModuleCatalogue catalogue = ModuleCatalogue.of(List.of());
    private boolean complete;

    ModuleNews(BundleContext context) {
        this.context = context;
    }

    /** Whether a module serves applications of a type. */
    boolean has(String type) {
        return catalogue.find(type).isPresent();
    }

    /** Whether main has told all that it knew at the start. */
    boolean complete() {
        return complete;
    }

    /**
     * Takes one piece of news.
     *
     * @return whether the languages are other ones now
     * @throws PayloadException when it is malformed or the bundle cannot be installed
     */
    boolean accept(Message message) {
        Optional<Fd> jar = message.take(1);
        try {
            ConfObject news = (ConfObject) ConfParser.parse(LargePayload.receive(message, "modules_handler", MAX_NEWS));
            if (news.has("complete")) {
                ModuleCatalogue next = ModuleCatalogue.fromConf(news.get("catalogue").orElse(ConfArray.EMPTY));
                boolean changed = !complete || !next.equals(catalogue);
                catalogue = next;
                complete = true;
                return changed;
            }
            install(news.string("bundle").orElse(""), LargePayload.content(
                jar.orElseThrow(() -> new PayloadException("modules_handler: no bundle")), news.integer("size", -1),
                "modules_handler", MAX_JAR));
            return false;
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new PayloadException("modules_handler: malformed news: " + e.getMessage());
        } finally {
            jar.ifPresent(Fd::close);
        }
    }

    private void install(String name, byte[] jar) {
        String location = "module:" + name;
        if (context.getBundle(location) != null) {
            return;
        }
        try {
            context.installBundle(location, new ByteArrayInputStream(jar));
        } catch (BundleException e) {
            throw new PayloadException("bundle " + name + " cannot be installed: " + e.getMessage());
        }
    }
}
