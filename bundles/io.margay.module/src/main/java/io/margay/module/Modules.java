// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.engine.Turns;
import io.margay.log.ErrorLog;
import io.margay.port.Message;
import io.margay.port.PayloadException;
import io.margay.process.ProcessEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * The extension bundles of the server: those of the modules directory, those that were brought by an order, and those
 * that anybody else installs in main's framework. Controller and router get the very bytes that main has looked at
 * ({@code spec/processes.md §16}). On one loop; what blocks is done beside it.
 *
 * <p>A jar that takes the place of another, by its name or as a newer version beside it, is an update: it is installed
 * beside the old one in every process that needs it; when all of them have it, it comes to count, and the old one goes
 * when the router has let go of it. One refusal takes everything back. A jar that is deleted goes as soon as nothing in
 * the configuration uses it.
 */
public final class Modules implements AutoCloseable {

    /** Time between two looks at what could not be done. */
    private static final long PATIENCE_MILLIS = 1000;

    /** Time for a deleted jar to come back, before it counts as deleted. */
    private static final long GRACE_MILLIS = 300;

    /** Time for the requests of the version before the last one. */
    private static final long ROOM_MILLIS = 10_000;

    /**
     * Where modules come from.
     *
     * @param directory the modules directory
     * @param storage where those are kept that were brought by an order
     * @param context of main's framework
     * @param core which of its bundles the other processes have from their start
     * @param policy what a module has to be
     * @param parts what of the server itself a newer jar can take the place of
     */
    public record Sources(Path directory, ModuleStorage storage, BundleContext context, Predicate<Bundle> core,
                          ModulePolicy policy, CoreParts parts) {
    }

    private final EventLoop loop;
    private final ModulesDirectory directory;
    private final ModuleBundles bundles;
    private final ForeignBundles foreign;
    private final TouchedBundles own;
    private final ModuleRollout rollout;
    private final ErrorLog journal;
    private final Turns turns;
    private final SideThread worker;
    /** Apart, since a bundle that hangs in its start must not keep anybody from the list of modules. */
    private final SideThread digester;
    private final ModuleSet set = new ModuleSet();
    private final ModuleChanges changes;
    private final ModuleRoom room;
    private final ModuleOrders orders;
    private final ModulePolicy policy;
    private final CoreParts core;
    /** Sources in use that are gone, with who was said to use them. */
    private final Map<ModuleSource, String> leaving = new LinkedHashMap<>();
    /** Sources to be looked at again. */
    private final Set<ModuleSource> again = new LinkedHashSet<>();
    private Timer patience;
    /** Whether no process is started before all is known. */
    private boolean holding;

    /**
     * Does nothing yet.
     *
     * @param loop main's
     * @param sources where modules come from
     * @param facts finds out what there is to know of bundles that main runs
     * @param news speaks with the processes
     * @param journal takes what an administrator has to know
     */
    public Modules(EventLoop loop, Sources sources, ModuleFacts facts, ModuleNews news, ErrorLog journal) {
        this.loop = loop;
        this.directory = new ModulesDirectory(loop, sources.directory(), this::changed, journal);
        this.bundles = new ModuleBundles(sources.context(), sources.parts());
        this.foreign = new ForeignBundles(sources.context(), sources.core(), this::foreignChanged,
            this::touched);
        this.rollout = new ModuleRollout(news, facts, journal);
        this.journal = journal;
        this.policy = sources.policy();
        this.core = sources.parts();
        this.turns = new Turns(loop);
        this.worker = new SideThread(loop, "modules");
        this.digester = new SideThread(loop, "digests");
        this.changes = new ModuleChanges(set, bundles, facts, rollout, worker, sources.parts(), journal);
        this.room = new ModuleRoom(loop, set, rollout, ROOM_MILLIS);
        changes.whenReleased(room::released);
        this.orders = new ModuleOrders(new ModuleParts(loop, turns, worker, digester, set, changes, room, bundles,
            rollout, policy, new ModuleShelf(sources.storage(), journal), journal), this::restored);
        this.own = new TouchedBundles(turns, worker, set, bundles, orders, journal);
    }

