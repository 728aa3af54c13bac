// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.discovery.Discovery;
import io.margay.engine.EventLoop;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.ModuleCatalogue;
import io.margay.port.Message;
import io.margay.port.PayloadException;
import io.margay.process.Journal;
import io.margay.process.ProcessEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The language modules of the server: bundles of the modules directory, what they find on this machine, and the news
 * of both to controller and router, who get the very bytes that main has installed ({@code spec/processes.md §16}).
 * One loop.
 *
 * <p>A jar that takes the place of another, by its name or as a newer version beside it, is an update: it is installed
 * beside the old one, the router moves the applications over, and the old one goes when the router has let go of it. A
 * jar that is deleted goes as soon as no application is of its type.
 */
final class Modules {

    private static final long LOOK_MILLIS = 500;
    /** Looks between two questions whether a deleted jar is still in use. */
    private static final int PATIENCE = 10;

    private final EventLoop loop;
    private final ModulesDirectory directory;
    private final ModuleBundles bundles;
    private final Discovery discovery;
    private final ModuleNews news;
    private final Journal journal;
    private final Map<Path, ModuleBundle> installed = new LinkedHashMap<>();
    private final Map<Path, List<InstalledModule>> found = new LinkedHashMap<>();
    /** Replaced and removed ones that the router may still use, by revision. */
    private final Map<Integer, ModuleBundle> retained = new HashMap<>();
    /** Files that are no newer than another one of their bundle, by file. */
    private final Map<Path, String> shadowed = new LinkedHashMap<>();
    /** Files in use that were deleted, with who was said to use them. */
    private final Map<Path, String> deleted = new LinkedHashMap<>();
    /** Bundles that are looked at now, and files of them that wait until that is done. */
    private final Set<String> busy = new HashSet<>();
    private final List<Path> waiting = new ArrayList<>();
    private ModuleCatalogue catalogue = ModuleCatalogue.of(List.of());
    private int probing;
    private int looks;
    private boolean complete;

    Modules(EventLoop loop, Path path, ModuleBundles bundles, Discovery discovery, ModuleNews news, Journal journal) {
        this.loop = loop;
        this.directory = new ModulesDirectory(path);
        this.bundles = bundles;
        this.discovery = discovery;
        this.news = news;
        this.journal = journal;
    }

    /** Installs what lies in the directory and begins to watch it. */
    void begin() {
        journal.info("discovery started");
        try {
            List<Path> files = directory.first();
            if (files.isEmpty()) {
                journal.notice("no modules matching: \"" + directory.path() + "/*.jar\" found");
            }
            files.forEach(this::add);
        } catch (IOException e) {
            journal.alert("modules directory \"" + directory.path() + "\" (option \"--modulesdir\") cannot be read: "
                + e);
        }
        if (probing == 0) {
            publish();
        }
        loop.schedule(LOOK_MILLIS, this::look);
    }

    /** What is installed on this machine. */
    ModuleCatalogue catalogue() {
        return catalogue;
    }

    /**
     * The language of a type word; empty when its bundle is not here.
     *
     * @param revision the installation that the router works with; when that is unknown, the present one counts
     */
    Optional<Language> language(String word, int revision) {
        return Stream.concat(Stream.concat(retained.values().stream(), installed.values().stream())
                .filter(bundle -> bundle.revision() == revision), installed.values().stream())
            .map(ModuleBundle::language).filter(language -> language.type().equals(word)).findFirst();
    }

    /** Tells a process that has just become ready everything. */
    void tell(ProcessEntry entry) {
        if (entry.is("router")) {
            // Only the router before it may have used them.
            List.copyOf(retained.keySet()).forEach(this::release);
        }
        if (complete && (entry.is("controller") || entry.is("router"))) {
            news.tell(entry, installed.values(), catalogue);
        }
    }

    /**
     * The router says that it does not use an installation any more.
     *
     * @throws PayloadException when it is malformed
     */
    void released(Message message) {
        try {
            release(Integer.parseInt(message.text()));
        } catch (NumberFormatException e) {
            throw new PayloadException("modules: malformed revision");
        }
    }

    private void release(int revision) {
        ModuleBundle bundle = retained.remove(revision);
        if (bundle != null) {
            uninstall(bundle);
        }
    }

    private void uninstall(ModuleBundle bundle) {
        try {
            bundles.uninstall(bundle);
            journal.info("bundle " + bundle.name() + " " + bundle.version() + " is uninstalled");
        } catch (ModuleException e) {
            journal.alert("bundle " + bundle.name() + " " + bundle.version() + " cannot be uninstalled: "
                + e.getMessage());
        }
    }

    private void look() {
        // One update after the other: what is being probed now is not yet what others are compared with.
        if (probing == 0) {
            ModulesDirectory.Changes changes = directory.look();
            for (Path file : changes.removed()) {
                shadowed.remove(file);
                if (installed.containsKey(file)) {
                    deleted.putIfAbsent(file, "");
                }
            }
            changes.changed().forEach(this::add);
            changes.added().forEach(this::add);
            deleted.keySet().removeIf(file -> !installed.containsKey(file) || Files.exists(file));
            if (probing == 0 && (!changes.isEmpty() || ++looks % PATIENCE == 0)) {
                List.copyOf(deleted.keySet()).forEach(this::ask);
            }
        }
        loop.schedule(LOOK_MILLIS, this::look);
    }

    // ---- install and update -----------------------------------------------

