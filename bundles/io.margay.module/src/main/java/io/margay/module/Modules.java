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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * The extension bundles of the server: those of the modules directory, and those that anybody else installs in main's
 * framework. Controller and router get the very bytes that main has looked at ({@code spec/processes.md §16}). On one
 * loop; what blocks is done beside it.
 *
 * <p>A jar that takes the place of another, by its name or as a newer version beside it, is an update: it is installed
 * beside the old one in every process that needs it; when all of them have it, it comes to count, and the old one goes
 * when the router has let go of it. One refusal takes everything back. A jar that is deleted goes as soon as nothing in
 * the configuration uses it.
 */
public final class Modules implements AutoCloseable {

    /** Time between two questions whether a deleted jar is still in use. */
    private static final long PATIENCE_MILLIS = 1000;

    /** Time for a deleted jar to come back, before it counts as deleted. */
    private static final long GRACE_MILLIS = 300;

    private final EventLoop loop;
    private final ModulesDirectory directory;
    private final ModuleBundles bundles;
    private final ForeignBundles foreign;
    private final ModuleFacts facts;
    private final ModuleRollout rollout;
    private final ErrorLog journal;
    private final Turns turns;
    private final SideThread worker;
    /** What counts, by where it comes from. */
    private final Map<ModuleSource, ModuleRevision> installed = new LinkedHashMap<>();
    /** Replaced and removed ones that the router may still use, by revision. */
    private final Map<Integer, ModuleRevision> retained = new LinkedHashMap<>();
    /** The one that the processes are being told of: they work with it before it counts here. */
    private Optional<ModuleRevision> coming = Optional.empty();
    /** Those that the router has let go of while they still count. */
    private final Set<Integer> early = new HashSet<>();
    /** Sources that are no newer than another one of their bundle, with its name. */
    private final Map<ModuleSource, String> shadowed = new LinkedHashMap<>();
    /** Sources in use that are gone, with who was said to use them. */
    private final Map<ModuleSource, String> leaving = new LinkedHashMap<>();
    private Timer patience;
    private boolean complete;

    /**
     * Does nothing yet.
     *
     * @param loop main's
     * @param path the modules directory
     * @param context of main's framework
     * @param core which of its bundles the other processes have from their start
     * @param facts finds out what there is to know of bundles that main runs
     * @param news speaks with the processes
     * @param journal takes what an administrator has to know
     */
    public Modules(EventLoop loop, Path path, BundleContext context, Predicate<Bundle> core, ModuleFacts facts,
            ModuleNews news, ErrorLog journal) {
        this.loop = loop;
        this.directory = new ModulesDirectory(loop, path, this::changed, journal);
        this.bundles = new ModuleBundles(context);
        this.foreign = new ForeignBundles(context, core, this::foreignChanged);
        this.facts = facts;
        this.rollout = new ModuleRollout(news, facts, journal);
        this.journal = journal;
        this.turns = new Turns(loop);
        this.worker = new SideThread(loop);
    }

    /** Installs what there is and begins to watch. */
    public void begin() {
        journal.info("discovery started");
        turns.add(() -> worker.blocking(() -> {
            bundles.clean();
            return 0;
        }));
        try {
            List<Path> files = directory.begin();
            if (files.isEmpty()) {
                journal.notice("no modules matching: \"" + directory.path() + "/*.jar\" found");
            }
            files.forEach(file -> turns.add(() -> look(ModuleSource.file(file))));
        } catch (IOException e) {
            journal.alert("modules directory \"" + directory.path() + "\" (option \"--modulesdir\") cannot be read: "
                + (e.getCause() == null ? e : e.getMessage()));
        }
        foreign.open();
        turns.add(() -> {
            complete = true;
            return rollout.first(current()).thenCompose(this::drop);
        });
    }

    /** The revision that counts, is about to, or is kept for processes that run with it. */
    public Optional<ModuleRevision> revision(int number) {
        return Stream.concat(coming.stream(), Stream.concat(retained.values().stream(), installed.values().stream()))
            .filter(module -> module.number() == number).findFirst();
    }

    /** What counts now. */
    public List<ModuleRevision> current() {
        return List.copyOf(installed.values());
    }

