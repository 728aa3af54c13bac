// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners that cannot be opened, at boot and in a change ({@code gaps-and-wishes.md} B11, B13 to B15). */
@Timeout(120)
class BusyListenerIT {
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String listener(String address) {
        return "\"" + address + "\": {\"pass\": \"routes\"}";
    }

    private static String conf(String... listeners) {
        return "{\"listeners\": {" + String.join(", ", listeners)
            + "}, \"routes\": [{\"action\": {\"return\": 200}}], \"applications\": {}}";
    }

    private static String compact(Response response) {
        return response.text().replaceAll("\\s", "");
    }

    @Test
    void aBusyPortAtBootLeavesTheRestServing() throws Exception {
        int before = server.log().length();
        List<Integer> ports = Distribution.freePorts(2);
        int busy = ports.get(0);
        int other = ports.get(1);
        server.expect("127.0.0.1:" + busy + ".*(left out of service|failed \\(98)");
        server.expect("failed to apply new conf: bind");
        server.control().apply("/config", conf(listener("127.0.0.1:" + busy), listener("127.0.0.1:" + other)));
        String configuration = server.control().get("/config").text();
        TestServer.signal(server.pid(), "TERM");
        Await.until("the port is free", () -> free(busy));
        try (ServerSocket thief = new ServerSocket(busy, 1, InetAddress.getByName("127.0.0.1"))) {
            server.restart();
            assertEquals(busy, thief.getLocalPort());
            assertEquals(configuration, server.control().get("/config").text());
            assertEquals(200, Http.get(other, "/").status());
            server.awaitLog("\\[alert\\] .*listener \"127.0.0.1:" + busy
                + "\" is left out of service and tried again: bind\\(\"127.0.0.1:" + busy
                + "\"\\) failed \\(98: Address already in use\\)");
            assertTrue(compact(server.control().get("/status")).contains("\"listeners\":{\"127.0.0.1:" + busy
                + "\":{\"error\":\"bind("), server.control().get("/status").text());
            // A change of something else goes through, one of the listener itself does not.
            server.control().apply("/config/routes", "[{\"action\": {\"return\": 204}}]");
            assertEquals(204, Http.get(other, "/").status());
            Response refused = server.control().put("/config/listeners/127.0.0.1:" + busy + "/backlog", "7");
            assertEquals(500, refused.status(), refused.text());
            assertTrue(refused.text().contains("Address already in use"), refused.text());
        }
        server.awaitLog("\\[info\\] .*listener \"127.0.0.1:" + busy + "\" is in service now");
        assertEquals(204, Http.get(busy, "/").status());
        assertEquals(404, server.control().get("/status/listeners").status());
        long lines = server.log().substring(before).lines().filter(line -> line.contains("[alert]")).count();
        assertTrue(lines <= 3, "each fault once:\n" + server.log());
    }

    private static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aBrokenApplicationAtBootIsInTheStatus() throws Exception {
        Path base = TestServer.directory();
        Files.writeString(base.resolve("state/conf.json"),
            "{\"applications\": {\"bad\": {\"type\": \"python\", \"path\": \"/\", \"module\": \"nothing\"}}}");
        Files.writeString(base.resolve("state/version"), "13500");
        try (TestServer other = TestServer.speaking(base, List.of(), "python")) {
            other.expect("nothing|left out of service");
            String status = compact(other.control().get("/status/applications/bad"));
            assertTrue(status.startsWith("{\"processes\":{\"running\":0,\"starting\":0,\"idle\":0},\"requests\":"
                + "{\"active\":0},\"error\":\"failedtostartapplication"), status);
            other.awaitLog("\\[alert\\] .*application \"bad\" is left out of service: .*nothing");
        }
    }

    @Test
    void unixSocketFilesAreNeverInTheWay() throws Exception {
        int busy = Distribution.freePorts(1).getFirst();
        try (ServerSocket thief = new ServerSocket(busy, 1, InetAddress.getByName("127.0.0.1"))) {
            assertEquals(busy, thief.getLocalPort());
            server.expect("failed to apply new conf|127.0.0.1:" + busy);
            Path file = server.base().resolve("a.sock");
            String address = "unix:" + file;
            Response refused = server.control().put("/config",
                conf(listener(address), listener("127.0.0.1:" + busy)));
            assertEquals(500, refused.status(), refused.text());
            Await.until("the file of the failed change is removed", () -> !Files.exists(file));
            // What a crashed server has left.
            try (ServerSocketChannel stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                stale.bind(UnixDomainSocketAddress.of(file));
            }
            assertTrue(Files.exists(file));
            server.control().apply("/config", conf(listener(address)));
            try (Http http = Http.unix(file)) {
                assertEquals(200, http.exchange("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status());
            }
            server.control().apply("/config", conf());
            Await.until("the file goes with its listener", () -> !Files.exists(file));
        }
    }

    @Test
    void addressesOfOnePortAreSwappedInOneChange() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        for (int i = 0; i < 3; i++) {
            for (String address : new String[] {"*:" + port, "127.0.0.1:" + port}) {
                server.control().apply("/config", conf(listener(address)));
                assertEquals(200, Http.get(port, "/").status());
            }
        }
        // Together they are as impossible as before.
        server.expect("failed to apply new conf|\\*:" + port);
        String before = server.control().get("/config").text();
        assertEquals(500, server.control().put("/config", conf(listener("127.0.0.1:" + port),
            listener("*:" + port))).status());
        assertEquals(before, server.control().get("/config").text());
        assertEquals(200, Http.get(port, "/").status());
    }
}
