// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Listeners behind proxies that tell who the client is by the PROXY protocol. */
@Timeout(120)
class ProxyProtocolIT {
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    private static final String LINE = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n";
    private static final String BINARY = new String(HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "2121002a"
        + "20010db8000000000000000000000001" + "00000000000000000000000000000001" + "0001" + "0002"
        + "040003010203"), StandardCharsets.ISO_8859_1);

    @TempDir
    private static Path directory;
    private static TestServer server;
    private static int port;
    private static int strangers;
    private static int secure;

    @BeforeAll
    static void start() throws Exception {
        OpenSsl ssl = new OpenSsl(directory);
        ssl.selfSigned("rsa", "rsa:2048");
        server = TestServer.speaking();
        List<Integer> ports = Distribution.freePorts(3);
        port = ports.getFirst();
        strangers = ports.get(1);
        secure = ports.get(2);
        server.control().apply("/certificates/rsa", ssl.join("rsa.crt", "rsa.key"));
        server.control().apply("/config", """
            {"listeners": {
                "127.0.0.1:%d": {"pass": "routes", "proxy_protocol": {"source": "127.0.0.0/8"}},
                "127.0.0.1:%d": {"pass": "routes", "proxy_protocol": {"source": ["10.0.0.1", "::1"]}},
                "127.0.0.1:%d": {"pass": "routes", "proxy_protocol": {"source": "127.0.0.1"},
                                 "tls": {"certificate": "rsa"}}},
             "routes": [{"match": {"source": "192.0.2.1"}, "action": {"return": 301, "location": "v4/$remote_addr"}},
                        {"action": {"return": 302, "location": "$remote_addr"}}]}""".formatted(port, strangers,
            secure));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String location(int at, String request) throws IOException {
        try (Http http = Http.tcp(at)) {
            Response response = http.exchange(request);
            return response.status() + " " + response.header("Location").orElse("none");
        }
    }

    @Test
    void theClientIsTold() throws IOException {
        assertEquals("301 v4/192.0.2.1", location(port, LINE + REQUEST));
        assertEquals("302 2001:db8::1", location(port, BINARY + REQUEST));
        assertEquals("302 127.0.0.1", location(port, "PROXY UNKNOWN\r\n" + REQUEST));
    }

    @Test
    void allRequestsOfTheConnectionAreTheClients() throws IOException {
        try (Http http = Http.tcp(port)) {
            for (char letter : LINE.toCharArray()) {
                http.send(String.valueOf(letter));
            }
            for (int i = 0; i < 3; i++) {
                assertEquals(301, http.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status());
            }
        }
    }

    @Test
    void whoIsTrustedHasToTell() throws IOException {
        try (Http http = Http.tcp(port)) {
            http.send(REQUEST);
            assertTrue(http.closed());
        }
        try (Http http = Http.tcp(port)) {
            http.send("PROXY TCP4 1.2.3.4 nonsense\r\n" + REQUEST);
            assertTrue(http.closed());
        }
        server.awaitLog("PROXY header of ");
    }

    @Test
    void nobodyElseIsBelieved() throws IOException {
        assertEquals("302 127.0.0.1", location(strangers, REQUEST));
        assertEquals("400 none", location(strangers, LINE + REQUEST));
    }

    @Test
    void itComesBeforeTls() throws Exception {
        Distribution.Result result = Distribution.run(directory, Map.of(), "curl", "-s", "-S", "-k",
            "--haproxy-protocol", "--max-time", "20", "-o", "out", "-w", "%{http_code}",
            "https://127.0.0.1:" + secure + "/");
        assertEquals("302", result.out().strip(), result.err());
    }

    @Test
    void badSourcesAreRefused() throws IOException {
        Response reply = server.control().put("/config/listeners/127.0.0.1:" + port + "/proxy_protocol",
            "{\"source\": \"nonsense\"}");
        assertEquals(400, reply.status());
        assertTrue(reply.text().contains("proxy_protocol/source"), reply.text());
    }
}
