// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that leave in an answer to which the application has nothing to add. */
@Timeout(60)
class LeaveIT {
    private static final byte[] REQUEST = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"
        .getBytes(StandardCharsets.US_ASCII);
    /** What the system's table of connections says of one that it asks about. */
    private static final String KEEP_ALIVE = "02";

    private static TestServer server;
    private static int port;
    private static Path socket;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        port = Distribution.freePorts(1).getFirst();
        socket = server.base().resolve("leave.sock");
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/it"}, "unix:%s": {"pass": "applications/it"}},
             "applications": {"it": %s}}""".formatted(port, socket, server.python("asgi", "asgi",
                 "\"processes\": 1")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static void begins(InputStream in) throws IOException {
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("data: first") < 0) {
            answer.append((char) in.read());
        }
    }

    @Test
    void oneOfTheMachineIsMissedAtOnce() throws Exception {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            Channels.newOutputStream(client).write(REQUEST);
            begins(Channels.newInputStream(client));
        }
        Await.until("the application is told", () -> Http.get(port, "/seen").text().contains("disconnect"));
    }

    /** The system of one that is gone forgets the connection after a minute, and refuses what it hears then. */
    @Test
    void theSystemOfOneFarAwayIsAsked() throws Exception {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.getOutputStream().write(REQUEST);
            begins(client.getInputStream());
            assertEquals("00", timer(client.getLocalPort()), "nobody is asked before");
            client.shutdownOutput();
            Await.until("it is asked", () -> timer(client.getLocalPort()).equals(KEEP_ALIVE));
        }
    }

    /** The timer of the server's end of a connection. */
    private static String timer(int client) throws IOException {
        String own = String.format(":%04X", port);
        String other = String.format(":%04X", client);
        try (Stream<String> lines = Files.lines(Path.of("/proc/net/tcp"))) {
            return lines.map(line -> line.strip().split("\\s+"))
                .filter(parts -> parts[1].endsWith(own) && parts[2].endsWith(other)).findFirst().orElseThrow()[5]
                .substring(0, 2);
        }
    }
}
