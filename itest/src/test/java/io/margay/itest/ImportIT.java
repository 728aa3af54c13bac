// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code --import}: files that are applied at the first start, as container images have them. */
@Timeout(120)
class ImportIT {
    private Path directory;
    private Path base;

    @BeforeEach
    void directories() throws IOException {
        directory = Files.createTempDirectory("margay-import-");
        base = TestServer.directory();
    }

    @AfterEach
    void remove() throws IOException {
        TestServer.delete(directory);
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }

    private TestServer start() throws IOException {
        return TestServer.speaking(base, List.of("--import", directory.toString()));
    }

    private static String pem() throws IOException, InterruptedException {
        Process openssl = new ProcessBuilder("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=import.example", "-days", "30", "-keyout", "-",
            "-out", "-")
            .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String text = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertEquals(0, openssl.waitFor());
        return text;
    }

    @Test
    void everythingIsThereWhenTheSocketAnswers() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        write("site.pem", pem());
        write("broken.pem", "no certificate");
        write("tools.js", "export default { answer: () => 42 };");
        write("a.json", "{\"routes\": [{\"action\": {\"retrun\": 204}}]}");
        write("b.json", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}}, "routes": [{"action": {"return": 204}}]} // all of it
            """.formatted(port));
        write("c.json", "{");
        try (TestServer server = start()) {
            assertEquals(204, Http.get(port, "/").status());
            assertTrue(server.control().get("/certificates/site").text().contains("import.example"));
            assertEquals(404, server.control().get("/certificates/broken").status());
            assertTrue(server.control().get("/js_modules/tools").text().contains("answer"));
            String[] log = server.log().lines().filter(line -> line.contains("import")).map(line ->
                line.replaceAll("^\\S+ \\S+ | \\d+#\\d+", "")).toArray(String[]::new);
            assertTrue(log[0].startsWith("[error] \"broken.pem\" is not imported: Invalid certificate."), log[0]);
            assertEquals("[notice] imported \"site.pem\"", log[1]);
            assertEquals("[notice] imported \"tools.js\"", log[2]);
            assertTrue(log[3].startsWith("[error] \"a.json\" is not imported: Invalid configuration."), log[3]);
            assertEquals("[notice] imported \"b.json\"", log[4]);
            assertTrue(log[5].startsWith("[error] \"c.json\" is not imported: Invalid JSON. Unexpected end"), log[5]);
            assertEquals(6, log.length);

            // The second start finds a state: changes of clients stay.
            server.control().apply("/config/routes/0/action/return", "205");
            TestServer.signal(server.pid(), "TERM");
            server.restart();
            assertEquals(205, Http.get(port, "/").status());
            server.awaitLog("is not imported: the state directory .* is not empty");
        }
    }

    @Test
    void aControllerThatDiesLaterImportsNothingAgain() throws Exception {
        write("a.json", "{\"settings\": {\"http\": {\"idle_timeout\": 7}}}");
        try (TestServer server = start()) {
            server.expect("exited on signal 9");
            server.expect("sendmsg\\(.*\\) failed \\((32: Broken pipe|104: Connection reset by peer)\\)");
            server.control().apply("/config/settings/http/idle_timeout", "8");
            TestServer.signal(server.await("unit: controller"), "KILL");
            Await.until("another controller answers", () -> {
                try {
                    return server.control().get("/config/settings/http/idle_timeout").text().strip().equals("8");
                } catch (IOException e) {
                    // Not yet.
                    return false;
                }
            });
            assertEquals(1, server.log().lines().filter(line -> line.contains("imported")).count());
        }
    }
}
