// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.credential.Credential;
import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.NamedContents;
import io.margay.port.Ports;
import io.margay.port.Rpc;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.process.ChildLauncher;
import io.margay.process.CoreSpawner;
import io.margay.process.LiveLine;
import io.margay.process.Prestarted;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessTable;
import io.margay.process.ProcessType;
import io.margay.process.QuitSequence;
import io.margay.process.Uplinks;
import io.margay.store.Revisions;
import io.margay.store.StateDirectory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Starts controller, router and what bundles add to them: JVMs that boot with the server's ids and give them up
 * themselves before they are ready.
 */
final class CoreProcesses {

    private static final int OWNER_ONLY = 0700;
    /** Far more than can live at once. */
    private static final int GENERATIONS = 128;
    private static final String SIZE = "size";
    /** Those that main itself needs, and so knows. */
    private static final Set<String> OWN = Set.of("main", "controller", "router");

    /**
     * What it works with.
     *
     * @param fresh whether children must not have been started ahead, since they would have main's capabilities
     * @param parts newer jars of a kind of process
     */
    record Parts(ProcessContext context, Ports ports, ProcessTable table, ProcessEntry main, Uplinks uplinks,
                 Optional<Credential> credential, StateDirectory state, Revisions revisions, Optional<byte[]> policy,
                 ControlSocket control, String version, ChildLauncher launcher, EventLoop loop, Rpc rpc,
                 boolean fresh, Function<String, List<Path>> parts, StartLines lines, ErrorLog journal) {
    }

    private final Parts parts;
    private final CoreSpawner spawner;
    private final StartImport startImport;
    private Optional<byte[]> stored = Optional.empty();
    private boolean restores;
    private int counter;
    private int generation;

    CoreProcesses(Parts parts, QuitSequence quit) {
        this.parts = parts;
        this.startImport = new StartImport(parts.context().options().importDirectory(), parts.state(),
            parts.journal());
        LiveLine live = new LiveLine();
        quit.onExit(live::close);
        this.spawner = new CoreSpawner(parts.ports(), parts.loop(), parts.table(), parts.main(), parts.launcher(),
            parts.uplinks()::open, live, parts.journal());
    }

    /**
     * What the state directory holds for a controller.
     *
     * @param configuration the stored one, if there is one
     * @param revision its number, if it has one
     * @param certificates all of them, as {@link NamedContents} encodes them
     * @param scripts the same of scripts
     */
    record Stored(Optional<byte[]> configuration, OptionalLong revision, byte[] certificates, byte[] scripts) {
    }

    /** Reads the state directory, which may wait for the disk; on the thread that has it at the moment. */
    Stored read() {
        Optional<byte[]> configuration = parts.state().configuration();
        return new Stored(configuration,
            configuration.map(parts.revisions()::find).orElse(OptionalLong.empty()),
            NamedContents.encode(parts.state().certificateFiles().all()),
            NamedContents.encode(parts.state().scriptFiles().all()));
    }

