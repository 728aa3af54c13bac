// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import io.margay.engine.EventLoop;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.PayloadException;
import io.margay.posix.Fd;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/**
 * The extension bundles of controller or router, as main passes them: each as sealed memory, then which of them count.
 *
 * <p>A bundle is installed where it lies, by its descriptor, and not copied into the bundle cache: the cache belongs
 * to the ids of an unprivileged process, applications may have the same ids, and sealed memory is what nobody can
 * change. Its code starts on a thread of its own, so that one that hangs holds nobody else.
 *
 * <p>Each installation has a revision. One that is new does not count before main says so; one that does not count any
 * more goes when nothing uses it. On one loop.
 */
public final class ModuleReceiver {

    private static final int MAX_NEWS = 1 << 20;
    private static final long MAX_PARK_MILLIS = 3_600_000;
    /** How the locations begin of what main has passed; the number of its descriptor follows. */
    private static final String LOCATION = "reference:file:/proc/self/fd/";
    /** The revision of one that is on its way out. */
    private static final int GONE = -1;

    /** A revision that is here; one of which nothing runs is installed only while it counts. */
    private static final class Held {
        private final Fd memory;
        private final boolean runs;
        /** Known before its code starts: what it registers then is not taken for a part of this process. */
        private volatile Optional<Bundle> bundle = Optional.empty();
        private volatile List<Extension> extensions = List.of();
        /** Main has not said yet whether it counts; until then it stays. */
        private boolean pending = true;

        Held(Fd memory, boolean runs) {
            this.memory = memory;
            this.runs = runs;
        }

        boolean is(Bundle other) {
            return bundle.filter(other::equals).isPresent();
        }
    }

    /**
     * Which bundles count.
     *
     * @param revisions their numbers
     * @param catalogue what main has found out with them
     */
    public record Change(Set<Integer> revisions, Conf catalogue) {
    }

    private final EventLoop loop;
    private final BundleContext context;
    private final Function<ExtensionKind, ExtensionKind.Use> use;
    private final Map<Integer, Held> bundles = new TreeMap<>();
    private Set<Integer> current = Set.of();
    private Conf catalogue = ConfArray.EMPTY;
    private IntPredicate inUse = revision -> false;
    private IntConsumer released = revision -> { };
    private boolean complete;
    private long parkMillis;

    /**
     * Receives for a process.
     *
     * @param loop that of its messages
     * @param context installs the bundles
     * @param use what this process does with the bundles of a kind
     */
    public ModuleReceiver(EventLoop loop, BundleContext context, Function<ExtensionKind, ExtensionKind.Use> use) {
        this.loop = loop;
        this.context = context;
        this.use = use;
    }

    /**
     * Keeps bundles that do not count any more as long as they are in use; their user calls {@link #sweep} when it has
     * let go of one.
     *
     * @param used tells whether a revision is in use
     * @param gone told the revisions that are uninstalled
     */
    public ModuleReceiver keep(IntPredicate used, IntConsumer gone) {
        this.inUse = used;
        this.released = gone;
        return this;
    }

    /**
     * The revision of a bundle that main has passed; 0 for others, which are part of this process, and negative for one
     * that is being uninstalled, which takes its services back one by one.
     */
    public int revision(Bundle bundle) {
        return bundles.entrySet().stream().filter(entry -> entry.getValue().is(bundle))
            .map(Map.Entry::getKey).findFirst().orElse(bundle.getLocation().startsWith(LOCATION) ? GONE : 0);
    }

    /** Whether a bundle counts: it is part of this process and nothing newer has come for it, or main says so. */
    public boolean counts(Bundle bundle) {
        return counts(bundle, current);
    }

    /** Whether a bundle would count. */
    public boolean counts(Bundle bundle, Set<Integer> revisions) {
        int revision = revision(bundle);
        return revision == 0 ? bundle.getState() != Bundle.UNINSTALLED && !isReplaced(bundle, revisions)
            : revisions.contains(revision);
    }

