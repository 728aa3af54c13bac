// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One change of what counts, whoever wants it: a bundle comes, takes the place of another, or goes, in all processes or
 * in none. On main's loop, one change at a time.
 */
final class ModuleChanges {

    private final ModuleSet set;
    private final ModuleBundles bundles;
    private final ModuleFacts facts;
    private final ModuleRollout rollout;
    private final SideThread worker;
    private final CoreParts core;
    private final ErrorLog journal;
    private Consumer<String> released = name -> { };
    private boolean complete;
    private boolean replacing;

    ModuleChanges(ModuleSet set, ModuleBundles bundles, ModuleFacts facts, ModuleRollout rollout, SideThread worker,
            CoreParts core, ErrorLog journal) {
        this.set = set;
        this.bundles = bundles;
        this.facts = facts;
        this.rollout = rollout;
        this.worker = worker;
        this.core = core;
        this.journal = journal;
    }

    /** Told the name of a bundle of which an installation has gone. */
    void whenReleased(Consumer<String> action) {
        released = action;
    }

    /** The processes are told of each change from now on. */
    CompletionStage<Void> complete() {
        complete = true;
        return replace(set.current(), Set.of()).thenCompose(noted -> rollout.first(set.current()))
            .thenCompose(this::drop);
    }

    /** Whether a change waits for a process that takes another's place: that one has to be told without its turn. */
    boolean isReplacing() {
        return replacing;
    }

    private CompletionStage<Void> replace(List<ModuleRevision> next, Set<String> processes) {
        replacing = true;
        return core.use(next.stream().filter(module -> module.part().isPresent()).toList(), processes)
            .whenComplete((done, failure) -> replacing = false);
    }

    boolean isComplete() {
        return complete;
    }

    // ---- install and update -----------------------------------------------

    /**
     * Makes a new installation count.
     *
     * @param source where it comes from
     * @param rival where that comes from whose place it takes
     * @return fails with the reason; then it is uninstalled, and everything as before
     */
    CompletionStage<Void> take(ModuleSource source, ModuleRevision module, Optional<ModuleSource> rival) {
        Optional<ModuleRevision> before = rival.flatMap(set::at);
        return worker.blocking(() -> {
            bundles.start(module);
            return 0;
        }).thenCompose(started -> facts.examine(source.toString(), module, before))
            .thenCompose(examined -> introduce(module, before))
            .handle((introduced, failure) -> {
                set.coming(Optional.empty());
                if (failure != null) {
                    facts.inForce(set.current());
                    before.ifPresent(old -> set.takeEarly(old.number()));
                    discard(module);
                    throw failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
                }
                counts(source, module, rival);
                return null;
            });
    }

    /**
     * Makes one count again that was replaced or removed and is kept: it runs here, and perhaps in the router.
     *
     * @return fails with the reason; then it is kept as before
     */
    CompletionStage<Void> takeBack(ModuleSource source, ModuleRevision module, Optional<ModuleSource> rival) {
        Optional<ModuleRevision> before = rival.flatMap(set::at);
        set.release(module.number());
        return introduce(module, before).handle((introduced, failure) -> {
            set.coming(Optional.empty());
            if (failure != null) {
                facts.inForce(set.current());
                before.ifPresent(old -> set.takeEarly(old.number()));
                retain(module);
                throw failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
            }
            // The router may have let go of it before it was offered it again.
            set.takeEarly(module.number());
            counts(source, module, rival);
            return null;
        });
    }

    private CompletionStage<Void> introduce(ModuleRevision module, Optional<ModuleRevision> before) {
        set.coming(Optional.of(module));
        if (!complete) {
            return ModuleRollout.done();
        }
        if (module.part().isEmpty()) {
            // The router has workers started with it before it counts.
            List<ModuleRevision> both = new ArrayList<>(set.current());
            both.add(module);
            facts.inForce(both);
            return rollout.introduce(module, before, set.current());
        }
        List<ModuleRevision> next = new ArrayList<>(set.current());
        before.ifPresent(next::remove);
        next.add(module);
        return replace(next, module.part().get().processes());
    }

    private void counts(ModuleSource source, ModuleRevision module, Optional<ModuleSource> rival) {
        rival.ifPresent(other -> replaced(source, module, other));
        set.install(source, module);
        facts.inForce(set.current());
        if (complete && module.isOf("process")) {
            journal.notice("module " + source + ": its kind of process counts with the next start of the server");
        }
    }

