// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.discovery.Discovery;
import io.margay.engine.EventLoop;
import io.margay.lang.InstalledModule;
import io.margay.lang.LanguageModule;
import io.margay.lang.ModuleCatalogue;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.Rpc;
import io.margay.port.RpcFailure;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.process.Journal;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessState;
import io.margay.process.ProcessTable;
import io.margay.process.ProcessType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The language modules of the server: bundles of the modules directory, what they find on this machine, and the news
 * of both to controller and router, who get the very bytes that main has installed ({@code spec/processes.md §16}).
 * One loop.
 */
final class Modules {

    private static final long LOOK_MILLIS = 500;
    private static final long ANSWER_MILLIS = 20_000;

    private final EventLoop loop;
    private final int self;
    private final ModulesDirectory directory;
    private final ModuleBundles bundles;
    private final Discovery discovery;
    private final Rpc rpc;
    private final ProcessTable table;
    private final Journal journal;
    private final Map<Path, ModuleBundle> installed = new LinkedHashMap<>();
    private final Map<Path, List<InstalledModule>> found = new LinkedHashMap<>();
    private ModuleCatalogue catalogue = ModuleCatalogue.of(List.of());
    private int probing;
    private boolean complete;

    Modules(EventLoop loop, int self, Path path, ModuleBundles bundles, Discovery discovery, Rpc rpc,
        ProcessTable table,
            Journal journal) {
        this.loop = loop;
        this.self = self;
        this.directory = new ModulesDirectory(path);
        this.bundles = bundles;
        this.discovery = discovery;
        this.rpc = rpc;
        this.table = table;
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

    /** The language of a type word; empty when its bundle is not here. */
    Optional<LanguageModule> language(String word) {
        return installed.values().stream().map(ModuleBundle::language).filter(language ->
            language.type().equals(word)).findFirst();
    }

    /** Tells a process that has just become ready everything. */
    void tell(ProcessEntry entry) {
        if (!complete || entry.type() != ProcessType.CONTROLLER && entry.type() != ProcessType.ROUTER) {
            return;
        }
        for (ModuleBundle bundle : installed.values()) {
            send(entry, bundle);
        }
        sendCatalogue(entry);
    }

    private void look() {
        ModulesDirectory.Changes changes = directory.look();
        for (Path file : changes.removed()) {
            if (installed.containsKey(file)) {
                journal.notice("module file \"" + file
                    + "\" is gone; the module stays in use until the server is started again");
            }
        }
        for (Path file : changes.changed()) {
            if (installed.containsKey(file)) {
                journal.notice("module file \"" + file
                    + "\" has changed; the new one is used when the server is started again");
            } else {
                add(file);
            }
        }
        changes.added().stream().filter(file -> !installed.containsKey(file)).forEach(this::add);
        loop.schedule(LOOK_MILLIS, this::look);
    }

    private void add(Path file) {
        ModuleBundle bundle;
        try {
            bundle = bundles.install(file, List.copyOf(installed.values()));
        } catch (ModuleException e) {
            journal.alert("module \"" + file + "\" is not used: " + e.getMessage());
            return;
        }
        installed.put(file, bundle);
        probing++;
        discovery.probe(bundle.language()).whenComplete((modules, failure) -> loop.execute(() -> {
            probing--;
            if (failure != null) {
                journal.alert("module \"" + file + "\": discovery failed: " + failure.getMessage());
            } else {
                take(file, bundle, modules);
            }
            if (probing == 0) {
                publish();
            }
        }));
    }

    private void take(Path file, ModuleBundle bundle, List<InstalledModule> modules) {
        List<InstalledModule> fresh = new ArrayList<>();
        for (InstalledModule module : modules) {
            Optional<InstalledModule> same = catalogue.modules().stream()
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
        found.put(file, fresh);
        catalogue = ModuleCatalogue.of(found.values().stream().flatMap(List::stream).toList());
    }

    private void publish() {
        complete = true;
        // The controller applies its configuration again at this news, so the router has to know it by then.
        for (ProcessType type : List.of(ProcessType.ROUTER, ProcessType.CONTROLLER)) {
            table.all(type).stream().filter(entry -> entry.state() == ProcessState.READY).forEach(this::tell);
        }
    }

    private void send(ProcessEntry entry, ModuleBundle bundle) {
        try {
            send(entry, ConfObject.builder().put("bundle", bundle.name()).put("version", bundle.version())
                .put("size", bundle.jar().length).build(), Files.sealedMemory("module", bundle.jar()));
        } catch (PosixException e) {
            journal.alert("module " + bundle.name() + " cannot be passed to the " + entry.name() + ": "
                + e.getMessage());
        }
    }

    private void sendCatalogue(ProcessEntry entry) {
        ConfArray list = catalogue.toConf();
        send(entry, ConfObject.builder().put("complete", true).put("catalogue", list).build());
    }

    private void send(ProcessEntry entry, ConfObject news, Fd... jar) {
        Optional<Peer> peer = table.peer(entry);
        if (peer.isEmpty()) {
            for (Fd fd : jar) {
                fd.close();
            }
            return;
        }
        int stream = rpc.register(answer -> { }, failure -> {
            // A process that is gone is told everything when it is there again.
            if (failure.kind() != RpcFailure.Kind.PEER_GONE) {
                journal.alert("the " + entry.name() + " has not taken module news " + failure.kind() + ": "
                    + failure.text());
            }
        }, ANSWER_MILLIS, entry.pid());
        try {
            Peer.Sent sent = LargePayload.send(peer.get(), Header.last(MessageType.MODULES, stream, self), "modules",
                ConfWriter.compact(news), jar);
            if (sent == Peer.Sent.DROPPED) {
                rpc.failStream(stream);
            }
        } catch (PosixException e) {
            rpc.forget(stream);
            journal.alert("module news cannot be passed to the " + entry.name() + ": " + e.getMessage());
        }
    }
}
