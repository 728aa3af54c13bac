// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.dispatch.AppPool;
import io.margay.dispatch.PoolStatus;
import io.margay.dispatch.ProcessControl;
import io.margay.engine.EventLoops;
import io.margay.engine.ProcessWatch;
import io.margay.engine.Watch;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.python.internal.PythonModule;
import io.margay.log.ErrorLog;
import io.margay.log.Level;
import io.margay.posix.Descriptors;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Received;
import io.margay.posix.Signals;
import io.margay.posix.Sockets;
import io.margay.posix.SpawnSpec;
import io.margay.testing.Await;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The main process of the tests: starts real Python prototypes and answers their workers. */
final class TestMain implements ProcessControl, ErrorLog, AutoCloseable {

    private static final InstalledModule PYTHON =
        new InstalledModule("python", "3", "/usr/bin/python3", List.of());

    final EventLoops loops;
    final List<String> log = new ArrayList<>();
    final Fd stderr = Files.memfd("stderr", 0);
    final Language python = new PythonModule();
    /** Asked for encoders; processes are always Python's. */
    Language language = python;
    final RecordingFactory factory = new RecordingFactory();
    volatile AppPool pool;
    /** Whether prototypes are stopped before they are ready. */
    volatile boolean prototypesHang;
    private final AtomicInteger streams = new AtomicInteger();
    private final Map<Integer, Fd> prototypes = new ConcurrentHashMap<>();
    private final Map<Integer, CompletableFuture<Integer>> expected = new ConcurrentHashMap<>();

    TestMain(int count) {
        loops = EventLoops.create("test", count);
    }

