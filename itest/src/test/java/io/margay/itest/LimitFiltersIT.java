// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}}, "routes": [
                {"match": {"uri": "/deny"}, "action": {"return": 200, "access": {"deny": "127.0.0.0/8"}}},
                {"match": {"uri": "/rate"}, "action": {"return": 200, "limit_req": {"rate": 1, "burst": 2}}},
                {"action": %s}]}""".formatted(port, ALL));
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
                server.control().apply("/config/routes/2/action", i % 2 == 0 ? "{\"return\": 200}" : ALL);
            }
        } finally {
            over.set(true);
        }
        assertTrue(load.get() > 0);
    }
}
