// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What applications send beside the response: early hints before it, fields behind its body. */
@Timeout(120)
class HintsIT {
    private static final Map<String, Integer> PORTS = new LinkedHashMap<>();

    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python", "ruby", "perl", "node");
        String directory = server.app("hints").toString();
        Map<String, String> applications = Map.of(
            "python", "\"path\": \"" + directory + "\", \"module\": \"hints\", \"protocol\": \"asgi\"",
            "ruby", "\"script\": \"" + directory + "/hints.ru\"",
            "perl", "\"script\": \"" + directory + "/hints.psgi\"",
            "node", "\"script\": \"" + directory + "/hints.js\"");
        List<Integer> ports = Distribution.freePorts(applications.size());
        StringBuilder listeners = new StringBuilder();
        StringBuilder all = new StringBuilder();
        for (Map.Entry<String, String> application : applications.entrySet()) {
            String comma = PORTS.isEmpty() ? "" : ", ";
            PORTS.put(application.getKey(), ports.get(PORTS.size()));
            listeners.append(comma).append("\"127.0.0.1:").append(PORTS.get(application.getKey()))
                .append("\": {\"pass\": \"applications/").append(application.getKey()).append("\"}");
            all.append(comma).append('"').append(application.getKey()).append("\": {\"type\": \"")
                .append(application.getKey()).append("\", ").append(application.getValue()).append('}');
        }
        server.control().apply("/config", "{\"listeners\": {" + listeners + "}, \"applications\": {" + all + "}}");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    /** Asks for a connection's last answer; gives all that came. */
    private static String all(String language, String target, String version, String fields) throws IOException {
        try (Http http = Http.tcp(PORTS.get(language))) {
            http.send("GET " + target + " HTTP/" + version + "\r\nHost: localhost\r\nConnection: close\r\n" + fields
                + "\r\n");
            return new String(http.rest(), StandardCharsets.ISO_8859_1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"python", "ruby", "perl", "node"})
    void hintsComeBeforeTheResponse(String language) throws IOException {
        String all = all(language, "/", "1.1", "");
        int end = all.indexOf("\r\n\r\n");
        assertEquals("http/1.1 103 \r\nlink: </style.css>; rel=preload", all.substring(0, end).toLowerCase()
            .replaceFirst("(, |\r\nlink: )</more>; rel=preload$", ""), all);
        assertTrue(all.startsWith("HTTP/1.1 200 OK\r\n", end + 4), all);
        assertTrue(all.endsWith("\r\n0\r\n\r\n") || all.endsWith("some text"), all);
    }

    /** It would take the first response for the only one. */
    @ParameterizedTest
    @ValueSource(strings = {"python", "ruby", "perl", "node"})
    void anOldClientGetsTheResponseAlone(String language) throws IOException {
        String all = all(language, "/", "1.0", "");
        assertTrue(all.startsWith("HTTP/1.1 200 OK\r\n"), all);
        assertFalse(all.contains("style.css"), all);
    }

    @ParameterizedTest
    @CsvSource({"python", "ruby", "perl"})
    void aHintThatIsSplitIsNone(String language) throws IOException {
        server.expect("control character|Failed to|failed to call");
        String all = all(language, "/split", "1.1", "");
        assertTrue(all.startsWith("HTTP/1.1 503 "), all);
        assertFalse(all.contains("X-Evil"), all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"python", "node"})
    void trailersGoToWhoWantsThem(String language) throws IOException {
        String with = all(language, "/trailers", "1.1", "TE: trailers\r\n");
        assertTrue(with.endsWith("\r\n0\r\nX-Sum: 1\r\nx-more: 2\r\n\r\n"), with);
        String without = all(language, "/trailers", "1.1", "");
        assertTrue(without.endsWith("\r\n0\r\n\r\n"), without);
    }

    @Test
    void extensionsAreAnnouncedWhereTheyWork() throws IOException {
        String all = all("python", "/", "1.1", "");
        assertTrue(all.contains("\r\nhttp\r\n")
            && all.contains(".response.early_hint http.response.trailers\r\n"), all);
        assertTrue(all("python", "/", "1.0", "").endsWith("\r\n\r\n"), "none");
    }

    @Test
    void aHintAfterTheResponseIsAFault() throws IOException {
        server.expect("failed to call");
        assertTrue(all("python", "/late", "1.1", "").startsWith("HTTP/1.1 503 "));
        server.awaitLog("Expected ASGI message 'http.response.body', but got 'http.response.early_hint'");
    }
}