    /**
     * Installs what there is and begins to watch.
     *
     * @param processes run as soon as processes can be started: at once, or, when newer parts of the server counted
     *     at its last end, as soon as those are there
     */
    public void begin(Runnable processes) {
        holding = orders.namesParts();
        if (!holding) {
            processes.run();
        }
        journal.info("discovery started");
        turns.add(() -> worker.blocking(() -> {
            bundles.clean();
            return 0;
        }));
        turns.add(orders::restore);
        try {
            List<Path> files = directory.begin();
            if (files.isEmpty()) {
                journal.notice("no modules matching: \"" + directory.path() + "/*.jar\" found");
            }
            files.forEach(file -> look(ModuleSource.file(file)));
        } catch (IOException e) {
            journal.alert("modules directory \"" + directory.path() + "\" (option \"--modulesdir\") cannot be read: "
                + (e.getCause() == null ? e : e.getMessage()));
        }
        foreign.open();
        // Behind those that are there already, which come through the loop: who needs one must not be started without.
        loop.execute(() -> turns.add(changes::complete).whenComplete((done, failure) -> {
            if (holding) {
                holding = false;
                processes.run();
            }
        }));
    }

    /** A process of a kind has ended before it was ready, which newer parts of the server may be the reason for. */
    public void partsFailed(String process) {
        turns.add(() -> changes.dropParts(process, orders::refused));
    }

    /** Takes orders of people. */
    public ModuleAdmin admin() {
        return orders;
    }

    /** The revision that counts, is about to, or is kept for processes that run with it. */
    public Optional<ModuleRevision> revision(int number) {
        return set.revision(number);
    }

    /** What counts now. */
    public List<ModuleRevision> current() {
        return set.current();
    }

    /** Tells a process that has just become ready everything; it waits for that. */
    public void tell(ProcessEntry entry) {
        if (!ModuleRollout.concerns(entry)) {
            return;
        }
        if (changes.isReplacing()) {
            // The change that has its turn waits for this process.
            rollout.tell(entry, current()).thenAccept(refused -> refused.values().stream().findFirst().ifPresent(
                reason -> core.refuse(entry.pid(), "it cannot use a module: " + reason)));
            return;
        }
        boolean only = ModuleRollout.isRouter(entry) && rollout.isOnlyRouter(entry);
        if (only) {
            // Only the router before it may have used them; a change may wait for this.
            set.retained().forEach(module -> changes.release(module.number()));
        }
        turns.add(() -> {
            if (only) {
                set.retained().forEach(module -> changes.release(module.number()));
                set.forgetEarly();
            }
            return changes.isComplete() ? rollout.tell(entry, current()).thenCompose(changes::drop)
                : ModuleRollout.done();
        });
    }

    /** A router has taken the place of another: what that one alone has used goes. */
    public void routerTaken() {
        turns.add(() -> {
            set.retained().forEach(module -> changes.release(module.number()));
            return ModuleRollout.done();
        });
    }

    /**
     * The router says that it does not use an installation any more.
     *
     * @throws PayloadException when it is malformed
     */
    public void released(Message message) {
        try {
            changes.release(Integer.parseInt(message.text()));
        } catch (NumberFormatException e) {
            throw new PayloadException("modules: malformed revision");
        }
    }

    // ---- what happens outside -----------------------------------------------

    private void changed(Set<Path> files) {
        for (Path file : files.stream().sorted().toList()) {
            if (Files.isRegularFile(file)) {
                look(ModuleSource.file(file));
            } else {
                // Some programs replace a file by deleting the old one first.
                loop.schedule(GRACE_MILLIS, () -> look(ModuleSource.file(file)));
            }
        }
    }

    /** From any thread. */
    private void foreignChanged(Bundle bundle) {
        loop.execute(() -> look(ModuleSource.bundle(bundle)));
    }

    private void touched(Bundle bundle) {
        own.touched(loop, bundle);
    }

    /** An order does not stand in the way of these any more. */
    private void restored(ModuleSource source) {
        look(source);
    }

    /** Makes what counts fit what there is at a source, when it is its turn. */
    private void look(ModuleSource source) {
        turns.add(() -> found(source));
    }

    private CompletionStage<Void> found(ModuleSource source) {
        set.unshadow(source);
        if (!source.exists()) {
            return gone(source);
        }
        leaving.remove(source);
        return worker.blocking(() -> source.read(bundles)).thenCompose(orders::comparable)
            .thenCompose(module -> arrived(source, module))
            .exceptionally(failure -> refused(source, failure));
    }

    private Void refused(ModuleSource source, Throwable failure) {
        if (worker.isClosed()) {
            // Nothing is wrong with a module that the end of the server has overtaken.
            return null;
        }
        ModuleException cause = ModuleException.of(failure);
        journal.alert("module " + source + " is not used: " + cause.getMessage()
            + set.at(source).map(old -> "; version " + old.version() + " stays in use").orElse(""));
        if (cause.kind() == ModuleException.Kind.BUSY) {
            again.add(source);
            lookAgain();
        }
        orders.refused(source, cause.getMessage());
        set.at(source).ifPresent(old -> own.hold(old, true));
        return null;
    }