    /** Tells a process that has just become ready everything; it waits for that. */
    public void tell(ProcessEntry entry) {
        if (!ModuleRollout.concerns(entry)) {
            return;
        }
        turns.add(() -> {
            if (ModuleRollout.isRouter(entry)) {
                // Only the router before it may have used them.
                List.copyOf(retained.keySet()).forEach(this::release);
                early.clear();
            }
            return complete ? rollout.tell(entry, current()).thenCompose(this::drop) : ModuleRollout.done();
        });
    }

    /**
     * The router says that it does not use an installation any more.
     *
     * @throws PayloadException when it is malformed
     */
    public void released(Message message) {
        try {
            release(Integer.parseInt(message.text()));
        } catch (NumberFormatException e) {
            throw new PayloadException("modules: malformed revision");
        }
    }

    private void release(int revision) {
        ModuleRevision module = retained.remove(revision);
        if (module != null) {
            uninstall(module);
        } else if (revision(revision).isPresent()) {
            // The controller still has to agree to its going.
            early.add(revision);
        }
    }

    /** One that does not count any more goes when the router has let go of it. */
    private void retain(ModuleRevision module) {
        if (complete && rollout.routerIsThere() && !early.remove(module.number())) {
            retained.put(module.number(), module);
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
    }

    // ---- what happens outside -----------------------------------------------

    private void changed(Set<Path> files) {
        for (Path file : files.stream().sorted().toList()) {
            if (Files.isRegularFile(file)) {
                turns.add(() -> look(ModuleSource.file(file)));
            } else {
                // Some programs replace a file by deleting the old one first.
                loop.schedule(GRACE_MILLIS, () -> turns.add(() -> look(ModuleSource.file(file))));
            }
        }
    }

    /** From any thread. */
    private void foreignChanged(Bundle bundle) {
        loop.execute(() -> turns.add(() -> look(ModuleSource.bundle(bundle))));
    }

    /** Makes what counts fit what there is at a source. */
    private CompletionStage<Void> look(ModuleSource source) {
        shadowed.remove(source);
        if (!source.exists()) {
            return gone(source);
        }
        leaving.remove(source);
        return worker.blocking(() -> source.read(bundles)).thenCompose(module -> arrived(source, module))
            .exceptionally(failure -> refused(source, failure));
    }

    private Void refused(ModuleSource source, Throwable failure) {
        Throwable cause = failure.getCause() != null && !(failure instanceof ModuleException) ? failure.getCause()
            : failure;
        ModuleRevision old = installed.get(source);
        String reason = cause instanceof ModuleException ? cause.getMessage() : ModuleBundles.reason(cause);
        journal.alert("module " + source + " is not used: " + reason
            + (old == null ? "" : "; version " + old.version() + " stays in use"));
        return null;
    }

    // ---- install and update -----------------------------------------------

    private CompletionStage<Void> arrived(ModuleSource source, ModuleRevision module) {
        Optional<ModuleSource> rival = sourceOf(module.name());
        try {
            if (rival.isPresent() && !mayReplace(source, module, rival.get())) {
                return discard(module);
            }
        } catch (ModuleException e) {
            discard(module);
            throw e;
        }
        Optional<ModuleRevision> before = rival.map(installed::get);
        return worker.blocking(() -> {
            bundles.start(module);
            return 0;
        }).thenCompose(started -> facts.examine(source.toString(), module, before))
            .thenCompose(examined -> {
                coming = Optional.of(module);
                return complete ? rollout.introduce(module, before, current()) : ModuleRollout.done();
            })
            .handle((introduced, failure) -> {
                coming = Optional.empty();
                if (failure != null) {
                    before.ifPresent(old -> early.remove(old.number()));
                    discard(module);
                    throw failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
                }
                rival.ifPresent(other -> replaced(source, module, other));
                installed.put(source, module);
                facts.inForce(current());
                if (complete && module.isOf("process")) {
                    journal.notice("module " + source
                        + ": its kind of process counts with the next start of the server");
                }
                return null;
            });
    }

    /** Without a word: whoever refuses it says why. */
    private CompletionStage<Void> discard(ModuleRevision module) {
        facts.forget(module);
        return worker.blocking(() -> {
            bundles.uninstall(module);
            return null;
        });
    }

    private void replaced(ModuleSource source, ModuleRevision module, ModuleSource other) {
        ModuleRevision old = installed.remove(other);
        leaving.remove(other);
        retain(old);
        if (!other.equals(source) && other.exists()) {
            shadowed.put(other, old.name());
        }
        journal.notice("module " + source + ": bundle " + module.name() + " " + module.version()
            + " takes the place of version " + old.version());
    }

    private Optional<ModuleSource> sourceOf(String name) {
        return installed.entrySet().stream().filter(entry -> entry.getValue().name().equals(name))
            .map(Map.Entry::getKey).findFirst();
    }

    /** Whether a jar takes the place of the one that is installed under its name. */
    private boolean mayReplace(ModuleSource source, ModuleRevision module, ModuleSource other) {
        ModuleRevision rival = installed.get(other);
        boolean moved = !other.equals(source) && !other.exists();
        if ((moved || other.equals(source)) && module.digest().equals(rival.digest())) {
            if (moved) {
                installed.remove(other);
                leaving.remove(other);
                installed.put(source, rival);
            }
            return false;
        }
        if (!moved && !other.equals(source) && !module.isNewerThan(rival)) {
            shadowed.put(source, module.name());
            throw new ModuleException("bundle " + module.name() + " " + rival.version() + " is installed already from "
                + other + ", and version " + module.version() + " is not newer");
        }
        return true;
    }

    /** A process cannot use some of what counts: then nobody does. */
    private CompletionStage<Void> drop(Map<ModuleRevision, String> refused) {
        if (refused.isEmpty()) {
            return ModuleRollout.done();
        }
        refused.forEach((module, reason) -> installed.entrySet().stream()
            .filter(entry -> entry.getValue() == module).findFirst().ifPresent(entry -> {
                installed.remove(entry.getKey());
                journal.alert("module " + entry.getKey() + " is not used: " + reason);
                uninstall(module);
            }));
        facts.inForce(current());
        return rollout.settle(current());
    }

    // ---- removal ------------------------------------------------------------

    private CompletionStage<Void> gone(ModuleSource source) {
        ModuleRevision module = installed.get(source);
        if (module == null) {
            return ModuleRollout.done();
        }
        return rollout.users(module).thenCompose(users -> {
            if (users.isEmpty()) {
                return stays(source, module, "", Optional.empty());
            }
            if (!users.get().isEmpty()) {
                return stays(source, module, users.get().stream().map(name -> '"' + name + '"')
                    .collect(Collectors.joining(", ")), Optional.empty());
            }
            List<ModuleRevision> rest = new ArrayList<>(current());
            rest.remove(module);
            return rollout.withdraw(module, rest, current()).thenCompose(reason -> reason.isPresent()
                ? stays(source, module, "", reason) : removed(source, module));
        });
    }

    /** It is asked again after a while; said is only what is new. */
    private CompletionStage<Void> stays(ModuleSource source, ModuleRevision module, String users,
            Optional<String> reason) {
        String said = leaving.put(source, users + reason.orElse(""));
        if (!(users + reason.orElse("")).equals(said) && (!users.isEmpty() || reason.isPresent())) {
            journal.warn("module " + source + " is gone; bundle " + module.name() + " stays loaded "
                + reason.map(text -> "since the configuration does not work without it: " + text)
                .orElse("as long as the configuration uses it: " + users));
        }
        if (patience == null) {
            patience = loop.schedule(PATIENCE_MILLIS, () -> {
                patience = null;
                List.copyOf(leaving.keySet()).forEach(each -> turns.add(() -> look(each)));
            });
        }
        return ModuleRollout.done();
    }

    private CompletionStage<Void> removed(ModuleSource source, ModuleRevision module) {
        journal.notice("module " + source + " is gone and not in use: no more "
            + module.extensions().stream().map(Extension::reader).collect(Collectors.joining(", ")));
        installed.remove(source);
        facts.inForce(current());
        leaving.remove(source);
        retain(module);
        shadowed.entrySet().stream().filter(entry -> entry.getValue().equals(module.name())).map(Map.Entry::getKey)
            .toList().forEach(other -> turns.add(() -> look(other)));
        return ModuleRollout.done();
    }

    /** Takes everything out of the framework again, and waits for it. */
    @Override
    public void close() {
        directory.close();
        foreign.close();
        if (patience != null) {
            patience.cancel();
        }
        Stream.concat(installed.values().stream(), retained.values().stream()).toList().forEach(this::uninstall);
        installed.clear();
        retained.clear();
        worker.close();
        // One that was on its way in counts nowhere yet.
        bundles.jars().close();
    }
}
