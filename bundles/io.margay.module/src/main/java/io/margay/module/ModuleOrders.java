// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.conf.ConfObject;
import io.margay.posix.Fd;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Orders of people about modules, and what was decided by them: that comes before what lies in the modules directory,
 * also after a restart. On main's loop, except for the two methods of the service.
 */
final class ModuleOrders implements ModuleAdmin {

    /** Jars that are on the disk: the one that comes and the one that goes. */
    private record Kept(ModuleLock.Jar jar, Optional<ModuleLock.Jar> before) {
    }

    private final ModuleParts parts;
    private final Consumer<ModuleSource> restored;
    private final Map<ModuleSource, String> problems = new LinkedHashMap<>();
    private ModuleLock lock = ModuleLock.EMPTY;

    /**
     * Nothing was decided yet.
     *
     * @param restored told sources which no order stands in the way of any more
     */
    ModuleOrders(ModuleParts parts, Consumer<ModuleSource> restored) {
        this.parts = parts;
        this.restored = restored;
    }

    // ---- the start -----------------------------------------------------------

    /** Whether newer parts of the server counted when this was written last. Reads the disk. */
    boolean namesParts() {
        return parts.shelf().namesParts();
    }

    /** Installs what orders have brought before. */
    CompletionStage<Void> restore() {
        return parts.worker().blocking(() -> {
            ModuleLock read = parts.shelf().read();
            parts.shelf().sweep(read);
            return read;
        }).thenCompose(read -> {
            lock = read;
            return restoreNext(List.copyOf(read.entries().values()).iterator());
        });
    }

    private CompletionStage<Void> restoreNext(Iterator<ModuleLock.Entry> entries) {
        while (entries.hasNext()) {
            ModuleLock.Entry entry = entries.next();
            if (entry.isStored()) {
                ModuleLock.Jar jar = entry.jar().orElseThrow();
                ModuleSource source = source(jar);
                return installed(jar).thenCompose(module -> parts.changes().take(source, module, Optional.empty()))
                    .handle((taken, failure) -> {
                        if (failure != null) {
                            String reason = ModuleException.of(failure).getMessage();
                            parts.journal().alert("module " + source + " is not used: " + reason);
                            problems.put(source, reason);
                        }
                        return taken;
                    }).thenCompose(next -> restoreNext(entries));
            }
        }
        return ModuleRollout.done();
    }

    private ModuleSource source(ModuleLock.Jar jar) {
        return ModuleSource.stored(parts.shelf().path(jar));
    }

    private CompletionStage<ModuleRevision> installed(ModuleLock.Jar jar) {
        return parts.worker().blocking(() -> parts.bundles().install(
            parts.shelf().load(jar, parts.bundles().jars()), "", parts.policy()));
    }

    // ---- what comes by itself --------------------------------------------------

    /**
     * Whether a bundle of the modules directory or the framework may come in spite of what was decided.
     *
     * @throws ModuleException when an administrator should know that it may not
     */
    boolean allows(ModuleSource source, ModuleRevision module) {
        Optional<ModuleLock.Entry> entry = lock.entry(module.name());
        boolean known = entry.isPresent() && (entry.get().over().contains(module.digest())
            || entry.get().isStored() && entry.get().jar().get().digest().equals(module.digest()));
        if (known) {
            parts.set().shadow(source, module);
            parts.journal().info("module " + source + " is left as it was decided: " + entry.get().jar().map(jar ->
                "version " + jar.version() + " is in use").orElse("it was removed"));
            return false;
        }
        if (entry.filter(ModuleLock.Entry::pinned).isPresent()) {
            parts.set().shadow(source, module);
            throw new ModuleException(ModuleException.Kind.CONFLICT, "bundle " + module.name()
                + " is pinned to version " + entry.get().jar().map(ModuleLock.Jar::version).orElse("none"));
        }
        return true;
    }

    /** Completes with one that is coming when it can be compared with what it may stand against. */
    CompletionStage<ModuleRevision> comparable(ModuleRevision module) {
        return lock.entries().isEmpty() && parts.set().sourceOf(module.name()).isEmpty() && module.part().isEmpty()
            ? CompletableFuture.completedFuture(module) : parts.digested(module).thenApply(known -> module);
    }

    /** A jar is not used. */
    void refused(ModuleSource source, String reason) {
        problems.keySet().removeIf(known -> !known.exists());
        problems.put(source, reason);
    }

