// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Port;
import io.margay.port.Ports;
import io.margay.port.ReceiveBuffer;
import io.margay.port.WhoAmI;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.margay.posix.SpawnSpec;
import io.margay.testing.RealLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WhoAmIHandlerTest {
    private static final int GONE = 200;


    private final Mates mates = new Mates();
    private final ProcessEntry prototype = mates.add(12, "prototype");
    private final WhoAmIHandler handler = new WhoAmIHandler(Ports.standalone(), mates.loop, Mates.SELF, mates.table,
        new Announcer(Mates.SELF, mates.table, mates.lines), pid -> pid < 100 ? 12 : pid == GONE ? 0 : 1, mates.lines);
    private final Fd[] control = Sockets.seqpacketPair();

    @AfterEach
    void close() {
        mates.close();
        control[0].close();
        control[1].close();
    }

    private Message request(int sender, byte[] payload) {
        return new Message(Header.last(MessageType.WHOAMI, 7, 3), ByteBuffer.wrap(payload), sender, 0, 0,
            control[1].release());
    }

    private String answer() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(64);
            Received received = Sockets.receive(control[0].number(), memory);
            ByteBuffer bytes = ByteBuffer.wrap(memory.asSlice(0, received.length()).toArray(ValueLayout.JAVA_BYTE));
            Header header = Header.decode(bytes);
            String pid = bytes.hasRemaining() ? " " + Integer.reverseBytes(bytes.getInt()) : "";
            return MessageType.name(header.type()) + " " + header.stream() + pid;
        }
    }

    @Test
    void aWorkerBecomesKnown() {
        mates.add(10, "router");
        handler.accept(request(13, new WhoAmI(12).encode()));
        assertEquals("RPC_READY 7 13", answer());
        ProcessEntry worker = mates.table.find(13).orElseThrow();
        assertEquals(List.of(worker), prototype.children());
        assertEquals("\"blog\" application", worker.name());
        assertEquals(7, worker.stream());
        assertEquals(List.of("new 13.0 type 5"), mates.inbox(10));
    }

    /** Whatever the worker does: the kernel tells its end of the pair that main's is gone. */
    @Test
    void aWorkerIsOnALeash() {
        handler.accept(request(13, new WhoAmI(12).encode()));
        try (Arena arena = Arena.ofConfined()) {
            Received received = Sockets.receive(control[0].number(), arena.allocate(64));
            assertEquals(1, received.fds().length);
            try (Fd leash = Fd.own(received.fds()[0])) {
                assertEquals(0, Descriptors.poll(leash.number(), Descriptors.POLLIN, 0));
                mates.table.find(13).orElseThrow().cleanUp();
                assertNotEquals(0, Descriptors.poll(leash.number(), Descriptors.POLLIN, 5_000));
            }
        }
    }

    static Stream<Arguments> refused() {
        return Stream.of(
            Arguments.of(13, new byte[3], "whoami: buffer is NULL or unexpected size"),
            Arguments.of(13, new WhoAmI(99).encode(), "whoami: parent process 99 not found"),
            Arguments.of(13, new WhoAmI(Mates.SELF).encode(), "whoami: parent process 1 not found"),
            Arguments.of(113, new WhoAmI(12).encode(), "whoami: process 113 is not a child of process 12"),
            Arguments.of(20, new WhoAmI(12).encode(), "whoami: process 20 is known already"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void liesAreRefused(int sender, byte[] payload, String text) {
        mates.add(20, "app", ProcessState.CREATED, prototype);
        int before = mates.table.size();
        PayloadException refused = assertThrows(PayloadException.class,
            () -> handler.accept(request(sender, payload)));
        assertEquals(text, refused.getMessage());
        assertEquals("RPC_ERROR 7", answer());
        assertEquals(before, mates.table.size());
    }

    /** It ended while its message was on the way: nobody lied. */
    @Test
    void whoHasGoneIsNotRegistered() {
        int before = mates.table.size();
        handler.accept(request(GONE, new WhoAmI(12).encode()));
        assertEquals(before, mates.table.size());
        assertTrue(mates.table.find(GONE).isEmpty());
    }

    @Test
    void anIsolatedPrototypeIsAnsweredOnItsOwnPort() {
        Message message = new Message(Header.last(MessageType.WHOAMI, 0, 1), ByteBuffer.wrap(new WhoAmI(0).encode()),
            12, 0, 0);
        handler.accept(message);
        assertEquals(List.of("RPC_READY"), mates.inbox(12));
        Message stranger = new Message(Header.last(MessageType.WHOAMI, 0, 1), ByteBuffer.wrap(new byte[4]), 44, 0, 0);
        assertEquals("whoami: process 44 sent no port",
            assertThrows(PayloadException.class, () -> handler.accept(stranger)).getMessage());
    }

    /** A Python process forks a worker; the worker lies about its pid and still learns the right one. */
    @Test
    void aForkedProcessLearnsItsPid() throws InterruptedException {
        String script = """
            import array, os, socket, struct, sys
            up = socket.socket(fileno=5)
            if os.fork() == 0:
                mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                head = struct.pack("=IiHBBBBBB", 3, 1, 0, 20, 1, 0, 0, 0, 0)
                up.sendmsg([head + struct.pack("=i", os.getppid())],
                           [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))])
                answer = mine.recv(100)
                os._exit(0 if struct.unpack_from("=i", answer, 16)[0] == os.getpid() else 1)
            sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
            """;
        int self = Processes.pid();
        try (RealLoop real = new RealLoop()) {
            ProcessTable table = new ProcessTable(Kinds.stock(), "main", real.lines);
            ProcessEntry main = table.add(self, "main", "", Optional.empty());
            WhoAmIHandler whoAmI = new WhoAmIHandler(Ports.standalone(), real.loop(), self, table,
                new Announcer(self, table, real.lines), ProcFs::parent, real.lines)
                .whenRegistered(entry -> real.event(entry + " of " + entry.parent().orElseThrow().pid()));
            Uplinks uplinks = new Uplinks(Ports.standalone(), real.loop(), new ReceiveBuffer(), new Port.Handler() {
                @Override
                public void message(Port port, Message message) {
                    whoAmI.accept(message);
                }

                @Override
                public void failed(Port port, String reason) {
                    real.event(reason);
                }
            }, real.lines);
            int pid = real.call(() -> {
                try (Fd up = uplinks.open()) {
                    int child = Processes.spawn(SpawnSpec.of("/usr/bin/python3", List.of("python3", "-c", script))
                        .withEnvironment(Map.of("PATH", "/usr/bin")).withFd(5, up.number()));
                    table.add(child, "prototype", "blog", Optional.of(main));
                    return child;
                }
            });
            String worker = real.await("registration");
            assertTrue(worker.matches("\"blog\" application \\d+ CREATED of " + pid), worker);
            assertEquals("closed by the peer", real.await("end of the uplink"));
            assertEquals(0, Processes.waitFor(pid).code());
            assertEquals(0, (int) real.call(uplinks::size));
            real.call(() -> {
                table.all().forEach(table::remove);
                return 0;
            });
        }
    }
}
