// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Metrics of a running server, at a path and by the control API, across changes of configuration and router. */
@Timeout(180)
class MetricsIT {
    private static final Pattern LINE = Pattern.compile(
        "[a-z_]+(\\{[a-z]+=\"(?:[^\"\\\\]|\\\\[\\\\\"n])*\"(,[a-z]+=\"(?:[^\"\\\\]|\\\\[\\\\\"n])*\")*})? [0-9.E-]+");

    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static void apply(String more) throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"routes\"}}, "
            + "\"routes\": [{\"match\": {\"uri\": \"/metrics\"}, \"action\": {\"metrics\": \"prometheus\"}}" + more
            + ", {\"action\": {\"return\": 200}}]}");
    }

    private static Response ask(String target, String fields) throws IOException {
        try (Http http = Http.tcp(port)) {
            http.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "Connection: close\r\n\r\n");
            return http.response(false);
        }
    }

    private static String byControl() {
        try {
            Response response = server.control().get("/control/metrics");
            assertEquals(200, response.status(), response.text());
            return response.text();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The value of a sample; 0 if there is none. */
    private static long value(String text, String sample) {
        Matcher matcher = Pattern.compile("^" + Pattern.quote(sample) + " ([0-9]+)$", Pattern.MULTILINE).matcher(text);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private static String ok() {
        return "margay_listener_requests_total{listener=\"127.0.0.1:" + port + "\",code=\"2xx\"}";
    }

    @Test
    void requestsAreCountedAndGoOnBeingCounted() throws IOException {
        apply("");
        for (int i = 0; i < 5; i++) {
            assertEquals(200, ask("/x", "").status());
        }
        Await.until("five requests are counted", () -> value(byControl(), ok()) >= 5);
        String text = ask("/metrics", "").text();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line ->
            assertTrue(LINE.matcher(line).matches(), line));
        assertTrue(value(text, ok()) >= 5, text);
        assertTrue(text.contains("# TYPE margay_listener_requests_total counter\n"), text);
        assertTrue(text.contains("_request_duration_seconds_count{route=\"/routes/1/action\"} 5\n"), text);
        assertTrue(text.contains("margay_process_resident_memory_bytes{process=\"router\"} "), text);
        assertFalse(text.contains("process=\"main\""), text);
        String all = byControl();
        assertTrue(all.contains("margay_process_threads{process=\"main\"} "), all);
        assertTrue(all.contains("margay_process_threads{process=\"controller\"} "), all);

        // A change of the configuration, and another router, go on with what was counted.
        apply(", {\"match\": {\"uri\": \"/none\"}, \"action\": {\"return\": 404}}");
        long before = value(byControl(), ok());
        assertTrue(before >= 5, all);
        assertEquals(404, ask("/none", "").status());
        Await.until("the other status is counted", () -> value(byControl(), ok().replace("2xx", "4xx")) >= 1);
        Response replaced = server.control().get("/control/processes/router/restart?seconds=1");
        assertTrue(replaced.status() < 300, replaced.text());
        Await.until("the next router goes on", () -> value(byControl(), ok()) >= before);
        ask("/x", "");
        Await.until("the next router counts", () -> value(byControl(), ok()) > before);
    }

    @Test
    void formatsAreNegotiated() throws IOException {
        apply("");
        Response plain = ask("/metrics", "");
        assertEquals("text/plain; version=0.0.4; charset=utf-8", plain.header("Content-Type").orElseThrow());
        Response open = ask("/metrics", "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n");
        assertEquals("application/openmetrics-text; version=1.0.0; charset=utf-8",
            open.header("Content-Type").orElseThrow());
        assertTrue(open.text().endsWith("# EOF\n"), open.text());
        assertTrue(open.text().contains("# TYPE margay_listener_requests counter\n"), open.text());
    }

    @Test
    void whatIsNoFormatIsRefused() throws IOException {
        apply("");
        Response refused = server.control().put("/config/routes/0/action/metrics", "\"xml\"");
        assertEquals(400, refused.status());
        assertTrue(refused.text().contains("The \\\"metrics\\\" value must be \\\"prometheus\\\"."), refused.text());
        assertEquals(404, server.control().get("/control/metrics/x").status());
    }
}
