// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.engine.EventLoops;
import io.margay.isolation.Account;
import io.margay.isolation.IsolationException;
import io.margay.isolation.Runner;
import io.margay.isolation.Server;
import io.margay.isolation.Severity;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.RequestEncoder;
import io.margay.port.Dispatcher;
import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.NewPort;
import io.margay.port.Peer;
import io.margay.port.Ports;
import io.margay.port.Quit;
import io.margay.port.ReceiveBuffer;
import io.margay.port.StartProcess;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Processes;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.margay.process.Announcer;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessTable;
import io.margay.process.Quitter;
import io.margay.process.Reaper;
import io.margay.process.Uplinks;
import io.margay.testing.Kinds;
import io.margay.testing.Lines;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Main without the rest: real processes, a router whose messages the test reads, languages that the test writes. */
final class Stage implements AutoCloseable {

    static final int ROUTER = 1_000_000_000;
    static final int SECONDS = 20;
    static final List<String> NAMES = List.of("request", "slots", "router");
    private static final int REAP_MILLIS = 10;

    final Lines lines = new Lines();
    final List<String> debug = new CopyOnWriteArrayList<>();
    final EventLoops loops = EventLoops.create("test", 1, failure -> lines.alert("loop " + failure));
    final int self = Processes.pid();
    final ProcessTable table = new ProcessTable(Kinds.stock(), "main", lines);
    final ProcessEntry main = table.add(self, "main", "", Optional.empty());
    final Uplinks uplinks;
    final Prototypes prototypes;
    private Optional<Preparations> preparations = Optional.empty();
    private final Fd[] router = Sockets.seqpacketPair();
    private final Reaper reaper;

    Stage(List<String> argv) {
        this(new TestLanguage(argv));
    }

    Stage(Language language) {
        main.ready();
        Announcer announcer = new Announcer(self, table, lines);
        reaper = new Reaper(loops.loop(0), self, table, announcer, new Quitter(self, table),
            Reaper.Calls.kernel(loops.loop(0)), lines);
        Dispatcher dispatcher = new Dispatcher(table, lines);
        uplinks = new Uplinks(Ports.standalone(), loops.loop(0), new ReceiveBuffer(), dispatcher, lines);
        Languages languages = new Languages() {
            @Override
            public Optional<InstalledModule> module(String type) {
                return type.equals("cobol") ? Optional.empty()
                    : Optional.of(new InstalledModule(type, "1", "/bin/sh", List.of()));
            }

            @Override
            public Optional<Language> language(String word, int revision) {
                return word.equals("fortran") ? Optional.empty() : Optional.of(language);
            }
        };
        Host host = new Host(Server.current("nobody", "", false), Stage::account, Map.of("FROM", "host"), "1.35.0",
            Host.OUTPUT_RATE, 2);
        prototypes = new Prototypes(Ports.standalone(), loops.loop(0), main, table, reaper, uplinks,
            new Runner(Path.of(System.getProperty("java.io.tmpdir"))), languages, host, lines, debug::add)
            .whenServing(announcer::announce);
        dispatcher.onAny(MessageType.PROCESS_CREATED, prototypes::created)
            .on(MessageType.PROCESS_READY, message -> {
                ProcessEntry entry = table.find(message.senderPid()).orElseThrow();
                entry.ready();
                announcer.announce(entry);
                prototypes.ready(entry);
            });
        call(() -> {
            ProcessEntry entry = table.add(ROUTER, "router", "", Optional.empty());
            entry.ready();
            table.addPort(entry, 0, Optional.of(new Peer(loops.loop(0), router[1], lines, (gone, reason) -> { })));
            tick();
            return 0;
        });
    }

    /** Prepares in a directory, until the stage is struck. */
    void prepareIn(Path directory) {
        Preparations made = new Preparations(loops.loop(0), new Runner(Path.of(System.getProperty("java.io.tmpdir"))),
            reaper, Optional.empty(), directory, lines);
        preparations = Optional.of(made);
        prototypes.preparedBy(made);
    }

    private static Account account(String user, String group) {
        if (user.equals("noone")) {
            throw new IsolationException(Severity.ALERT, "getpwnam(\"noone\") failed, user not found");
        }
        return new Account(user, 65_534, 65_534, new int[] {65_534});
    }

    /** No SIGCHLD in a test JVM: it asks now and then. */
    private void tick() {
        reaper.reap();
        loops.loop(0).schedule(REAP_MILLIS, this::tick);
    }

    <T> T call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loops.loop(0).execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception | AssertionError e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    /** START_PROCESS of the router with so many descriptors. */
    int start(int stream, byte[] payload, int count) {
        int[] fds = new int[count];
        for (int i = 0; i < count; i++) {
            fds[i] = Files.memfd("fd" + i, 0).release();
        }
        return start(stream, payload, fds);
    }

