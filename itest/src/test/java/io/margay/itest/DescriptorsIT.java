// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** After any kind of work each process has as many descriptors open as at its start. */
@Timeout(120)
class DescriptorsIT {
    private static final String RETURN = "{\"listeners\": {\"127.0.0.1:%d\": {\"pass\": \"routes\"}}, "
        + "\"routes\": [{\"action\": {\"return\": 200}}]}";

    @TempDir
    private static Path directory;
    private static TestServer server;
    private static int port;
    private static int other;
    private static Map<String, Integer> start;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        var ports = Distribution.freePorts(2);
        port = ports.get(0);
        other = ports.get(1);
        rest();
        assertEquals(200, Http.get(port, "/").status());
        Await.until("the connections are closed", DescriptorsIT::noControlConnection);
        start = descriptors();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static void rest() throws IOException {
        server.control().apply("/config", RETURN.formatted(port));
    }

    private static Map<String, Integer> descriptors() throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (String title : new String[] {"unit: main", "unit: controller", "unit: router"}) {
            counts.put(title, TestServer.descriptors(server.await(title)));
        }
        return counts;
    }

    /** Whether the controller has closed the connection of the last change, too. */
    private static boolean noControlConnection() throws IOException {
        String path = server.base().resolve("control.sock").toString();
        return Files.readString(Path.of("/proc/net/unix")).lines()
            .noneMatch(line -> line.endsWith(path) && line.split(" +")[5].equals("03"));
    }

    private static void comeBack(String work) throws IOException {
        rest();
        try {
            Await.until("the descriptors are back after " + work, () -> start.equals(descriptors()));
        } catch (AssertionError e) {
            assertEquals(start, descriptors(), work);
        }
    }

    @Test
    void ofTls() throws Exception {
        OpenSsl ssl = new OpenSsl(directory);
        ssl.selfSigned("rsa", "rsa:2048");
        assertEquals(200, server.control().put("/certificates/rsa", Files.readString(directory.resolve("rsa.key"))
            + Files.readString(directory.resolve("rsa.crt"))).status());
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": "rsa"}}},
             "routes": [{"action": {"return": 200}}]}""".formatted(other));
        for (int i = 0; i < 3; i++) {
            try (TlsClient client = TlsClient.connect(other)) {
                assertEquals(200, client.get("/"));
            }
        }
        comeBack("TLS");
    }

    @Test
    void ofAnApplicationAndUploads() throws Exception {
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/probe"}}, "applications": {"probe": %s}}"""
            .formatted(port, server.python("probe", "wsgi", "\"processes\": 2")));
        assertEquals(200, server.control().get("/control/applications/probe/restart").status());
        String body = "x".repeat(1 << 20);
        for (int i = 0; i < 3; i++) {
            try (Http http = Http.tcp(port)) {
                http.send("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                assertTrue(http.response(false).status() >= 200);
            }
            try (Http http = Http.tcp(port)) {
                // Leaves in the middle of it.
                http.send("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n" + body);
            }
        }
        comeBack("an application");
    }

    @Test
    void ofFiles() throws Exception {
        Path file = Files.write(server.base().resolve("large"), new byte[3_000_000]);
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}}, "routes": [{"action": {"share": "%s$uri"}}]}"""
            .formatted(port, server.base()));
        for (int i = 0; i < 3; i++) {
            assertEquals(3_000_000, Http.get(port, "/" + file.getFileName()).body().length);
            assertEquals(404, Http.get(port, "/none").status());
            try (Http http = Http.tcp(port)) {
                http.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
            }
        }
        comeBack("files");
    }

    @Test
    void ofChangesAlsoRefusedOnes() throws Exception {
        server.expect("failed to apply new conf");
        server.expect("bind\\(.*192.0.2.1:80.*\\) failed \\(99: ");
        for (int i = 0; i < 10; i++) {
            server.control().apply("/config/routes/0/action/return", Integer.toString(200 + i));
            assertEquals(400, server.control().put("/config/listeners", "{\"*:1\": {\"pass\": \"nowhere\"}}").status());
            assertEquals(500, server.control().put("/config", """
                {"settings": {"listen_threads": 8}, "routes": [],
                 "listeners": {"127.0.0.1:%d": {"pass": "routes"}, "192.0.2.1:80": {"pass": "routes"}}}"""
                .formatted(other)).status());
        }
        comeBack("changes");
    }
}