    /** The jar of what is about to be replaced, on the disk, so that there is a way back. */
    CompletionStage<Optional<ModuleLock.Jar>> preserve(Optional<ModuleSource> rival) {
        Optional<ModuleRevision> before = rival.flatMap(parts.set()::at)
            .filter(module -> parts.changes().isComplete() && !module.isForeign());
        return before.isEmpty() ? CompletableFuture.completedFuture(Optional.empty())
            : parts.worker().blocking(() -> Optional.of(parts.shelf().keep(before.get()))).exceptionally(failure -> {
                parts.journal().warn("there will be no way back to bundle " + before.get().name() + " "
                    + before.get().version() + ": " + ModuleException.of(failure).getMessage());
                return Optional.empty();
            });
    }

    /** One has come by itself: what was decided before is over. */
    CompletionStage<Void> came(ModuleSource source, ModuleRevision module, Optional<ModuleLock.Jar> before) {
        problems.keySet().removeIf(known -> known.equals(source) || !known.exists());
        Optional<ModuleLock.Entry> entry = lock.entry(module.name());
        boolean known = entry.flatMap(ModuleLock.Entry::jar)
            .filter(jar -> jar.equals(ModuleLock.Jar.of(module))).isPresent();
        // The next start has to know of a part of the server before it starts processes.
        if (before.isEmpty() && (entry.isEmpty() && module.part().isEmpty() || known)) {
            // The same as at the last start: the way back stays, and nothing has to be written.
            return ModuleRollout.done();
        }
        return written(lock.with(module.name(), new ModuleLock.Entry(Optional.of(ModuleLock.Jar.of(module)), before,
            false, Set.of())));
    }

    /** One has gone by itself. */
    CompletionStage<Void> went(ModuleRevision module) {
        return lock.entry(module.name()).isEmpty() ? ModuleRollout.done() : written(lock.without(module.name()));
    }

    private CompletionStage<Void> written(ModuleLock next) {
        return write(next).exceptionally(failure -> {
            parts.journal().alert(ModuleException.of(failure).getMessage());
            return null;
        });
    }

    /** The file names all that counts, also what nothing was decided about. */
    private CompletionStage<Void> write(ModuleLock next) {
        ModuleLock whole = next;
        for (ModuleRevision module : parts.set().current()) {
            if (whole.entry(module.name()).isEmpty() && !module.isForeign()) {
                whole = whole.with(module.name(), new ModuleLock.Entry(Optional.of(ModuleLock.Jar.of(module)),
                    Optional.empty(), false, Set.of()));
            }
        }
        lock = whole;
        ModuleLock written = whole;
        return parts.worker().blocking(() -> {
            parts.shelf().write(written);
            return null;
        });
    }

    // ---- orders ---------------------------------------------------------------

    @Override
    public CompletionStage<ConfObject> list() {
        return order(ModuleOrder.of(ModuleOrder.Verb.LIST, "", ""), Optional.empty());
    }

    @Override
    public CompletionStage<ConfObject> order(ModuleOrder order, Optional<Fd> jar) {
        CompletableFuture<ConfObject> result = new CompletableFuture<>();
        if (order.verb() != ModuleOrder.Verb.PUT) {
            jar.ifPresent(Fd::close);
        }
        parts.loop().execute(() -> {
            if (order.verb() == ModuleOrder.Verb.LIST) {
                parts.digested().thenApply(known -> ModuleText.all(parts.set(), lock, problems)).whenComplete(
                    (text, failure) -> ModuleException.pass(text, failure, result));
                return;
            }
            parts.turns().add(() -> parts.digested().thenCompose(known -> done(order, jar)))
                .whenComplete((name, failure) -> tell(order, name, failure, result));
        });
        return result;
    }

    private void tell(ModuleOrder order, String name, Throwable failure, CompletableFuture<ConfObject> result) {
        if (failure != null) {
            parts.journal().warn("order of " + order.who() + " about module \"" + order.name() + "\": "
                + ModuleException.of(failure).getMessage());
            result.completeExceptionally(ModuleException.of(failure));
        } else {
            parts.journal().notice("order of " + order.who() + " about module \"" + name + "\" is done: "
                + order.verb().name().toLowerCase(Locale.ROOT));
            result.complete(ModuleText.all(parts.set(), lock, problems).object(name).orElse(ConfObject.EMPTY));
        }
    }

