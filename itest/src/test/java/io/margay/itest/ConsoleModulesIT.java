// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Modules by the web console: the orders that the page gives end in the same code as those of the control API. */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleModulesIT {
    private static final String PYTHON = "io.margay.lang.python";

    private static TestServer server;
    private static ConsoleClient console;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = ConsoleClient.start("python");
        console = new ConsoleClient(server);
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/it\"}}, \"applications\": {\"it\": " + Tongue.PYTHON.app(server, "app")
            + "}}");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private byte[] jar(String version, String software) throws IOException {
        Path file = server.base().resolve("python-" + version + ".jar");
        JarCopy.write(Tongue.PYTHON.bundle(), file, version, (name, content) ->
            name.endsWith("/" + Tongue.PYTHON.file) ? content.replace("\"Unit/", "\"" + software + "/") : content);
        return Files.readAllBytes(file);
    }

    private String software() throws IOException {
        return Http.get(port, "/software").text().replaceAll("/.*", "");
    }

    private Response order(String action, String more) throws IOException {
        return console.order("modules", "{\"action\": \"" + action + "\", \"name\": \"" + PYTHON + "\"" + more + "}");
    }

    private String digest() throws IOException {
        return server.control().get("/modules/" + PYTHON + "/sha256").text().replaceAll("[^0-9a-f]", "");
    }

    @Test
    @Order(2)
    void broughtPutBackHeldAndRemoved() throws IOException {
        String before = digest();
        Response came = console.upload("modules", jar("2.0.0", "Second"));
        assertEquals(200, came.status(), came.text());
        assertEquals("Second", software());
        server.awaitLog("console: owner: modules upload of \\d+ bytes \\(200\\)");
        String shown = console.json("modules").text();
        assertTrue(shown.contains("\"" + PYTHON + "\":{\"version\":\"2.0.0\"") && shown.contains("\"users\":[\"it\"]"),
            shown);
        Response stale = order("rollback", ", \"match\": \"" + before + "\"");
        assertEquals(412, stale.status(), stale.text());
        assertEquals(200, order("rollback", ", \"match\": \"" + digest() + "\"").status());
        assertEquals("Unit", software());
        assertEquals(200, order("pin", ", \"pinned\": true").status());
        Response pinned = console.upload("modules?name=" + PYTHON, jar("3.0.0", "Third"));
        assertTrue(pinned.status() == 412 && pinned.text().contains("is pinned"), pinned.text());
        assertEquals(200, order("pin", ", \"pinned\": false").status());
        Response used = order("remove", "");
        assertTrue(used.status() == 409 && used.text().contains("it is used by \\\"it\\\""), used.text());
        assertEquals("Unit", software());
        server.expect("application \"it\" is left out of service");
        assertEquals(200, order("remove", ", \"force\": true").status());
        assertEquals(503, Http.get(port, "/software").status());
        assertTrue(console.json("modules").text().contains("\"removed\":true"));
        assertEquals(200, order("rollback", "").status());
        Await.until("it serves again", () -> Http.get(port, "/software").status() == 200);
        awaitEvents("\"id\":(\\d+),[^\n]*\"type\":\"module\"[^\n]*\"" + PYTHON
            + "\"(?s:.*)\"what\":\"reapplied\",\"cause\":\\1\\b");
    }

    /** Reads what the server has told of modules and configurations, up to something. */
    private static void awaitEvents(String last) throws IOException {
        try (SocketChannel stream = SocketChannel.open(UnixDomainSocketAddress.of(
                server.base().resolve("control.sock")))) {
            stream.write(ByteBuffer.wrap("GET /events?since=0&type=module,configuration HTTP/1.1\r\nHost: a\r\n\r\n"
                .getBytes(StandardCharsets.UTF_8)));
            StringBuilder told = new StringBuilder();
            ByteBuffer part = ByteBuffer.allocate(1 << 16);
            while (!Pattern.compile(last).matcher(told).find()) {
                assertTrue(stream.read(part.clear()) > 0, () -> "the stream ends: " + told);
                told.append(StandardCharsets.UTF_8.decode(part.flip()));
            }
        }
    }

    @Test
    @Order(1)
    void badFilesChangeNothingAndSayWhy() throws IOException {
        String before = digest();
        byte[] good = jar("2.0.0", "Second");
        Response none = console.upload("modules", "this is no jar".repeat(10_000).getBytes());
        assertEquals(400, none.status(), none.text());
        Response other = console.upload("modules?name=other", good);
        assertTrue(other.status() == 400 && other.text().contains("the bundle is"), other.text());
        Response large = console.ask("POST", "/modules", "x", console.proof(), "Content-Type: application/java-archive",
            "Content-Length: 2000000000");
        assertEquals(400, large.status(), "2 GB are not read");
        Response empty = console.upload("modules", new byte[0]);
        assertTrue(empty.status() == 400 && empty.text().contains("it is empty"), empty.text());
        assertEquals(403, console.ask("POST", "/modules", "x", "Content-Type: application/java-archive",
            "X-CSRF-Token: stale").status());
        server.expect("refused");
        for (int i = 0; i < 8; i++) {
            // More than may be on their way at a time: what is cut off gives its place back.
            console.cut("modules", good);
        }
        server.awaitLog("console: owner: modules: The file has not arrived");
        assertEquals(400, order("pin", ", \"match\": \"none\"").status());
        assertEquals(404, console.order("modules", "{\"action\": \"remove\", \"name\": \"a/../b c\"}").status());
        assertEquals(before, digest());
        assertEquals("Unit", software());
        assertFalse(Files.exists(server.base().resolve("state/modules")));
        Await.until("there is a place again", () -> console.upload("modules", good).status() == 200);
        assertEquals("Second", software());
        assertEquals(200, order("rollback", "").status());
        assertEquals("Unit", software());
    }
}