    static AppSpec spec(String options) {
        String apps = TestMain.class.getResource("/apps").getPath();
        String json = "{\"type\":\"python\"" + (options.contains("\"path\":") ? "" : ",\"path\":\"" + apps + "\"")
            + (options.contains("\"module\":") ? "" : ",\"module\":\"app\"")
            + (options.isEmpty() ? "" : "," + options) + "}";
        try {
            return new AppSpec("test", (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8)));
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    AppPool pool(String options) {
        return pool(options, "test");
    }

    AppPool pool(String options, String name) {
        AppSpec spec = new AppSpec(name, spec(options).conf());
        pool = new AppPool(spec, language, factory, loops.loop(0), loops.all(), this, this);
        return pool;
    }

    /** Sends a request by one of the loops. */
    TestRequest send(TestRequest request) {
        int loop = (int) Thread.currentThread().threadId() % loops.size();
        loops.loop(loop).execute(() -> pool.submit(loop, request));
        return request;
    }

    TestRequest.Answer get(String uri) {
        return send(new TestRequest(uri)).await();
    }

    /** What the processes wrote to descriptor 2. */
    String errors() {
        try (Fd copy = Files.open("/proc/self/fd/" + stderr.number(), Files.O_RDONLY, 0)) {
            return new String(Files.readAll(copy.number(), 1 << 24), StandardCharsets.UTF_8);
        }
    }

    int prototypeCount() {
        return prototypes.size();
    }

    @Override
    public CompletionStage<Integer> startPrototype(AppSpec app, List<Descriptor> descriptors) {
        Fd[] port = Sockets.seqpacketPair();
        Fd[] main = Sockets.seqpacketPair();
        Launch.Builder builder = Launch.builder(Map.of("PATH", "/usr/bin:/bin", "LANG", "C.UTF-8"));
        python.launch(app, PYTHON, builder);
        Launch launch = builder.build();
        Map<String, Integer> fds = new LinkedHashMap<>();
        fds.put("read", port[1].number());
        fds.put("main", main[1].number());
        descriptors.forEach(descriptor -> fds.put(descriptor.name(), descriptor.number()));
        List<Fd> resources = new ArrayList<>();
        for (Launch.Resource resource : launch.resources()) {
            Fd memory = Files.sealedMemory(resource.name(), resource.content());
            resources.add(memory);
            fds.put(resource.name(), memory.number());
        }
        StringBuilder init = new StringBuilder("{\"name\":\"test\",\"version\":\"1.35.0\"");
        SpawnSpec spec = SpawnSpec.of(launch.argv().getFirst(), launch.argv());
        int number = 10;
        for (Map.Entry<String, Integer> fd : fds.entrySet()) {
            spec = spec.withFd(number, fd.getValue());
            init.append(",\"").append(fd.getKey()).append("\":").append(number++);
        }
        Map<String, String> environment = new LinkedHashMap<>(launch.environment());
        environment.put("MARGAY_INIT", init.append('}').toString());
        int pid = Processes.spawn(spec.withFd(0, 0).withFd(1, 1).withFd(2, stderr.number())
            .withEnvironment(environment));
        port[1].close();
        main[1].close();
        resources.forEach(Fd::close);
        prototypes.put(pid, port[0]);
        CompletableFuture<Integer> ready = new CompletableFuture<>();
        expected.put(pid, ready);
        if (prototypesHang) {
            Processes.kill(pid, Signals.SIGSTOP);
        }
        Watch watch = loops.loop(0).watch(main[0].number(), (r, w, h) -> onMain(pid, main[0]), true, false);
        ProcessWatch.of(loops.loop(0), pid, () -> {
            String exit = Processes.waitFor(pid).toString();
            watch.cancel();
            main[0].close();
            prototypes.remove(pid).close();
            ready.completeExceptionally(new IllegalStateException(exit));
            pool.prototypeGone(pid);
        });
        return ready;
    }

    private void onMain(int prototype, Fd main) {
        NativeBuffer in = new NativeBuffer();
        Received received = Sockets.receive(main.number(), in.segment);
        if (received.length() < Messages.HEADER) {
            return;
        }
        int type = Messages.type(in.bytes);
        if (type == Messages.TYPE_PROCESS_READY) {
            expected.get(prototype).complete(prototype);
        } else if (type == 20 && received.fds().length > 0) {
            NativeBuffer out = new NativeBuffer();
            Messages.header(out.bytes, Messages.stream(in.bytes), 1, 0, 0);
            out.bytes.writeIntLE(received.pid());
            send(received.fds()[0], out);
        }
        Descriptors.close(received.fds());
    }

    private void order(int prototype, int stream, int type, int... values) {
        Fd port = prototypes.get(prototype);
        if (port == null) {
            return;
        }
        NativeBuffer out = new NativeBuffer();
        Messages.header(out.bytes, stream, 1, 0, type);
        if (values.length > 0) {
            out.bytes.writeByte(values[0]).writeIntLE(values[1]);
        }
        send(port.number(), out);
    }

    private static void send(int port, NativeBuffer out) {
        try {
            Sockets.send(port, out.segment, 0, out.bytes.writerIndex(), Messages.NO_FDS);
        } catch (PosixException e) {
            // It is gone and its end not seen yet; the kernel tells of unread messages first.
            assertTrue(e.errno() == Errno.EPIPE || e.errno() == Errno.ECONNRESET, e.getMessage());
        }
    }

    @Override
    public void startWorker(int prototype, int stream, byte[] payload) {
        Fd port = prototypes.get(prototype);
        if (port != null) {
            NativeBuffer out = new NativeBuffer();
            Messages.header(out.bytes, stream, 1, 0, 2);
            out.bytes.writeBytes(payload);
            send(port.number(), out);
        }
    }

    @Override
    public void quitWorker(int prototype, int worker) {
        order(prototype, 0, 22, 1, worker);
    }

    @Override
    public void killWorker(Optional<Integer> prototype, int process) {
        prototype.ifPresent(pid -> order(pid, 0, 22, 0, process));
    }

    @Override
    public void killStart(int prototype, int stream) {
        order(prototype, stream, 22, 0, -1);
    }

    @Override
    public void quitPrototype(int prototype) {
        order(prototype, 0, 22);
    }

    @Override
    public int nextStream() {
        return streams.incrementAndGet();
    }

    @Override
    public void write(Level level, String text) {
        synchronized (log) {
            log.add(text);
        }
    }

    String logged() {
        synchronized (log) {
            return String.join("\n", log);
        }
    }

    /** Running, starting, idle, active. */
    String status() {
        PoolStatus status = pool.status();
        return status.running() + " " + status.starting() + " " + status.idle() + " " + status.active();
    }

    /** The generations that are open, the current one last. */
    List<PortGeneration> generations() {
        return factory.opened.stream().filter(generation -> generation.slots().isOpen()).toList();
    }

    PortGeneration current() {
        return generations().getLast();
    }

    private String state() {
        StringBuilder state = new StringBuilder(pool.status().toString());
        for (PortGeneration generation : generations()) {
            state.append("\nworkers ").append(generation.workers.keySet()).append(" starts ")
                .append(generation.starts.keySet()).append(" prototype ").append(generation.prototype);
        }
        return state.append('\n').append(errors()).append(logged()).toString();
    }

    @Override
    public void close() {
        try {
            prototypes.keySet().forEach(pid -> Processes.kill(pid, Signals.SIGCONT));
            if (pool != null) {
                CompletableFuture<Void> retired = pool.retire().toCompletableFuture();
                Await.until(() -> "the pool ends: " + state(), retired::isDone);
            }
            Await.until("prototypes leave", prototypes::isEmpty);
        } finally {
            prototypes.keySet().forEach(pid -> Processes.kill(pid, Signals.SIGKILL));
            loops.close();
            stderr.close();
        }
    }
}