    /** Whether main has passed a newer version of a bundle that is part of this process. */
    private boolean isReplaced(Bundle own, Set<Integer> revisions) {
        return revisions.stream().flatMap(revision -> bundle(revision).stream()).anyMatch(newer ->
            Objects.equals(newer.getSymbolicName(), own.getSymbolicName())
                && newer.getVersion().compareTo(own.getVersion()) > 0);
    }

    /** The bundle of a revision; empty when it is not here. */
    public Optional<Bundle> bundle(int revision) {
        return Optional.ofNullable(bundles.get(revision)).flatMap(held -> held.bundle);
    }

    /** {@code kind:name} of all that counts and came from main. */
    public List<String> readers() {
        return bundles.entrySet().stream().filter(entry -> current.contains(entry.getKey()))
            .flatMap(entry -> entry.getValue().extensions.stream()).map(Extension::reader).toList();
    }

    /** What counts now. */
    public Change inForce() {
        return new Change(current, catalogue);
    }

    /** What main has found out with the bundles that count. */
    public Conf catalogue() {
        return catalogue;
    }

    /** How long what a change replaces is kept ready for a way back, as main has said last; milliseconds. */
    public long parkMillis() {
        return parkMillis;
    }

    /** Whether main has told all that it knew at the start. */
    public boolean complete() {
        return complete;
    }

    // ---- one bundle ---------------------------------------------------------------

    /**
     * Installs a bundle that does not count yet.
     *
     * @param message MODULE: large payload with JSON, and a bundle in descriptor 1
     * @return completes on the loop; fails with a {@link ModuleException} when it cannot be used, and is not here then
     * @throws PayloadException when the message is malformed
     */
    public CompletionStage<Void> install(Message message) {
        Optional<Fd> jar = message.take(1);
        boolean kept = false;
        try {
            ConfObject news = parse(message, "module_handler");
            Fd memory = jar.orElseThrow(() -> new PayloadException("module_handler: no bundle"));
            LargePayload.check(memory, news.integer("size", -1), "module_handler", SealedJars.MAX_SIZE);
            int revision = (int) news.integer("revision", 0);
            if (revision < 1) {
                throw new PayloadException("module_handler: malformed revision");
            }
            if (bundles.containsKey(revision)) {
                return CompletableFuture.completedFuture(null);
            }
            kept = true;
            return install(revision, news.bool("start", false), memory);
        } finally {
            if (!kept) {
                jar.ifPresent(Fd::close);
            }
        }
    }

    private static ConfObject parse(Message message, String who) {
        try {
            return (ConfObject) ConfParser.parse(LargePayload.receive(message, who, MAX_NEWS));
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new PayloadException(who + ": malformed news: " + e.getMessage());
        }
    }