    private CompletionStage<Void> arrived(ModuleSource source, ModuleRevision module) {
        if (module.part().isPresent() && !holding && !(changes.isComplete() && core.isReady())) {
            // The server has just started with its own, and cannot replace what does not serve yet.
            again.add(source);
            lookAgain();
            return changes.discard(module);
        }
        Optional<ModuleSource> rival = set.sourceOf(module.name());
        try {
            if (!orders.allows(source, module) || rival.isPresent() && !mayReplace(source, module, rival.get())) {
                return changes.discard(module);
            }
        } catch (ModuleException e) {
            changes.discard(module);
            throw e;
        }
        return worker.blocking(() -> {
            policy.check(module);
            return 0;
        }).thenCompose(good -> room.make(module.name())).handle((made, failure) -> {
            if (failure != null) {
                changes.discard(module);
                throw ModuleException.of(failure);
            }
            return made;
        }).thenCompose(made -> orders.preserve(rival)).thenCompose(before -> changes.take(source, module, rival)
            .thenCompose(taken -> orders.came(source, module, before)));
    }

    /** Whether a jar takes the place of the one that is installed under its name. */
    private boolean mayReplace(ModuleSource source, ModuleRevision module, ModuleSource other) {
        ModuleRevision rival = set.at(other).orElseThrow();
        boolean moved = !other.equals(source) && !other.exists();
        if ((moved || other.equals(source)) && module.digest().equals(rival.digest())) {
            if (moved) {
                set.remove(other);
                leaving.remove(other);
                set.install(source, rival);
            }
            return false;
        }
        if (!moved && !other.equals(source) && !module.isNewerThan(rival)) {
            set.shadow(source, module);
            throw new ModuleException("bundle " + module.name() + " " + rival.version() + " is installed already from "
                + other + ", and version " + module.version() + " is not newer");
        }
        return true;
    }

    // ---- removal ------------------------------------------------------------

    private CompletionStage<Void> gone(ModuleSource source) {
        Optional<ModuleRevision> there = set.at(source);
        if (there.isEmpty()) {
            leaving.remove(source);
            return ModuleRollout.done();
        }
        ModuleRevision module = there.get();
        return rollout.users(module).thenCompose(users -> {
            if (users.isEmpty()) {
                return stays(source, module, "", Optional.empty());
            }
            if (!users.get().isEmpty()) {
                return stays(source, module, users.get().stream().map(name -> '"' + name + '"')
                    .collect(Collectors.joining(", ")), Optional.empty());
            }
            return changes.withdraw(source, module).thenCompose(reason -> reason.isPresent()
                ? stays(source, module, "", reason) : removed(source, module));
        });
    }

    /** It is asked again after a while; said is only what is new. */
    private CompletionStage<Void> stays(ModuleSource source, ModuleRevision module, String users,
            Optional<String> reason) {
        String said = leaving.put(source, users + reason.orElse(""));
        boolean news = !(users + reason.orElse("")).equals(said);
        if (news && (!users.isEmpty() || reason.isPresent())) {
            journal.warn("module " + source + " is gone; bundle " + module.name() + " stays loaded "
                + reason.map(text -> "since the configuration does not work without it: " + text)
                .orElse("as long as the configuration uses it: " + users));
        }
        lookAgain();
        return own.hold(module, news);
    }

    private void lookAgain() {
        if (patience == null) {
            patience = loop.schedule(PATIENCE_MILLIS, () -> {
                patience = null;
                List.copyOf(leaving.keySet()).forEach(this::look);
                List.copyOf(again).forEach(this::look);
                again.clear();
            });
        }
    }

    private CompletionStage<Void> removed(ModuleSource source, ModuleRevision module) {
        leaving.remove(source);
        set.shadowed(module.name()).forEach(this::look);
        return orders.went(module);
    }

    /** Takes everything out of the framework again, and waits for it. */
    @Override
    public void close() {
        bundles.jars().end();
        directory.close();
        foreign.close();
        if (patience != null) {
            patience.cancel();
        }
        changes.close();
        worker.close();
        digester.close();
        // One that was on its way in counts nowhere yet.
        bundles.clean();
        bundles.jars().close();
    }
}
