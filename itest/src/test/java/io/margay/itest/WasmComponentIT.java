// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Components of {@code wasi:http/proxy}; that of the tests is assembled by the tools that the bundle's jco brings. */
@Timeout(180)
class WasmComponentIT {
    private static TestServer server;
    private static Path component;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(ComponentApps.areHere(), "the bundle was built without npm");
        server = TestServer.speaking("wasm");
        port = Distribution.freePorts(1).getFirst();
        component = server.base().resolve("component.wasm");
        ComponentApps.assemble(server, component, "greets");
        server.control().apply("/config/settings", "{\"http\": {\"max_body_size\": 50000000}}");
    }

    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    private static String app(Path file, String members) {
        return "{\"type\": \"wasm-wasi-component\", \"component\": \"" + file + "\"" + members + "}";
    }

    private static void configure(String members) throws IOException {
        server.control().apply("/config", "{\"settings\": {\"http\": {\"max_body_size\": 50000000}}, \"listeners\": "
            + "{\"127.0.0.1:" + port + "\": {\"pass\": \"applications/app\"}}, \"applications\": {\"app\": "
            + app(component, members) + "}}");
    }

    @Test
    void whatTheRequestIsAndWhatTheAnswer() throws Exception {
        configure("");
        try (Http http = Http.tcp(port)) {
            http.send("GET /made%20b?c=%41 HTTP/1.1\r\nHost: Name:1\r\nA: b\r\n\r\n");
            Response response = http.response(false);
            assertEquals("hello /made%20b?c=%41 http name", response.text());
            assertEquals(201, response.status());
            assertEquals(List.of("component", "1"), response.headers().stream()
                .filter(field -> field.startsWith("X-Made-By: ")).map(field -> field.substring(11)).toList());
        }
        configure(", \"access\": {\"filesystem\": [\"" + server.base() + "\"]}");
        assertEquals(server.base().toString(), Http.get(port, "/directories").text());
    }

    @Test
    void aProcessIsReplacedUnderLoad() throws Exception {
        configure(", \"processes\": 1");
        try (Load load = Load.start(port, "/x", 2, response -> assertEquals("hello /x http localhost",
            response.text()))) {
            load.awaitMore(100);
            assertEquals(200, server.control().get("/control/applications/app/restart").status());
            load.awaitMore(100);
            assertEquals(List.of(), load.stop());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_536, 65_537, 20_000_000})
    void bodiesPassBothWays(int size) throws Exception {
        configure("");
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        try (Http http = Http.tcp(port)) {
            for (int i = 0; i < 2; i++) {
                http.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + "\r\n\r\n");
                http.send(body);
                assertArrayEquals(body, http.response(false).body());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {"/trap!failed to invoke wasm `handle`: wasm trap: .*unreachable",
        "/none!response generation failed: it gave no response",
        "/wrong!response generation failed: HTTP-request-denied"})
    void whatFailsIsAnError(String target, String why) throws Exception {
        configure("");
        int before = server.log().length();
        assertEquals(503, Http.get(port, target).status());
        Await.until(why, () -> server.log().substring(before).matches("(?s).*WASM ERROR: " + why + ".*"));
        assertEquals(200, Http.get(port, "/hello").status());
    }

    @Test
    void whatTrapsInItsAnswerIsCut() throws Exception {
        configure("");
        server.expect("application \"app\": process \\d+");
        try (Http http = Http.tcp(port)) {
            http.send("GET /late HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            String all = new String(http.rest(), StandardCharsets.ISO_8859_1);
            assertTrue(all.contains("hello") && !all.endsWith("0\r\n\r\n"), all);
        }
        assertEquals(200, Http.get(port, "/hello").status());
    }

    @Test
    void anEndlessLoopIsEndedByTheTimeout() throws Exception {
        server.expect("exited on signal 9|application \"app\"");
        configure(", \"limits\": {\"timeout\": 1, \"stop_timeout\": 1}");
        assertEquals(503, Http.get(port, "/infinite").status());
        Await.until("another process serves", () -> Http.get(port, "/hello").status() == 200);
    }

    @Test
    void whatDoesNotStartIsRefusedWithTheReason() throws Exception {
        server.expect("failed to start|failed to apply|start of|exited with code 1");
        Path broken = server.base().resolve("broken.wasm");
        byte[] bytes = Files.readAllBytes(component);
        bytes[bytes.length / 2] ^= 0x55;
        Files.write(broken, bytes);
        refused(app(broken, ""));
        server.awaitLog("WASM ERROR: failed to (compile component|pre-instantiate the provided component): ");
        Files.write(broken, new byte[] {0, 'a', 's', 'm', 13, 0, 1, 0});
        refused(app(broken, ""));
        server.awaitLog("WASM ERROR: failed to conform to proxy: it does not export wasi:http/incoming-handler");
        refused(app(component, ", \"access\": {\"filesystem\": [\"/nowhere\"]}"));
        server.awaitLog("WASM ERROR: failed to create initial state: .*/nowhere");
        Files.write(broken, WasmApp.bytes());
        assertTrue(refused(app(broken, "")).contains("is a module, which needs the type wasm"));
    }

    private static String refused(String app) throws IOException {
        Response response = server.control().put("/config", "{\"listeners\": {}, \"applications\": {\"app\": " + app
            + "}}");
        assertEquals(500, response.status(), response.text());
        assertFalse(response.text().isEmpty());
        return response.text();
    }
}