    private CompletionStage<Void> install(int revision, boolean start, Fd memory) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        Held held = new Held(memory, start);
        bundles.put(revision, held);
        if (!start) {
            result.complete(null);
            return result;
        }
        Thread.ofPlatform().daemon().name("module-" + revision).start(() -> {
            try {
                open(held);
            } catch (RuntimeException | LinkageError e) {
                memory.close();
                tell(() -> {
                    bundles.remove(revision);
                    result.completeExceptionally(e);
                });
                return;
            }
            tell(() -> result.complete(null));
        });
        return result;
    }

    private void tell(Runnable result) {
        try {
            loop.execute(result);
        } catch (RejectedExecutionException e) {
            // The process ends while a bundle starts, and nobody is there any more who waits for it.
            return;
        }
    }

    /** Installs a bundle, and starts it and sees that it offers what it says when it is to run. */
    private void open(Held held) {
        Bundle bundle;
        try {
            bundle = context.installBundle(LOCATION + held.memory.number());
        } catch (BundleException | RuntimeException e) {
            throw new ModuleException(ModuleBundles.reason(e), e);
        }
        held.bundle = Optional.of(bundle);
        try {
            held.extensions = Extension.of(bundle);
            if (held.runs) {
                bundle.start();
                for (Extension extension : held.extensions) {
                    if (use.apply(extension.kind()) == ExtensionKind.Use.RUN) {
                        ModuleBundles.requireService(context, bundle, extension);
                    }
                }
            }
        } catch (BundleException | RuntimeException | LinkageError e) {
            remove(bundle);
            held.bundle = Optional.empty();
            throw e instanceof ModuleException known ? known
                : new ModuleException("bundle " + bundle.getSymbolicName() + " cannot be started: "
                    + ModuleBundles.reason(e), e);
        }
    }

    private static void remove(Bundle bundle) {
        try {
            bundle.uninstall();
        } catch (BundleException | IllegalStateException e) {
            // Somebody else has done it, or it is in the way of nobody: the next one has a place of its own.
            return;
        }
    }

    // ---- which count ------------------------------------------------------------

    /**
     * Reads which bundles are to count. It is so when {@link #commit} is called.
     *
     * @param message MODULES: large payload with JSON
     * @throws PayloadException when it is malformed
     */
    public Change change(Message message) {
        ConfObject news = parse(message, "modules_handler");
        try {
            parkMillis = Math.max(0, Math.min(MAX_PARK_MILLIS, news.integer("park", 0)));
            return new Change(news.array("bundles").orElse(ConfArray.EMPTY).elements().stream()
                .map(number -> (int) ((ConfNumber) number).longValue()).collect(Collectors.toUnmodifiableSet()),
                news.get("catalogue").orElse(ConfArray.EMPTY));
        } catch (ClassCastException e) {
            throw new PayloadException("modules_handler: malformed news: " + e.getMessage());
        }
    }

    /**
     * These count from now on. What does not is there until {@link #sweep}, so that there is a way back.
     *
     * @throws ModuleException when one cannot be installed; then everything is as before
     */
    public void commit(Change change) {
        commit(change, Optional::empty);
    }

    /**
     * The same, if nothing speaks against it.
     *
     * @param problem asked when all is installed
     */
    public void commit(Change change, Supplier<Optional<String>> problem) {
        Set<Integer> before = current;
        try {
            read(change.revisions());
            problem.get().ifPresent(reason -> {
                throw new ModuleException(reason);
            });
        } catch (ModuleException e) {
            read(before);
            throw e;
        }
        current = change.revisions();
        catalogue = change.catalogue();
        complete = true;
        // Main speaks of one change at a time: what it has offered and does not name is not wanted.
        bundles.values().forEach(held -> held.pending = false);
    }

    /** Of what does not run, exactly this is installed: schemas of two versions at a time would mix. */
    private void read(Set<Integer> revisions) {
        bundles.forEach((revision, held) -> {
            if (!held.runs && !revisions.contains(revision)) {
                held.bundle.ifPresent(ModuleReceiver::remove);
                held.bundle = Optional.empty();
            }
        });
        bundles.forEach((revision, held) -> {
            if (!held.runs && revisions.contains(revision) && held.bundle.isEmpty()) {
                open(held);
            }
        });
    }

    /** Uninstalls what does not count and is not in use; not what main has just offered. */
    public void sweep() {
        for (int revision : List.copyOf(bundles.keySet())) {
            if (!current.contains(revision) && !bundles.get(revision).pending && !inUse.test(revision)) {
                uninstall(revision, bundles.remove(revision));
            }
        }
    }

    private void uninstall(int revision, Held held) {
        Thread.ofPlatform().daemon().name("module-" + revision).start(() -> {
            held.bundle.ifPresent(ModuleReceiver::remove);
            held.memory.close();
            loop.execute(() -> released.accept(revision));
        });
    }

    /**
     * The answer to {@code MODULE_USERS} is about this revision and these extensions.
     *
     * @param leave whether applications that use them are left out of service, and not named
     */
    public record Question(int revision, List<String> readers, boolean leave) {

        /**
         * Reads it.
         *
         * @throws PayloadException when it is malformed
         */
        public static Question of(Message message) {
            ConfObject question = parse(message, "users_handler");
            try {
                return new Question((int) question.integer("revision", 0),
                    question.array("extensions").orElse(ConfArray.EMPTY).elements().stream()
                        .map(reader -> ((ConfString) reader).value()).toList(), question.bool("leave", false));
            } catch (ClassCastException e) {
                throw new PayloadException("users_handler: malformed question: " + e.getMessage());
            }
        }
    }
}