    private void add(Path file) {
        ModuleBundle bundle;
        shadowed.remove(file);
        try {
            ModuleJar jar = ModuleJar.read(file);
            if (busy.contains(jar.name())) {
                waiting.add(file);
                return;
            }
            Optional<Path> rival = fileOf(jar.name());
            if (rival.isPresent() && !mayReplace(file, jar, rival.get())) {
                return;
            }
            bundle = bundles.install(jar);
            if (rival.isEmpty()) {
                installed.put(file, bundle);
            }
        } catch (ModuleException e) {
            ModuleBundle old = installed.get(file);
            journal.alert("module \"" + file + "\" is not used: " + e.getMessage()
                + (old == null ? "" : "; version " + old.version() + " stays in use"));
            return;
        }
        probing++;
        busy.add(bundle.name());
        discovery.probe(bundle.language()).whenComplete((modules, failure) -> loop.execute(() -> {
            probing--;
            busy.remove(bundle.name());
            if (failure != null) {
                give(file, bundle, "discovery failed: " + failure.getMessage());
            } else {
                take(file, bundle, modules);
            }
            List<Path> next = List.copyOf(waiting);
            waiting.clear();
            next.forEach(this::add);
            if (probing == 0) {
                publish();
            }
        }));
    }

    private Optional<Path> fileOf(String name) {
        return installed.entrySet().stream().filter(entry -> entry.getValue().name().equals(name))
            .map(Map.Entry::getKey).findFirst();
    }

    /** Whether a jar takes the place of the one that is installed under its name. */
    private boolean mayReplace(Path file, ModuleJar jar, Path other) throws ModuleException {
        ModuleBundle rival = installed.get(other);
        boolean moved = !other.equals(file) && !Files.exists(other);
        if ((moved || other.equals(file)) && jar.sameAs(rival.jar())) {
            if (moved) {
                installed.remove(other);
                installed.put(file, rival);
                found.put(file, found.getOrDefault(other, List.of()));
                found.remove(other);
            }
            return false;
        }
        if (!moved && !other.equals(file) && !jar.isNewerThan(rival.jar())) {
            shadowed.put(file, jar.name());
            throw new ModuleException("bundle " + jar.name() + " " + rival.version() + " is installed already from \""
                + other + "\", and version " + jar.version() + " is not newer");
        }
        return true;
    }

    /** An installed bundle is of no use: the one before it stays, if there is one. */
    private void give(Path file, ModuleBundle bundle, String reason) {
        Optional<Path> rival = fileOf(bundle.name()).filter(other -> installed.get(other) != bundle);
        if (rival.isEmpty()) {
            journal.alert("module \"" + file + "\": " + reason);
            return;
        }
        journal.alert("module \"" + file + "\" is not used: " + reason + "; version "
            + installed.get(rival.get()).version() + " stays in use");
        uninstall(bundle);
    }

    private void take(Path file, ModuleBundle bundle, List<InstalledModule> modules) {
        Optional<Path> rival = fileOf(bundle.name()).filter(other -> installed.get(other) != bundle);
        if (rival.isPresent()) {
            Path other = rival.get();
            if (modules.isEmpty() && !found.getOrDefault(other, List.of()).isEmpty()) {
                give(file, bundle, "it finds no " + bundle.language().type() + " on this machine");
                return;
            }
            ModuleBundle old = installed.remove(other);
            found.remove(other);
            retained.put(old.revision(), old);
            installed.put(file, bundle);
            if (!other.equals(file) && Files.exists(other)) {
                shadowed.put(other, old.name());
            }
            journal.notice("module \"" + file + "\": bundle " + bundle.name() + " " + bundle.version()
                + " takes the place of version " + old.version());
        }
        found.put(file, fresh(file, bundle, modules));
        renew();
    }

    private List<InstalledModule> fresh(Path file, ModuleBundle bundle, List<InstalledModule> modules) {
        List<InstalledModule> fresh = new ArrayList<>();
        for (InstalledModule module : modules) {
            Optional<InstalledModule> same = found.values().stream().flatMap(List::stream)
                .filter(known -> known.type().equals(module.type())
                    && known.version().equals(module.version())).findFirst();
            if (same.isPresent()) {
                journal.notice("ignoring " + module.file() + " module with the same application language version "
                    + module.type() + " " + module.version() + " as in " + same.get().file());
            } else {
                fresh.add(module);
                journal.notice("module: " + module.type() + " " + module.version() + " \"" + module.file() + "\"");
            }
        }
        if (fresh.isEmpty()) {
            journal.notice("module \"" + file + "\": no " + bundle.language().type() + " is installed on this machine");
        }
        return fresh;
    }

    private void renew() {
        catalogue = ModuleCatalogue.of(found.values().stream().flatMap(List::stream).toList());
    }

    private void publish() {
        complete = true;
        news.publish(installed.values(), catalogue);
    }

    // ---- removal ------------------------------------------------------------

    private void ask(Path file) {
        ModuleBundle bundle = installed.get(file);
        news.users(bundle.language().type(), names -> names.ifPresent(users -> {
            if (installed.get(file) != bundle || !deleted.containsKey(file) || Files.exists(file)) {
                return;
            }
            if (users.isEmpty()) {
                remove(file, bundle);
                return;
            }
            String text = users.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
            if (!text.equals(deleted.put(file, text))) {
                journal.warn("module file \"" + file + "\" is gone; bundle " + bundle.name()
                    + " stays loaded as long as applications use it: " + text);
            }
        }));
    }

    private void remove(Path file, ModuleBundle bundle) {
        journal.notice("module file \"" + file + "\" is gone and not in use: " + bundle.language().type()
            + " is no type any more");
        installed.remove(file);
        found.remove(file);
        deleted.remove(file);
        retained.put(bundle.revision(), bundle);
        renew();
        List<Path> others = shadowed.entrySet().stream().filter(entry -> entry.getValue().equals(bundle.name()))
            .map(Map.Entry::getKey).toList();
        others.forEach(this::add);
        if (probing == 0) {
            publish();
        }
    }
}