    private void replaced(ModuleSource source, ModuleRevision module, ModuleSource other) {
        ModuleRevision old = set.at(other).orElseThrow();
        set.remove(other);
        retain(old);
        // A jar that is kept for a rollback counts by an order only, never by itself.
        if (!other.equals(source) && !other.isStored() && other.exists()) {
            set.shadow(other, old);
        }
        journal.notice("module " + source + ": bundle " + module.name() + " " + module.version()
            + " takes the place of version " + old.version());
    }

    /** Without a word: whoever refuses it says why. */
    CompletionStage<Void> discard(ModuleRevision module) {
        facts.forget(module);
        return worker.blocking(() -> {
            bundles.uninstall(module);
            return null;
        });
    }

    // ---- removal ------------------------------------------------------------

    /**
     * Takes one out of service that nothing in the configuration uses.
     *
     * @return completes with the reason why it has to stay
     */
    CompletionStage<Optional<String>> withdraw(ModuleSource source, ModuleRevision module) {
        List<ModuleRevision> rest = new ArrayList<>(set.current());
        rest.remove(module);
        return withdrawn(module, rest).thenApply(reason -> {
            if (reason.isEmpty()) {
                journal.notice(module.part().isPresent() ? "module " + source + " is gone: the server has its own "
                    + module.name() + " again" : "module " + source + " is gone and not in use: no more "
                    + module.extensions().stream().map(Extension::reader).collect(Collectors.joining(", ")));
                set.remove(source);
                facts.inForce(set.current());
                retain(module);
            }
            return reason;
        });
    }

    private CompletionStage<Optional<String>> withdrawn(ModuleRevision module, List<ModuleRevision> rest) {
        return module.part().isEmpty() ? rollout.withdraw(module, rest, set.current())
            : replace(rest, module.part().get().processes()).handle((done, failure) ->
                Optional.ofNullable(failure).map(reason -> ModuleException.of(reason).getMessage()));
    }

    /**
     * Processes do not get ready with the newer parts that they have: they are started without, and those parts count
     * no more.
     */
    CompletionStage<Void> dropParts(String process, BiConsumer<ModuleSource, String> told) {
        Set<String> others = new TreeSet<>();
        for (ModuleRevision module : set.current()) {
            Set<String> processes = module.part().map(CoreParts.Part::processes).orElse(Set.of());
            if (processes.contains(process)) {
                ModuleSource source = set.sourceOf(module).orElseThrow();
                String reason = "the " + process + " did not get ready with it";
                journal.alert("module " + source + " is not used: " + reason);
                set.remove(source);
                told.accept(source, reason);
                uninstall(module);
                others.addAll(processes);
            }
        }
        others.remove(process);
        return replace(set.current(), core.isReady() ? others : Set.of()).exceptionally(failure -> {
            journal.alert("a process goes on with parts that count no more: "
                + ModuleException.of(failure).getMessage());
            return null;
        });
    }

    /** A process cannot use some of what counts: then nobody does. */
    CompletionStage<Void> drop(Map<ModuleRevision, String> refused) {
        if (refused.isEmpty()) {
            return ModuleRollout.done();
        }
        refused.forEach((module, reason) -> set.sourceOf(module).ifPresent(source -> {
            set.remove(source);
            journal.alert("module " + source + " is not used: " + reason);
            uninstall(module);
        }));
        facts.inForce(set.current());
        return rollout.settle(set.current());
    }

    // ---- the end of an installation -----------------------------------------

    /** The router does not use an installation any more. */
    void release(int revision) {
        Optional<ModuleRevision> module = set.release(revision);
        if (module.isPresent()) {
            uninstall(module.get());
        } else if (set.revision(revision).isPresent()) {
            // The controller still has to agree to its going.
            set.early(revision);
        }
    }

    /** One that does not count any more goes when the router has let go of it, if that ever had it. */
    private void retain(ModuleRevision module) {
        if (complete && rollout.routerHas(module) && !set.takeEarly(module.number())) {
            set.retain(module);
        } else {
            uninstall(module);
        }
    }

    private void uninstall(ModuleRevision module) {
        facts.forget(module);
        worker.execute(() -> {
            try {
                bundles.uninstall(module);
                journal.info("bundle " + module.name() + " " + module.version() + " is uninstalled");
            } catch (ModuleException e) {
                journal.alert("bundle " + module.name() + " " + module.version() + " cannot be uninstalled: "
                    + e.getMessage());
            }
        });
        released.accept(module.name());
    }

    /** Everything goes. */
    void close() {
        Stream.concat(set.current().stream(), set.retained().stream()).forEach(this::uninstall);
        set.clear();
    }
}
