// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Python's own validator of WSGI servers, {@code wsgiref.validate}, finds nothing. */
@Timeout(60)
class WsgirefIT {

    private static final String NUMBERS = String.join("", IntStream.range(0, 100).mapToObj(i -> i + " ").toList());

    private static TestServer server;
    private static List<Integer> ports;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        ports = Distribution.freePorts(2);
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/one"}, "127.0.0.1:%d": {"pass": "applications/many"}},
             "applications": {"one": %s, "many": %s}}""".formatted(ports.get(0), ports.get(1),
            server.python("wsgiref", "valid"), server.python("wsgiref", "valid", "\"threads\": 4",
                "\"protocol\": \"wsgi\"")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"GET,/plain,0,200,plain", "HEAD,/plain,0,200,''", "GET,/plain?a=b%20c,0,200,plain",
        "DELETE,/plain,0,200,plain", "GET,/empty,0,204,''", "POST,/read,0,200,0", "POST,/read,10,200,10",
        "PUT,/read,200000,200,200000", "POST,/pieces,123456,200,123456", "POST,/lines,1000,200,10",
        "POST,/readline,150,200,12", "GET,/write,0,200,written returned", "GET,/generator,0,200,numbers",
        "GET,/errors,0,200,plain"})
    void nothingIsFound(String method, String target, int size, int status, String body) throws IOException {
        StringBuilder content = new StringBuilder();
        while (content.length() < size) {
            content.append("x".repeat(Math.min(99, size - content.length())));
            content.append(content.length() < size ? "\n" : "");
        }
        for (int port : ports) {
            for (String fields : new String[] {"", "Content-Type: text/x; a=b\r\nX-A: 1\r\nX-A: 2\r\nx_b: 3\r\n"}) {
                try (Http http = Http.tcp(port)) {
                    http.send(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + (size > 0
                        || method.startsWith("P") ? "Content-Length: " + size + "\r\n" : "") + "\r\n");
                    http.send(content.toString().getBytes(StandardCharsets.ISO_8859_1));
                    Response response = http.response(method.equals("HEAD"));
                    assertEquals(status, response.status(), server.log());
                    switch (target) {
                        case "/readline" -> assertEquals(content.toString(), response.text());
                        case "/generator" -> assertEquals(NUMBERS, response.text());
                        default -> assertEquals(body, response.text());
                    }
                }
            }
        }
        assertFalse(server.log().contains("Assertion") || server.log().contains("Warning"), server.log());
    }
}