    private CompletionStage<String> done(ModuleOrder order, Optional<Fd> jar) {
        return switch (order.verb()) {
            case PUT -> parts.worker().blocking(() -> parts.bundles().install(parts.bundles().jars().keep(
                jar.orElseThrow(() -> new ModuleException("there is no jar"))), order.name(), parts.policy()))
                .thenCompose(module ->
                put(order, module).thenApply(done -> module.name()));
            case REMOVE -> remove(order).thenApply(done -> order.name());
            case ROLLBACK -> (isFirstOfPart(order.name()) ? remove(order) : rollback(order))
                .thenApply(done -> order.name());
            case PIN -> pin(order).thenApply(done -> order.name());
            case UNPIN -> unpin(order).thenApply(done -> order.name());
            case LIST -> CompletableFuture.failedFuture(new ModuleException("nothing is to be done"));
        };
    }

    /** What stands in the way of any change by an order. */
    private void check(ModuleOrder order, String name) {
        Optional<ModuleRevision> present = parts.set().named(name);
        if (order.match().isPresent() && !order.match().equals(present.map(ModuleRevision::digest))) {
            throw new ModuleException(ModuleException.Kind.CONFLICT, "module \"" + name + "\" has changed meanwhile: "
                + present.map(module -> "its SHA-256 is " + module.digest()).orElse("there is none"));
        }
        if (present.filter(ModuleRevision::isForeign).isPresent()) {
            throw new ModuleException(ModuleException.Kind.CONFLICT, "bundle " + name + " was installed in the "
                + "framework of main by somebody else, who has to change it");
        }
        if (lock.entry(name).filter(ModuleLock.Entry::pinned).isPresent()) {
            throw new ModuleException(ModuleException.Kind.CONFLICT, "bundle " + name + " is pinned");
        }
    }

    private CompletionStage<Void> put(ModuleOrder order, ModuleRevision module) {
        String name = module.name();
        Optional<ModuleSource> rival = parts.set().sourceOf(name);
        Optional<ModuleRevision> before = rival.flatMap(parts.set()::at);
        try {
            check(order, name);
        } catch (ModuleException e) {
            return refuse(module, e);
        }
        if (before.filter(present -> present.digest().equals(module.digest())).isPresent()) {
            return parts.changes().discard(module);
        }
        return parts.room().make(name).thenCompose(room -> kept(module, before)).handle((kept, failure) ->
            failure == null ? come(module, rival, kept)
            : this.<Void>refuse(module, ModuleException.of(failure)))
            .thenCompose(stage -> stage);
    }

    private <T> CompletionStage<T> refuse(ModuleRevision module, ModuleException reason) {
        return parts.changes().discard(module).thenCompose(done -> CompletableFuture.failedFuture(reason));
    }

    private CompletionStage<Kept> kept(ModuleRevision module, Optional<ModuleRevision> before) {
        return parts.worker().blocking(() -> new Kept(keep(module), before.map(this::keep)));
    }

    /** On the disk; blocks. */
    private ModuleLock.Jar keep(ModuleRevision module) {
        try {
            return parts.shelf().keep(module);
        } catch (ModuleException e) {
            throw new ModuleException(ModuleException.Kind.FAILED, e.getMessage());
        }
    }

    private CompletionStage<Void> come(ModuleRevision module, Optional<ModuleSource> rival, Kept kept) {
        Set<String> over = over(module.name());
        return parts.changes().take(source(kept.jar()), module, rival).handle((taken, failure) -> {
            if (failure != null) {
                ModuleLock unchanged = lock;
                parts.worker().execute(() -> parts.shelf().sweep(unchanged));
                throw ModuleException.of(failure);
            }
            problems.remove(source(kept.jar()));
            return taken;
        }).thenCompose(taken -> decided(module.name(), new ModuleLock.Entry(Optional.of(kept.jar()), kept.before(),
            false, over)));
    }

    /** Digests of the jars of a bundle that lie in the modules directory now. */
    private Set<String> over(String name) {
        Set<String> over = new LinkedHashSet<>(parts.set().shadowedDigests(name));
        parts.set().sourceOf(name).filter(ModuleSource::isFile).flatMap(parts.set()::at)
            .ifPresent(module -> over.add(module.digest()));
        return over;
    }

