// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What systemd does with the server: it waits for datagrams and hands over sockets. */
class SystemdIT {
    /** Runs its arguments with a listening socket as descriptor 3. */
    private static final String ACTIVATE = """
        import os, socket, sys
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(sys.argv[1])))
        listener.listen(16)
        if listener.fileno() != 3:
            os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)
        os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES="web")
        os.execv(sys.argv[2], sys.argv[2:])
        """;

    private static Optional<String> next(Fd socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(500);
            int length = Sockets.receive(socket.number(), memory).length();
            return length <= 0 ? Optional.empty() : Optional.of(new String(memory.asSlice(0, length)
                .toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII).split("\n")[0]);
        }
    }

    @Test
    void theManagerHearsWhenTheServerServesAndWhenItEnds() throws IOException, InterruptedException {
        Path base = TestServer.directory();
        Path path = base.resolve("notify");
        try (Fd notify = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK, 0)) {
            Sockets.bind(notify, new Address.Unix(path.toString()));
            try (TestServer server = TestServer.speaking(base, Map.of("NOTIFY_SOCKET", path.toString()), List.of(),
                    "python")) {
                assertEquals("READY=1", Await.value("main tells that it is ready", Await.PATIENCE,
                    () -> next(notify)));
                assertTrue(Files.exists(base.resolve("control.sock")));
                String app = "{\"applications\": {\"a\": " + server.python("python", "who") + "}, \"listeners\": {}}";
                server.control().apply("/config", app);
                String seen = Files.readString(Path.of("/proc", Long.toString(server.await("unit: \"a\" application")),
                    "environ"));
                assertFalse(seen.contains("NOTIFY_SOCKET"), seen);
                assertEquals(Optional.empty(), next(notify));
                TestServer.signal(server.pid(), "QUIT");
                assertEquals("STOPPING=1", Await.value("main tells that it ends", Await.PATIENCE,
                    () -> next(notify)));
            }
            assertEquals(Optional.empty(), next(notify));
        }
    }

    @Test
    void aListenerUsesTheSocketThatIsHandedOver() throws IOException {
        int port = Distribution.freePorts(1).getFirst();
        try (TestServer server = TestServer.through(List.of("/usr/bin/python3", "-c", ACTIVATE,
                Integer.toString(port)))) {
            // The manager's socket takes connections before there is a listener, and they are served then.
            try (Socket early = new Socket(InetAddress.getLoopbackAddress(), port)) {
                early.setSoTimeout(20_000);
                early.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
                    + "\": {\"pass\": \"routes\"}}, \"routes\": [{\"action\": {\"return\": 204}}]}");
                String answer = new String(early.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                assertTrue(answer.startsWith("HTTP/1.1 204 "), answer);
            }
        }
    }
}
