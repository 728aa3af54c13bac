// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Traces of a running server: a collector gets spans, an upstream their context (spec/routing.md §15). */
@Timeout(180)
class TelemetryIT {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final List<String> SPANS = new CopyOnWriteArrayList<>();
    private static final List<String> TYPES = new CopyOnWriteArrayList<>();
    private static final List<String> KEYS = new CopyOnWriteArrayList<>();
    private static final List<String> PARENTS = new CopyOnWriteArrayList<>();

    private static TestServer server;
    private static HttpServer peer;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        peer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        peer.createContext("/v1/traces", exchange -> {
            TYPES.add(exchange.getRequestHeaders().getFirst("Content-Type"));
            KEYS.add(exchange.getRequestHeaders().getFirst("X-Key"));
            SPANS.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        peer.createContext("/up", exchange -> {
            PARENTS.add(exchange.getRequestHeaders().getFirst("traceparent"));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        peer.start();
        server = TestServer.speaking();
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        peer.stop(0);
    }

    private static String at(String path) {
        return "http://127.0.0.1:" + peer.getAddress().getPort() + path;
    }

    private static void apply(String telemetry) throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"routes\"}}, "
            + "\"routes\": [{\"match\": {\"uri\": \"/up*\"}, \"action\": {\"proxy\": \"" + at("") + "\"}}, "
            + "{\"action\": {\"return\": 200}}], \"settings\": {\"telemetry\": " + telemetry + "}}");
    }

    private static String options(String endpoint) {
        return "{\"endpoint\": \"" + endpoint + "\", \"protocol\": \"http\", \"service_name\": \"shop\", "
            + "\"headers\": {\"X-Key\": \"secret of the collector\"}, "
            + "\"resource_attributes\": {\"deployment.environment\": \"trial\"}}";
    }

    private static Response ask(String target, String fields) throws IOException {
        try (Http http = Http.tcp(port)) {
            http.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "Connection: close\r\n\r\n");
            return http.response(false);
        }
    }

    private static String bytes(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }

    private static boolean exported(String text) {
        return SPANS.stream().anyMatch(body -> body.contains(text));
    }

    @Test
    void spansAreExportedAndTheirContextGoesOn() throws IOException {
        apply(options(at("/v1/traces")));
        String parent = "00-" + TRACE + "-b7ad6b7169203331-01";
        Response answer = ask("/up/one", "traceparent: " + parent + "\r\n");
        assertEquals(200, answer.status());
        assertEquals(parent, answer.header("traceparent").orElseThrow());
        assertEquals(1, PARENTS.size());
        String[] passed = PARENTS.getFirst().split("-");
        assertEquals(TRACE + " 01", passed[1] + " " + passed[3]);
        assertFalse(passed[2].equals("b7ad6b7169203331"), PARENTS::toString);
        Await.until("the span is exported", () -> exported("/up/one"));
        assertTrue(exported(bytes(TRACE)) && exported(bytes(passed[2])) && exported("shop"), SPANS::toString);
        assertEquals("application/x-protobuf", TYPES.getFirst());
        assertEquals("secret of the collector", KEYS.getFirst());
        assertTrue(exported("deployment.environment") && exported("trial"), SPANS::toString);

        // What waits is exported when the server quits, here when the section goes.
        ask("/last", "");
        server.control().apply("/config/settings/telemetry", options(at("/v1/traces?other")));
        Await.until("the last span is exported", () -> exported("/last"));
        assertFalse(exported("/none"));
    }

    @Test
    void anAbsentCollectorCostsALine() throws IOException {
        server.expect("spans cannot be exported");
        server.expect("spans were not exported");
        apply(options("http://127.0.0.1:" + Distribution.freePorts(1).getFirst() + "/v1/traces"));
        for (int i = 0; i < 20; i++) {
            assertEquals(200, ask("/x", "").status());
        }
        server.awaitLog("spans cannot be exported to .*; they are dropped");
        assertEquals(200, ask("/x", "").status());
    }

    @Test
    void whatIsNotThereIsRefusedAndChangesNothing() throws IOException {
        apply(options(at("/v1/traces")));
        Response refused = server.control().put("/config/settings/telemetry/protocol", "\"grpc\"");
        assertEquals(400, refused.status(), refused.text());
        assertTrue(refused.text().contains("grpc"), refused.text());
        assertTrue(refused.text().contains("/settings/telemetry/protocol"), refused.text());
        assertEquals("\"http\"", server.control().get("/config/settings/telemetry/protocol").text().strip());
    }
}
