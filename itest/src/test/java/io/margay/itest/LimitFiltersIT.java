// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Access lists and limits in a running server, together, and while they come and go. */
@Timeout(180)
class LimitFiltersIT {
    private static final String ALL = "{\"return\": 200, "
        + "\"access\": {\"allow\": \"127.0.0.1\", \"deny\": \"10.0.0.0/8\"}, "
        + "\"limit_req\": {\"rate\": 1000000, \"burst\": 1000000}, \"limit_conn\": {\"connections\": 1000}, "
        + "\"response_headers\": {\"X-A\": \"$uri\"}}";

    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}},
             "access_log": {"path": "%s", "format": "$uri $request_id"}, "routes": [
                {"match": {"uri": "/deny"}, "action": {"return": 200, "access": {"deny": "127.0.0.0/8"}}},
                {"match": {"uri": "/rate"}, "action": {"return": 200, "limit_req": {"rate": 1, "burst": 2}}},
                {"match": {"uri": "/closed"}, "action": {"return": 200, "body": "open", "cache_control": [
                    {"types": "image/*", "preset": "immutable"}, {"max_age": 60}], "maintenance": {"retry_after": 9}}},
                {"match": {"uri": "/body"}, "action": {"return": 200, "max_body_size": 4}},
                {"match": {"uri": "/fields"}, "action": {"return": 204, "request_id": {},
                    "security_headers": {"nosniff": true, "hsts": {}}, "cors": {"origins": "https://a.b"}}},
                {"action": %s}]}""".formatted(port, server.base().resolve("access.log"), ALL));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void whoMayNotCome() throws IOException {
        assertEquals(403, Http.get(port, "/deny").status());
        assertEquals("/all", Http.get(port, "/all").header("X-A").orElse(""));
    }

    /** One PUT opens what is closed. */
    @Test
    void theSwitch() throws IOException {
        Response closed = Http.get(port, "/closed");
        assertEquals(503, closed.status());
        assertEquals("9", closed.header("Retry-After").orElse("").strip());
        server.control().apply("/config/routes/2/action/maintenance/enabled", "false");
        Response open = Http.get(port, "/closed");
        assertEquals(200, open.status());
        assertEquals("max-age=60", open.header("Cache-Control").orElse("").strip());
    }

    @Test
    void whatIsTooLarge() throws IOException {
        for (String[] each : new String[][] {{"abcd", "200"}, {"abcde", "413"}}) {
            try (Http http = Http.tcp(port)) {
                assertEquals(each[1], "" + http.exchange("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: "
                    + each[0].length() + "\r\n\r\n" + each[0]).status());
            }
        }
    }

    /** The id that the client has sent is that of the log. */
    @Test
    void fieldsForBrowsersAndLogs() throws Exception {
        try (Http http = Http.tcp(port)) {
            Response reply = http.exchange("OPTIONS /fields HTTP/1.1\r\nHost: a\r\nX-Request-Id: of-the-client\r\n"
                + "Origin: https://a.b\r\nAccess-Control-Request-Method: GET\r\n\r\n");
            assertEquals(204, reply.status());
            assertEquals("of-the-client", reply.header("X-Request-Id").orElse("").strip());
            assertEquals("https://a.b", reply.header("Access-Control-Allow-Origin").orElse("").strip());
            assertEquals("nosniff", reply.header("X-Content-Type-Options").orElse("").strip());
            assertTrue(reply.header("Strict-Transport-Security").isEmpty());
        }
        Await.until("the line of the log", () -> Files.readString(server.base().resolve("access.log"))
            .contains("/fields of-the-client\n"));
    }

    /** A slow machine may let one more pass each second, but not so many. */
    @Test
    void whoIsTooFast() throws IOException {
        int refused = 0;
        for (int i = 0; i < 200; i++) {
            Response reply = Http.get(port, "/rate");
            if (reply.status() == 429) {
                assertEquals("1", reply.header("Retry-After").orElse("").strip());
                refused++;
            } else {
                assertEquals(200, reply.status());
            }
        }
        assertTrue(refused > 0, "none of 200 was refused");
    }

    @Test
    void filtersComeAndGoUnderLoad() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Integer> load = CompletableFuture.supplyAsync(() -> {
            int count = 0;
            try {
                while (!over.get()) {
                    assertEquals(200, Http.get(port, "/load").status());
                    count++;
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return count;
        });
        try {
            for (int i = 0; i < 10; i++) {
                server.control().apply("/config/routes/5/action", i % 2 == 0 ? "{\"return\": 200}" : ALL);
            }
        } finally {
            over.set(true);
        }
        assertTrue(load.get() > 0);
    }
}
