// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a load has made processes take is given back: a minute later they are as large as before, a tenth aside. */
@Timeout(240)
class MemoryIT {
    private static final int CONNECTIONS = 5_000;
    private static final int FEW = 100;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final String ROUTES = "[%s{\"action\": {\"return\": 200}}]";

    @Test
    void aRouterGivesBackWhatConnectionsTook() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        try (TestServer server = TestServer.speaking()) {
            serve(server, port);
            long router = server.await("unit: router");
            // Code that runs for the first time stays, as in every virtual machine: as many requests, few connections.
            for (int i = 0; i < CONNECTIONS / FEW; i++) {
                connections(port, FEW);
            }
            returns(router, "its connections", () -> {
                connections(port, CONNECTIONS);
                return true;
            });
        }
    }

    @Test
    void aControllerGivesBackWhatLargeBodiesTook() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        try (TestServer server = TestServer.speaking()) {
            serve(server, port);
            long controller = server.await("unit: controller");
            bodies(server, 500);
            returns(controller, "large bodies", () -> {
                bodies(server, 9_000);
                return true;
            });
        }
    }

    private static void serve(TestServer server, int port) throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"routes\"}}, "
            + "\"routes\": " + ROUTES.formatted("") + "}");
    }

    /** Each is used and then left open until all are. */
    private static void connections(int port, int count) throws IOException {
        List<Http> open = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                Http http = Http.tcp(port);
                open.add(http);
                assertEquals(200, http.exchange("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status());
            }
        } finally {
            for (Http http : open) {
                http.close();
            }
        }
    }

    /** Many steps, which are taken, and deep nesting, which is not. */
    private static void bodies(TestServer server, int steps) throws IOException {
        String step = "{\"match\": {\"uri\": \"/none\"}, \"action\": {\"return\": 404}}, ";
        server.control().apply("/config/routes", ROUTES.formatted(step.repeat(steps)));
        server.control().apply("/config/routes", ROUTES.formatted(""));
        int depth = steps * 300;
        assertEquals(400, server.control().put("/config/routes", "[".repeat(depth) + "]".repeat(depth)).status());
    }

    private static void returns(long process, String load, Callable<Boolean> work) throws Exception {
        long before = kilobytes(process);
        work.call();
        long[] least = {Long.MAX_VALUE};
        try {
            Await.until("memory is given back", MINUTE, () -> {
                least[0] = Math.min(least[0], kilobytes(process));
                return least[0] * 10 <= before * 11;
            });
        } catch (AssertionError e) {
            throw new AssertionError(before + " KB, after " + load + " " + least[0] + " KB", e);
        }
        assertTrue(before > 10_000, before + " KB");
    }

    /** {@return what a process takes of its own, in KiB; files that it maps depend on who else maps them} */
    static long kilobytes(long process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process + "/smaps_rollup")).stream()
            .filter(line -> line.startsWith("Anonymous:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum();
    }
}
