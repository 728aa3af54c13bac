// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scripts for Node, wherever they listen; what is the same for all languages is in {@link Languages}. */
@Timeout(120)
class NodeIT {
    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("node");
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String app(String... members) throws IOException {
        return "{\"type\": \"node\", \"script\": \"" + server.app("http").resolve("server.mjs") + "\", "
            + String.join(", ", members) + "}";
    }

    private static void configure(String app) throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/node\"}}, \"applications\": {\"node\": " + app + "}}");
    }

    @ParameterizedTest
    @CsvSource({"https,true 443", "late,false 0", "twice,false 3000", "handler,false 0"})
    void everyKindOfServer(String kind, String seen) throws Exception {
        int before = server.log().length();
        configure(app("\"processes\": 2", "\"arguments\": [\"" + kind + "\", \"a $b\"]"));
        try (Load load = Load.start(port, "/", 4, response -> assertEquals(kind + " a $b GET " + seen,
            response.text()))) {
            load.awaitMore(50);
            assertEquals(200, server.control().get("/control/applications/node/restart").status());
            load.awaitMore(50);
            assertEquals(List.of(), load.stop());
        }
        server.control().apply("/config", "{\"listeners\": {}, \"applications\": {}}");
        String end = "exited with code " + (kind.equals("handler") ? 9 : 0) + "\n";
        Await.until("all four leave in peace", () -> server.log().substring(before).split(end, -1).length == 5);
    }

    /** Frameworks as npm has them, which know nothing of this server; one of them with the WebSockets of a library. */
    @Test
    void frameworksRunUnchanged() throws Exception {
        assumeTrue(Npm.isThere(), "npm is needed");
        Path folder = server.app("node");
        Npm.install(folder, "express@4.22.3", "fastify@4.29.1", "ws@8.23.0");
        for (String framework : List.of("express", "fastify")) {
            configure("{\"type\": \"node\", \"script\": \"" + folder.resolve(framework + ".js")
                + "\", \"processes\": 2}");
            assertEquals(framework, Http.get(port, "/").text());
            try (Http http = Http.tcp(port)) {
                // Nobody is believed to be somebody else.
                for (String more : List.of("", "Margay-Client: https 6.6.6.6 6.6.6.6 6\r\n", "X-A: b\r\n")) {
                    String told = "{\"name\":\"a b\",\"ip\":\"127.0.0.1\",\"at\":\"127.0.0.1:" + port
                        + "\",\"tls\":false,\"fields\":" + (more.startsWith("X") ? "[2,2,2]" : "[1,1,1]") + "}";
                    assertEquals(told, http.exchange("GET /who/a%20b HTTP/1.1\r\nHost: x\r\n" + more + "\r\n").text());
                }
            }
            // More fields than Node reads: who asks is known all the same.
            try (Http http = Http.tcp(port)) {
                String told = http.exchange("GET /who/x HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n".repeat(1_100) + "\r\n")
                    .text();
                assertTrue(told.startsWith("{\"name\":\"x\",\"ip\":\"127.0.0.1\",\"at\":\"127.0.0.1:" + port), told);
            }
            assertEquals(404, Http.get(port, "/nowhere").status());
            try (Http http = Http.tcp(port)) {
                for (int i = 0; i < 3; i++) {
                    assertEquals("10", http.exchange("POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
                        + "Content-Type: application/json\r\n\r\n[1,2,3,4]").text());
                }
            }
        }
        configure("{\"type\": \"node\", \"script\": \"" + folder.resolve("express.js") + "\"}");
        String message = "to and fro".repeat(10_000);
        assertEquals(message, Inbox.exchange(port, message));
        server.control().apply("/config", "{\"listeners\": {}, \"applications\": {}}");
        Await.until("no process of theirs is left",
            () -> server.processes().values().stream().noneMatch(title -> title.contains("\"node\"")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "\"arguments\": [\"nothing\"]!nothing listens",
        "\"arguments\": [], \"executable\": \"/nonexistent/node\"!No such file or directory",
        "\"arguments\": [], \"environment\": {\"NODE_OPTIONS\": \"--no-such-option\"}!--no-such-option is not allowed"})
    void whatDoesNotServeIsRefused(String options, String why) throws Exception {
        server.expect("failed to start|failed to apply|execve|start of");
        int before = server.log().length();
        Response response = server.control().put("/config", "{\"listeners\": {}, \"applications\": {\"node\": "
            + app(options) + "}}");
        assertEquals(500, response.status(), response.text());
        Await.until("somebody says why", () -> (response.text() + server.log().substring(before)).contains(why));
    }

    @Test
    void wrongOptionsAreRefusedWhereTheyStand() throws Exception {
        Response response = server.control().put("/config/applications",
            "{\"node\": {\"type\": \"node\", \"script\": \"x\", \"concurrency\": -1}}");
        assertEquals(400, response.status());
        assertTrue(response.text().contains("/node/concurrency"), response.text());
    }
}