    /** START_PROCESS of the router with these descriptors, which are closed. */
    int start(int stream, byte[] payload, int[] fds) {
        return start(stream, payload, fds, () -> { });
    }

    /** The same, and the router is gone before anything else can happen. */
    void startForNobody(int stream, byte[] payload) {
        start(stream, payload, new int[0], () -> table.remove(table.find(ROUTER).orElseThrow()));
    }

    private int start(int stream, byte[] payload, int[] fds, Runnable then) {
        return call(() -> {
            try (Message message = new Message(Header.last(MessageType.START_PROCESS, stream, ROUTER),
                ByteBuffer.wrap(payload), ROUTER, 0, 0, fds)) {
                prototypes.start(message);
            }
            then.run();
            return 0;
        });
    }

    int start(int stream, String conf) {
        return start(stream, request("blog", conf), 3);
    }

    /** The payload of a start with three descriptors. */
    static byte[] request(String name, String conf) {
        return new StartProcess(name, 0, NAMES, conf.getBytes(StandardCharsets.UTF_8)).encode();
    }

    void created(int stream, int pid) {
        call(() -> {
            prototypes.created(new Message(Header.last(MessageType.PROCESS_CREATED, stream, 0), ByteBuffer.allocate(0),
                pid, 0, 0));
            return 0;
        });
    }

    /** The next message of the router, as text. */
    String routerHears(String reason) {
        return hear(router[0].number(), reason);
    }

    String hear(int fd, String reason) {
        if (Descriptors.poll(fd, Descriptors.POLLIN, SECONDS * 1000) == 0) {
            throw new AssertionError("no message in time: " + reason + "; log " + lines.all);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(65_536);
            Received received = Sockets.receive(fd, memory);
            ByteBuffer bytes = ByteBuffer.wrap(memory.asSlice(0, received.length()).toArray(ValueLayout.JAVA_BYTE));
            Header header = Header.decode(bytes);
            try (Message message = new Message(header, bytes, received.pid(), 0, 0, received.fds())) {
                String rest = switch (message.type()) {
                    case MessageType.NEW_PORT -> "type " + NewPort.decode(message).processType() + " fds "
                        + message.fdCount();
                    case MessageType.RPC_READY -> message.bytes().length + " bytes";
                    case MessageType.REMOVE_PID -> "";
                    default -> message.text();
                };
                return MessageType.name(message.type()) + " " + message.stream() + " " + rest;
            }
        }
    }

    boolean routerHearsNothing() {
        return Descriptors.poll(router[0].number(), Descriptors.POLLIN, 0) == 0;
    }

    private List<ProcessEntry> children() {
        return table.all().stream().filter(entry -> entry.type().ofApplication()).toList();
    }

    Optional<ProcessEntry> worker() {
        return call(() -> table.all("app").stream().findFirst());
    }

    Optional<ProcessEntry> prototype() {
        return call(() -> table.all("prototype").stream().findFirst());
    }

    List<ProcessEntry> workers() {
        return call(() -> table.all("app"));
    }

    /** The router says that it has no process of the generation any more. */
    void endGeneration(int generation) {
        call(() -> {
            prototypes.endGeneration(table.find(ROUTER).orElseThrow(), generation);
            return 0;
        });
    }

    void quitPrototype() {
        call(() -> table.peer(table.all("prototype").getFirst()).orElseThrow()
            .send(Header.last(MessageType.QUIT, 0, self), new Quit(false, 0).encode()));
    }

    void await(String reason, BooleanSupplier condition) {
        long deadline = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain: " + reason + "; log " + lines.all);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    @Override
    public void close() {
        call(() -> {
            preparations.ifPresent(Preparations::close);
            for (ProcessEntry entry : children()) {
                Reaper.Calls.kill(entry.pid());
            }
            return 0;
        });
        await("all children are gone", () -> call(this::children).isEmpty());
        call(() -> {
            uplinks.close();
            table.all().forEach(table::remove);
            return 0;
        });
        router[0].close();
        loops.close();
    }

    /** A language whose prototypes are the given program. */
    record TestLanguage(List<String> argv) implements Language {

        @Override
        public String type() {
            return "test";
        }

        @Override
        public String wire() {
            return "port";
        }

        @Override
        public List<Probe> probes() {
            return List.of();
        }

        @Override
        public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
            if (argv.isEmpty()) {
                throw new IllegalStateException("no such target");
            }
            launch.argv(argv.toArray(String[]::new)).without(name -> !name.equals("FROM"))
                .variable("PATH", "/usr/bin:/bin").announce("MARGAY_INIT", Launch.Facts::json)
                .resource("shim", "text of the shim".getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public RequestEncoder encoder(AppSpec app) {
            throw new UnsupportedOperationException("main encodes nothing");
        }
    }
}
