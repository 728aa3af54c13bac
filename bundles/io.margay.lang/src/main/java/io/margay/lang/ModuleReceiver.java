// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.PayloadException;
import io.margay.posix.Fd;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
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
 *
 * <p>Each installation has a revision. News name those that count; the others go at once, or, where they run, when
 * nothing uses them any more.
 */
public final class ModuleReceiver {

    private static final int MAX_NEWS = 1 << 20;
    private static final int MAX_JAR = 32 << 20;

    private record Held(String name, Bundle bundle, Fd memory) {
    }

    private final BundleContext context;
    private final boolean start;
    private final Map<Integer, Held> bundles = new TreeMap<>();
    private Set<Integer> listed = Set.of();
    private Set<Integer> current = Set.of();
    private IntPredicate inUse = revision -> false;
    private IntConsumer released = revision -> { };
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

    /**
     * Keeps replaced bundles as long as they are in use; their user calls {@link #sweep} when it has let go of one.
     *
     * @param use tells whether a revision is in use
     * @param gone told the revisions that are uninstalled
     */
    public ModuleReceiver keep(IntPredicate use, IntConsumer gone) {
        this.inUse = use;
        this.released = gone;
        return this;
    }

    /** The revision of a bundle that came by news; 0 for others. */
    public int revision(Bundle bundle) {
        return bundles.entrySet().stream().filter(entry -> entry.getValue().bundle().equals(bundle))
            .map(Map.Entry::getKey).findFirst().orElse(0);
    }

    /** Whether a revision counts, and is not just kept until its last user is gone. */
    public boolean isCurrent(int revision) {
        return current.contains(revision);
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
                return learn(ModuleCatalogue.fromConf(news.get("catalogue").orElse(ConfArray.EMPTY)),
                    revisions(news.array("bundles").orElse(ConfArray.EMPTY)));
            }
            Fd memory = jar.orElseThrow(() -> new PayloadException("modules_handler: no bundle"));
            // Only for its checks: what is sealed now stays as it is.
            LargePayload.content(memory, news.integer("size", -1), "modules_handler", MAX_JAR);
            kept = install(news.string("bundle").orElse(""), (int) news.integer("revision", 0), memory);
            return false;
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new PayloadException("modules_handler: malformed news: " + e.getMessage());
        } finally {
            if (!kept) {
                jar.ifPresent(Fd::close);
            }
        }
    }

    private static Set<Integer> revisions(ConfArray list) {
        return list.elements().stream().map(number -> (int) ((ConfNumber) number).longValue())
            .collect(Collectors.toUnmodifiableSet());
    }

    private boolean learn(ModuleCatalogue next, Set<Integer> revisions) {
        boolean changed = !complete || !next.equals(catalogue) || !revisions.equals(listed);
        catalogue = next;
        listed = revisions;
        complete = true;
        // When one of them could not be installed here, the one before it has to do.
        if (bundles.keySet().containsAll(revisions)) {
            current = revisions;
            sweep();
        }
        return changed;
    }

    /** Uninstalls what does not count and is not in use. */
    public void sweep() {
        for (int revision : List.copyOf(bundles.keySet())) {
            if (!current.contains(revision) && !inUse.test(revision)) {
                uninstall(revision);
            }
        }
    }

    private void uninstall(int revision) {
        Held held = bundles.remove(revision);
        try {
            held.bundle().uninstall();
        } catch (BundleException e) {
            throw new IllegalStateException("bundle " + held.name() + " cannot be uninstalled: " + e.getMessage(), e);
        } finally {
            held.memory().close();
        }
        released.accept(revision);
    }

    private boolean install(String name, int revision, Fd memory) {
        if (bundles.containsKey(revision)) {
            return false;
        }
        if (!start) {
            // Schemas of two versions at a time would mix.
            bundles.entrySet().stream().filter(entry -> entry.getValue().name().equals(name)).map(Map.Entry::getKey)
                .toList().forEach(this::uninstall);
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
            bundles.put(revision, new Held(name, bundle, memory));
            return true;
        } catch (BundleException e) {
            throw new PayloadException("bundle " + name + " cannot be " + (start ? "started: " : "installed: ")
                + e.getMessage());
        }
    }
}
