// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.credential.Credential;
import io.margay.engine.EventLoop;
import io.margay.launcher.Launch;
import io.margay.launcher.RoleCommand;
import io.margay.port.NamedContents;
import io.margay.port.Rpc;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.process.ChildLauncher;
import io.margay.process.ControlSocket;
import io.margay.process.CoreSpawner;
import io.margay.process.Journal;
import io.margay.process.LiveLine;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessTable;
import io.margay.process.ProcessType;
import io.margay.process.QuitSequence;
import io.margay.process.Uplinks;
import io.margay.store.Revisions;
import io.margay.store.StateDirectory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Starts controller and router: JVMs that boot with the server's ids and give them up themselves before they are
 * ready.
 */
final class CoreProcesses {

    private static final int OWNER_ONLY = 0700;
    private static final String SIZE = "size";

    /** What it works with. */
    record Parts(Launch launch, ProcessTable table, ProcessEntry main, Uplinks uplinks, Optional<Credential> credential,
                 StateDirectory state, Revisions revisions, Optional<byte[]> policy, ControlSocket control,
                 String version, ChildLauncher launcher, EventLoop loop, Rpc rpc, Journal journal) {
    }

    private final Parts parts;
    private final CoreSpawner spawner;
    private final StartImport startImport;
    private Optional<byte[]> stored = Optional.empty();
    private int counter;

    CoreProcesses(Parts parts, QuitSequence quit) {
        this.parts = parts;
        this.startImport = new StartImport(parts.launch().commandLine().importDirectory(), parts.state(),
            parts.journal());
        LiveLine live = new LiveLine();
        quit.onExit(live::close);
        this.spawner = new CoreSpawner(parts.loop(), parts.table(), parts.main(), parts.launcher(),
            parts.uplinks()::open, live, parts.journal());
    }

    /** Starts the controller with the control socket and the stored configuration. */
    void startController() {
        parts.journal().info("controller started");
        Map<String, Fd> fds = new LinkedHashMap<>();
        fds.put("listen", parts.control().socket());
        stored = parts.state().configuration();
        Map<String, Integer> sizes = new LinkedHashMap<>();
        try {
            stored.ifPresent(json -> pass("conf", json, fds, sizes));
            parts.policy().ifPresent(json -> pass("policy", json, fds, sizes));
            startImport.memory().ifPresent(memory -> {
                fds.put("import", memory);
                sizes.put("import" + SIZE, (int) Files.status(memory.number()).size());
            });
            pass("certs", NamedContents.encode(parts.state().certificateFiles().all()), fds, sizes);
            pass("scripts", NamedContents.encode(parts.state().scriptFiles().all()), fds, sizes);
            Map<String, Object> init = new LinkedHashMap<>(sizes);
            stored.map(parts.revisions()::find).orElse(OptionalLong.empty())
                .ifPresent(number -> init.put("revision", number));
            spawn(ProcessType.CONTROLLER, fds, init);
        } finally {
            sizes.keySet().forEach(name -> fds.get(name.substring(0, name.length() - SIZE.length())).close());
        }
    }

    /** Sealed memory under a name, and its size under the same with "size" behind it; nothing for nothing. */
    private static void pass(String name, byte[] content, Map<String, Fd> fds, Map<String, Integer> sizes) {
        if (content.length > 0) {
            fds.put(name, Files.sealedMemory(name, content));
            sizes.put(name + SIZE, content.length);
        }
    }

    /** The control socket answers: what there was to import has been. */
    void serving() {
        startImport.done();
    }

    /** Starts the router. */
    void startRouter() {
        spawn(ProcessType.ROUTER, Map.of(), Map.of());
    }

    /**
     * The controller could not use the stored configuration: a copy is kept, since the next change replaces the file.
     */
    void storedWasRejected() {
        stored.flatMap(parts.state()::keepRejected).ifPresent(copy ->
            parts.journal().notice("the previous configuration is kept in \"" + copy + "\""));
        stored = Optional.empty();
    }

    private void spawn(ProcessType type, Map<String, Fd> fds, Map<String, ?> more) {
        Path directory = directory(type);
        RoleCommand command = parts.launch().command(type.word());
        Map<String, Object> init = new LinkedHashMap<>();
        init.put("pid", parts.main().pid());
        init.put("dir", directory.toString());
        init.put("tmpdir", parts.launch().commandLine().temporaryDirectory());
        init.put("version", parts.version());
        init.putAll(more);
        parts.credential().ifPresent(credential -> {
            init.put("user", credential.user());
            init.put("uid", credential.uid());
            init.put("gid", credential.gid());
            init.put("groups", credential.groups());
        });
        try {
            ProcessEntry entry = spawner.spawn(new CoreSpawner.Plan(type, command.executable(), command.argv(),
                environment(command), init, fds));
            entry.onExit(() -> parts.rpc().fail(entry.pid()));
            entry.onExit(() -> PrivateFiles.remove(directory));
            entry.onExit(() -> RoleCommand.forget(entry.pid()));
        } catch (RuntimeException e) {
            PrivateFiles.remove(directory);
            throw e;
        }
    }

    /**
     * The private directory of a child. It stays main's until the child has booted, which it does with the ids of main:
     * what writes there as root must not find links of another process with the child's later ids.
     */
    private Path directory(ProcessType type) {
        Path directory = parts.launch().directory().resolveSibling(type.word() + "-" + ++counter);
        try {
            Files.mkdir(directory.toString(), OWNER_ONLY);
        } catch (PosixException e) {
            PrivateFiles.remove(directory);
            throw e;
        }
        return directory;
    }

    private static Map<String, String> environment(RoleCommand command) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String line : command.environment("")) {
            int equals = line.indexOf('=');
            environment.put(line.substring(0, equals), line.substring(equals + 1));
        }
        environment.remove(RoleCommand.INIT);
        return environment;
    }
}
