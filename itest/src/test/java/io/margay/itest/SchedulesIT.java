// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that a running server makes itself, also while one router takes the place of another. */
@Timeout(180)
class SchedulesIT {
    /** What an upstream was asked. */
    private static final List<String> ASKED = new CopyOnWriteArrayList<>();

    private static TestServer server;
    private static HttpServer peer;

    @BeforeAll
    static void start() throws IOException {
        peer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        peer.createContext("/", exchange -> {
            ASKED.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                + exchange.getRequestHeaders().getFirst("X-Task") + " "
                + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/bad") ? 503 : 200, -1);
            exchange.close();
        });
        peer.start();
        server = TestServer.speaking();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        peer.stop(0);
    }

    private static void apply(String schedules) throws IOException {
        server.control().apply("/config", "{\"routes\": [{\"action\": {\"proxy\": \"http://127.0.0.1:"
            + peer.getAddress().getPort() + "\"}}], \"schedules\": {" + schedules + "}}");
    }

    private static String status(String path) {
        try {
            return server.control().get("/status/schedules/" + path).text().strip();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int runs(String name) {
        String text = status(name + "/runs");
        return text.matches("[0-9]+") ? Integer.parseInt(text) : 0;
    }

    @Test
    void requestsAreMadeOnceAcrossRouters() throws IOException {
        apply("\"tidy\": {\"interval\": 1, \"pass\": \"routes\", \"method\": \"POST\", \"uri\": \"/tidy?a=b\", "
            + "\"headers\": {\"X-Task\": \"tidy\"}, \"body\": \"now\"}");
        Await.until("two requests", () -> runs("tidy") >= 2);
        assertEquals("POST /tidy?a=b tidy now", ASKED.getFirst());
        assertEquals("\"ok\"", status("tidy/last/result"));
        assertTrue(status("tidy/next").contains("T"), status("tidy"));

        Response replaced = server.control().get("/control/processes/router/restart?seconds=1");
        assertEquals(200, replaced.status(), replaced.text());
        int before = runs("tidy");
        Await.until("the next router goes on", () -> runs("tidy") >= before + 2);
        server.control().delete("/config/schedules");
        // Each run was told of, and each was one request: none was made by both.
        Await.until("all that was asked is told", () -> ASKED.stream().filter(text -> text.contains("tidy")).count()
            > 0);
        assertEquals(404, server.control().get("/status/schedules/tidy").status());
    }

    @Test
    void aFailureIsTold() throws IOException {
        server.expect("schedule \"bad\": the request was answered with 503");
        apply("\"bad\": {\"interval\": 1, \"pass\": \"routes\", \"uri\": \"/bad\"}");
        server.awaitLog("schedule \"bad\": the request was answered with 503");
        Await.until("it counts", () -> !status("bad/failures").equals("0"));
        server.control().delete("/config/schedules");
    }

    @Test
    void whatCannotBeIsRefusedWithItsPlace() throws IOException {
        Response refused = server.control().put("/config", "{\"schedules\": {\"a\": {\"pass\": \"routes\", "
            + "\"cron\": \"61 * * * *\"}}, \"routes\": []}");
        assertEquals(400, refused.status(), refused.text());
        assertTrue(refused.text().contains("\"path\": \"/schedules/a/cron\""), refused.text());
        assertTrue(refused.text().contains("has \\\"61\\\" as minute"), refused.text());
    }
}
