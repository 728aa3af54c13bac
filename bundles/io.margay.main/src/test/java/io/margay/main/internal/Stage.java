// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.engine.EventLoops;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.NewPort;
import io.margay.port.Peer;
import io.margay.port.Rpc;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.margay.process.Announcer;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessTable;
import io.margay.process.Quitter;
import io.margay.process.Reaper;
import io.margay.testing.Kinds;
import io.margay.testing.Lines;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Main's loop and table; the other processes are sockets that the test reads. */
final class Stage implements AutoCloseable {

    static final int ROUTER = 1_000_000_001;
    static final int CONTROLLER = 1_000_000_002;
    static final int PROTOTYPE = 1_000_000_003;
    static final int WORKER = 1_000_000_004;
    static final int STRANGER = 1_000_000_005;
    static final int SECONDS = 20;
    private static final int REAP_MILLIS = 10;

    final Lines lines = new Lines();
    final EventLoops loops = EventLoops.create("test", 1, failure -> lines.alert("loop " + failure));
    final int self = Processes.pid();
    final ProcessTable table = new ProcessTable(Kinds.stock(), "main", lines);
    final ProcessEntry main = table.add(self, "main", "", Optional.empty());
    final Rpc rpc = new Rpc(loops.loop(0), Rpc.OWNER_MAIN, lines);
    final Announcer announcer = new Announcer(self, table, lines);
    final Reaper reaper = new Reaper(loops.loop(0), self, table, announcer, new Quitter(self, table),
        Reaper.Calls.kernel(loops.loop(0)), lines);
    private final Map<Integer, Fd> ends = new HashMap<>();

    Stage() {
        main.ready();
    }

    ProcessEntry add(int pid, String type, boolean ready) {
        return call(() -> {
            ProcessEntry entry = table.add(pid, type, table.kinds().get(type).ofApplication() ? "blog" : "",
                Optional.empty());
            Fd[] pair = Sockets.seqpacketPair();
            ends.put(pid, pair[0]);
            table.addPort(entry, 0, Optional.of(new Peer(loops.loop(0), pair[1], lines, (peer, reason) -> { })));
            if (ready) {
                entry.ready();
            }
            return entry;
        });
    }

    /** Waits for children from now on; no SIGCHLD in a test JVM. */
    void reapChildren() {
        loops.loop(0).execute(this::tick);
    }

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

    void await(String reason, BooleanSupplier condition) {
        long deadline = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain: " + reason + "; log " + lines.all);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** A message as it would come from a process. */
    static Message message(int type, int stream, int sender, byte[] payload, Fd... fds) {
        int[] numbers = new int[fds.length];
        for (int i = 0; i < fds.length; i++) {
            numbers[i] = fds[i].release();
        }
        return new Message(Header.last(type, stream, sender), ByteBuffer.wrap(payload), sender, 0, 0, numbers);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    boolean hearsNothing(int pid) {
        return Descriptors.poll(ends.get(pid).number(), Descriptors.POLLIN, 0) == 0;
    }

    /** The next message of a process, as text; a request is answered well, or with the reason given. */
    String hear(int pid, String... refusal) {
        Fd end = ends.get(pid);
        if (Descriptors.poll(end.number(), Descriptors.POLLIN, SECONDS * 1000) == 0) {
            throw new AssertionError("no message in time; log " + lines.all);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(65_536);
            Received received = Sockets.receive(end.number(), memory);
            ByteBuffer bytes = ByteBuffer.wrap(memory.asSlice(0, received.length()).toArray(ValueLayout.JAVA_BYTE));
            Header header = Header.decode(bytes);
            try (Message message = new Message(header, bytes, received.pid(), 0, 0, received.fds())) {
                if (message.type() == MessageType.MODULES) {
                    answer(message.stream(), pid, refusal);
                }
                return text(message);
            }
        }
    }

    private void answer(int stream, int pid, String... refusal) {
        call(() -> rpc.dispatch(refusal.length == 0 ? message(MessageType.RPC_READY, stream, pid, new byte[0])
            : message(MessageType.RPC_ERROR, stream, pid, bytes(refusal[0]))));
    }

    private static String text(Message message) {
        String name = MessageType.name(message.type());
        return switch (message.type()) {
            case MessageType.MODULES -> {
                Optional<Fd> jar = message.take(1);
                int fds = message.fdCount();
                jar.ifPresent(Fd::close);
                yield name + " " + new String(LargePayload.receive(message, "test", 1 << 20), StandardCharsets.UTF_8)
                    + " fds " + fds;
            }
            case MessageType.CHANGE_FILE -> name + " fds " + message.fdCount();
            case MessageType.NEW_PORT -> name + " of " + NewPort.decode(message).pid();
            case MessageType.RPC_READY -> name + " " + message.stream() + " "
                + (message.payload().remaining() != Long.BYTES ? message.text()
                : new String(LargePayload.receive(message, "test", 1 << 20), StandardCharsets.UTF_8));
            default -> name + " " + message.stream() + " " + message.text().replace('\0', '0');
        };
    }

    @Override
    public void close() {
        call(() -> {
            table.all().forEach(table::remove);
            return 0;
        });
        ends.values().forEach(Fd::close);
        loops.close();
    }
}
