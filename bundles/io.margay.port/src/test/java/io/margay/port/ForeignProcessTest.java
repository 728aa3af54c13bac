// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.margay.posix.Exit;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import io.margay.posix.SpawnSpec;
import io.margay.testing.RealLoop;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ports between this JVM and a Python process, which shares nothing with it but the wire. */
class ForeignProcessTest {

    private static final String PYTHON = "/usr/bin/python3";
    private static final String PRELUDE = """
        import array, os, socket, struct, sys
        up = socket.socket(fileno=5)
        def message(kind, stream, pid, payload=b"", fds=()):
            head = struct.pack("=IiHBBBBBB", stream, pid, 0, kind, 1, 0, 0, 0, 0)
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
            up.sendmsg([head + payload], rights)
        """;

    private final RealLoop real = new RealLoop();
    private final Fd[] pair = Sockets.seqpacketPair();

    @AfterEach
    void close() {
        real.close();
        pair[1].close();
    }

    private int python(String script) {
        int pid = Processes.spawn(SpawnSpec.of(PYTHON, List.of(PYTHON, "-c", PRELUDE + script))
            .withEnvironment(Map.of("PATH", "/usr/bin")).withFd(5, pair[1].number()));
        pair[1].close();
        return pid;
    }

    private void listen(Port.Handler handler) {
        real.run(() -> Port.open(real.loop(), pair[0], new ReceiveBuffer(), Port.Limits.DEFAULT, handler, real.lines));
    }

    /** What a test does with a message. */
    private interface Take {
        void message(Message message);
    }

    private Port.Handler handler(Take take) {
        return new Port.Handler() {
            @Override
            public void message(Port port, Message message) {
                take.message(message);
            }

            @Override
            public void failed(Port port, String reason) {
                real.event(reason);
            }
        };
    }

    @Test
    void theKernelNamesTheSenderWhateverTheHeaderSays() throws InterruptedException {
        listen(handler(message -> real.event(message.header().pid() + " is " + message.senderPid())));
        int pid = python("message(20, 1, 1)\nmessage(20, 2, os.getppid())\n");
        assertNotEquals(1, pid);
        assertEquals("1 is " + pid, real.await("first forged message"));
        assertEquals(Processes.pid() + " is " + pid, real.await("second forged message"));
        assertEquals("closed by the peer", real.await("end"));
        assertEquals(new Exit(pid, 0, 0, false), Processes.waitFor(pid));
    }

    @Test
    void credentialsOfAnotherUserAreSeen() throws InterruptedException {
        listen(handler(message -> real.event(message.senderUid() + ":" + message.senderGid())));
        boolean root = Self.root();
        int pid = python(root ? "os.setgid(65534)\nos.setuid(65534)\nmessage(20, 1, 1)\n" : "message(20, 1, 1)\n");
        String expected = root ? "65534:65534" : Self.uid() + ":" + Self.gid();
        assertEquals(expected, real.await("message"));
        Processes.waitFor(pid);
    }

    @Test
    void portsAreExchangedAndUsed() throws InterruptedException {
        AtomicReference<Peer> peer = new AtomicReference<>();
        listen(handler(message -> {
            NewPort record = NewPort.decode(message);
            real.event("port " + record.id() + " of " + (record.pid() == message.senderPid()) + " type "
                + record.processType());
            Fd end = message.take(0).orElseThrow();
            peer.set(new Peer(real.loop(), end, real.lines, (gone, reason) -> real.event(reason)));
            peer.get().send(Header.last(MessageType.QUIT, 42, Processes.pid()), Quit.GRACEFUL.encode());
        }));
        int pid = python("""
            own, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            own.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            message(13, 0, os.getpid(), struct.pack("=HxxiQQB7x", 9, os.getpid(), 16384, 65536, 5), [theirs.fileno()])
            theirs.close()
            data, ancillary, flags, _ = own.recvmsg(16384, 1024)
            stream, sender, port, kind, last = struct.unpack_from("=IiHBB", data)
            kernel, = (struct.unpack("3i", d)[0] for l, t, d in ancillary if t == socket.SCM_CREDENTIALS)
            ok = (stream, kind, last, data[16:]) == (42, 22, 1, b"\\x01") and sender == kernel == os.getppid()
            sys.exit(17 if ok else 1)
            """);
        assertEquals("port 9 of true type 5", real.await("announcement"));
        assertEquals("closed by the peer", real.await("end"));
        assertEquals(17, Processes.waitFor(pid).code());
        peer.get().close();
    }

    @Test
    void aHostileFloodLeavesThePortAlive() throws InterruptedException {
        listen(handler(message -> real.event("stream " + message.stream())));
        int pid = python("""
            null = os.open("/dev/null", os.O_RDONLY)
            for i in range(200):
                up.sendmsg([os.urandom(i % 16)])
                up.sendmsg([struct.pack("=IiHBBBBBB", 1, 1, 0, 200, 1, 0, 0, 0, 0)],
                           [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [null] * 40))])
            message(27, 5, 0)
            """);
        assertEquals("stream 5", real.await("message behind the flood"));
        assertEquals("closed by the peer", real.await("end"));
        assertEquals(0, Processes.waitFor(pid).code());
        assertEquals(400, real.lines.all.size());
    }

    /** Who runs the tests. */
    private static final class Self {
        static int uid() {
            return Files.status("/proc/self").orElseThrow().uid();
        }

        static int gid() {
            return Files.status("/proc/self").orElseThrow().gid();
        }

        static boolean root() {
            return uid() == 0;
        }
    }
}