    /** Starts the controller with the control socket and what is stored. */
    void startController(Stored content) {
        parts.lines().info("controller started");
        Map<String, Fd> fds = new LinkedHashMap<>();
        fds.put("listen", parts.control().socket());
        stored = content.configuration();
        Map<String, Integer> sizes = new LinkedHashMap<>();
        try {
            stored.ifPresent(json -> pass("conf", json, fds, sizes));
            parts.policy().ifPresent(json -> pass("policy", json, fds, sizes));
            startImport.memory().ifPresent(memory -> {
                fds.put("import", memory);
                sizes.put("import" + SIZE, (int) Files.status(memory.number()).size());
            });
            restores = fds.containsKey("conf") || fds.containsKey("import");
            pass("certs", content.certificates(), fds, sizes);
            pass("scripts", content.scripts(), fds, sizes);
            ConfObject.Builder init = ConfObject.builder();
            sizes.forEach((name, size) -> init.put(name, (long) size));
            content.revision().ifPresent(number -> init.put("revision", number));
            spawn("controller", fds, init.build());
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

    /** Whether the controller has a configuration to bring into force, for which it needs the router. */
    boolean restores() {
        return restores;
    }

    /** The control socket answers: what there was to import has been. */
    void serving() {
        startImport.done();
    }

    /** The kinds that bundles add: of each there is always one process, a JVM of ours. */
    List<String> added() {
        return parts.table().kinds().all().stream().filter(type -> type.restartable() && type.feature().isPresent())
            .map(ProcessType::word).filter(kind -> !OWN.contains(kind)).toList();
    }

    /** Starts a process of a kind that needs nothing but the start data that all get. */
    void start(String kind) {
        spawn(kind, Map.of(), ConfObject.EMPTY);
    }

    /**
     * Starts a router.
     *
     * @param before the routers that it finds, whose counts go on with it
     */
    ProcessEntry startRouter(List<ProcessEntry> before) {
        Path bodies = new BodyFolders(Path.of(parts.context().options().temporaryDirectory()), parts.main().pid())
            .make(parts.credential());
        try {
            ProcessEntry entry = spawn("router", Map.of(),
                ConfObject.builder().put("tmpdir", bodies.toString()).put("generation", generation).put("before",
                    new ConfArray(before.stream().map(each -> Conf.of(each.pid())).map(Conf.class::cast).toList()))
                    .build());
            generation = (generation + 1) % GENERATIONS;
            entry.onExit(() -> PrivateFiles.remove(bodies));
            return entry;
        } catch (RuntimeException e) {
            PrivateFiles.remove(bodies);
            throw e;
        }
    }

    /**
     * The controller could not use the stored configuration: a copy is kept, since the next change replaces the file.
     */
    void storedWasRejected() {
        stored.flatMap(parts.state()::keepRejected).ifPresent(copy ->
            parts.journal().notice("the previous configuration is kept in \"" + copy + "\""));
        stored = Optional.empty();
    }

    private ProcessEntry spawn(String kind, Map<String, Fd> fds, ConfObject more) {
        Optional<Prestarted> ahead = parts.context().prestarted(kind);
        if (parts.fresh() && ahead.isPresent()) {
            discard(ahead.get());
            PrivateFiles.remove(ahead.get().directory());
            ahead = Optional.empty();
        }
        Path directory = ahead.map(Prestarted::directory).orElseGet(() -> directory(kind));
        ProcessType type = parts.table().kinds().get(kind);
        ProcessContext.ChildCommand command = parts.context().command(type, parts.parts().apply(kind));
        ConfObject.Builder init = ConfObject.builder();
        init.put("pid", parts.main().pid());
        init.put("dir", directory.toString());
        init.put("version", parts.version());
        more.members().forEach(init::put);
        parts.credential().ifPresent(credential -> {
            init.put("user", credential.user());
            init.put("uid", credential.uid());
            init.put("gid", credential.gid());
            init.put("groups", new ConfArray(IntStream.of(credential.groups())
                .mapToObj(group -> (Conf) new ConfNumber(Integer.toString(group))).toList()));
        });
        try {
            CoreSpawner.Plan plan = new CoreSpawner.Plan(type, command.executable(), command.argv(),
                command.environment(), init.build(), fds);
            ProcessEntry entry = start(ahead, plan);
            entry.onExit(() -> parts.rpc().fail(entry.pid()));
            entry.onExit(() -> PrivateFiles.remove(directory));
            entry.onExit(() -> parts.context().forget(entry.pid()));
            return entry;
        } catch (RuntimeException e) {
            PrivateFiles.remove(directory);
            throw e;
        }
    }

    /** A child that was started ahead and has died since is replaced. */
    private ProcessEntry start(Optional<Prestarted> ahead, CoreSpawner.Plan plan) {
        if (ahead.isPresent()) {
            try {
                return spawner.take(ahead.get(), plan);
            } catch (RuntimeException e) {
                parts.journal().warn("the " + plan.type() + " that was started ahead cannot be used: "
                    + e.getMessage());
                discard(ahead.get());
            }
        }
        return spawner.spawn(plan);
    }

    /** Starts a JVM that the next start of its kind takes; empty where that cannot be. */
    Optional<Prestarted> startAhead(String kind) {
        return parts.fresh() ? Optional.empty() : parts.context().startAhead(kind, parts.parts().apply(kind));
    }

    /** Ends the one that was started ahead and that nobody has taken. */
    void discardAhead(String kind) {
        parts.context().prestarted(kind).ifPresent(child -> {
            discard(child);
            PrivateFiles.remove(child.directory());
        });
    }

    private void discard(Prestarted child) {
        child.line().close();
        Kills.kill(child.pid(), parts.journal());
        Processes.waitFor(child.pid());
    }

    /**
     * The private directory of a child. It stays main's until the child has booted, which it does with the ids of main:
     * what writes there as root must not find links of another process with the child's later ids.
     */
    private Path directory(String kind) {
        Path directory = parts.context().directory().resolveSibling(kind + "-" + ++counter);
        try {
            Files.mkdir(directory.toString(), OWNER_ONLY);
            if (parts.fresh()) {
                parts.credential().ifPresent(account -> Files.chown(directory.toString(), account.uid(),
                    account.gid()));
            }
        } catch (PosixException e) {
            PrivateFiles.remove(directory);
            throw e;
        }
        return directory;
    }
}