    private CompletionStage<Void> decided(String name, ModuleLock.Entry entry) {
        return write(lock.with(name, entry)).exceptionally(failure -> {
            throw new ModuleException(ModuleException.Kind.FAILED, "it is done, but not for the next start: "
                + ModuleException.of(failure).getMessage());
        });
    }

    private ModuleRevision present(String name) {
        return parts.set().named(name).orElseThrow(() -> new ModuleException(ModuleException.Kind.MISSING,
            "there is no module \"" + name + "\""));
    }

    private CompletionStage<Void> remove(ModuleOrder order) {
        ModuleRevision module = present(order.name());
        check(order, order.name());
        ModuleSource source = parts.set().sourceOf(module).orElseThrow();
        Set<String> over = over(order.name());
        return parts.rollout().users(module, order.force()).thenCompose(users -> {
            if (users.isEmpty()) {
                throw new ModuleException(ModuleException.Kind.BUSY, "nobody knows who uses it: the controller does "
                    + "not answer");
            }
            if (!users.get().isEmpty()) {
                throw new ModuleException(ModuleException.Kind.USED, "it is used by \"" + String.join("\", \"",
                    users.get()) + '"');
            }
            return kept(module, Optional.empty());
        }).thenCompose(kept -> parts.changes().withdraw(source, module).thenCompose(reason -> {
            if (reason.isPresent()) {
                throw new ModuleException(ModuleException.Kind.USED, "the configuration does not work without it: "
                    + reason.get());
            }
            if (source.isFile() && source.exists()) {
                parts.set().shadow(source, module);
            }
            return decided(order.name(), new ModuleLock.Entry(Optional.empty(), Optional.of(kept.jar()), false, over));
        }));
    }

    /** Before the first newer jar of a part of the server there was the server's own. */
    private boolean isFirstOfPart(String name) {
        return parts.set().named(name).flatMap(ModuleRevision::part).isPresent()
            && lock.entry(name).flatMap(ModuleLock.Entry::previous).isEmpty();
    }

    private CompletionStage<Void> rollback(ModuleOrder order) {
        String name = order.name();
        ModuleLock.Jar jar = lock.entry(name).flatMap(ModuleLock.Entry::previous).orElseThrow(() ->
            new ModuleException(ModuleException.Kind.MISSING, "there is no version of \"" + name
                + "\" to go back to"));
        check(order, name);
        Optional<ModuleSource> rival = parts.set().sourceOf(name);
        Optional<ModuleRevision> present = rival.flatMap(parts.set()::at);
        Set<String> over = over(name);
        CompletionStage<Optional<ModuleLock.Jar>> saved = parts.worker().blocking(() -> present.map(this::keep));
        return saved.thenCompose(now -> back(jar, name, rival).thenCompose(taken ->
            decided(name, new ModuleLock.Entry(Optional.of(jar), now, false, over))));
    }

    /** The router may have let go of it until this very moment. */
    private CompletionStage<Void> back(ModuleLock.Jar jar, String name, Optional<ModuleSource> rival) {
        Optional<ModuleRevision> parked = parts.set().retained(name, jar.digest());
        return parked.isPresent() ? parts.changes().takeBack(source(jar), parked.get(), rival)
            : parts.room().make(name).thenCompose(room -> installed(jar)).thenCompose(module ->
                parts.changes().take(source(jar), module, rival));
    }

    private CompletionStage<Void> pin(ModuleOrder order) {
        ModuleRevision module = present(order.name());
        check(order, order.name());
        ModuleSource source = parts.set().sourceOf(module).orElseThrow();
        Set<String> over = over(order.name());
        return kept(module, Optional.empty()).thenCompose(kept -> {
            if (source.isFile()) {
                parts.set().remove(source);
                parts.set().install(source(kept.jar()), module);
                parts.set().shadow(source, module);
            }
            return decided(order.name(), new ModuleLock.Entry(Optional.of(kept.jar()),
                lock.entry(order.name()).flatMap(ModuleLock.Entry::previous), true, over));
        });
    }

    private CompletionStage<Void> unpin(ModuleOrder order) {
        ModuleLock.Entry entry = lock.entry(order.name()).filter(ModuleLock.Entry::pinned).orElseThrow(() ->
            new ModuleException(ModuleException.Kind.MISSING, "module \"" + order.name() + "\" is not pinned"));
        return decided(order.name(), entry.pinned(false)).thenApply(done -> {
            parts.set().shadowed(order.name()).forEach(restored);
            return done;
        });
    }
}
