// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts of resident PHP workers, and their options. */
@Timeout(120)
class PhpWorkerStartIT {

    private static int port;
    private static Path root;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("php");
        port = Distribution.freePorts(1).getFirst();
        root = server.app("php_worker");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String get(String target) throws IOException {
        Response response = Http.get(port, target);
        assertEquals(200, response.status(), target);
        return response.text();
    }

    private static void serve(String members) throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/php\"}}, \"applications\": {\"php\": {\"type\": \"php\", \"root\": \""
            + root + "\", \"worker\": \"worker.php\"" + members + "}}}");
    }

    @ParameterizedTest
    @CsvSource({"none.php, does not exist", "syntax.php, ParseError", "throws.php, no such database",
        "exits.php, without a call of margay_handle_request", "returns.php, without a call of margay_handle_request"})
    void whatCannotBootIsRefused(String script, String reason) throws Exception {
        serve("");
        server.expect("PHP: |failed to apply|failed to start");
        Response refused = server.control().put("/config/applications/none", "{\"type\": \"php\", \"root\": \"" + root
            + "\", \"worker\": \"" + script + "\"}");
        assertEquals(500, refused.status());
        assertTrue(refused.text().contains(reason), refused.text());
        assertTrue(server.log().contains(reason), "the log has it when the answer comes");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"root\": \"/\", \"worker\": \"a.php\", \"script\": \"b.php\"|/applications/none/script",
        "\"root\": \"/\", \"worker\": \"a.php\", \"index\": \"b.php\"|/applications/none/index",
        "\"worker\": \"a.php\", \"targets\": {\"a\": {\"root\": \"/\"}}|/applications/none/worker",
        "\"root\": \"/\", \"worker_memory\": 2000000|/applications/none/worker_memory",
        "\"root\": \"/\", \"worker\": \"a.php\", \"worker_memory\": 1|/applications/none/worker_memory",
        "\"root\": \"/\", \"worker\": \"\"|/applications/none/worker",
        "\"worker\": \"a.php\"|/applications/none"})
    void optionsThatDoNotFitAreRefused(String members, String pointer) throws IOException {
        serve("");
        Response refused = server.control().put("/config/applications/none", "{\"type\": \"php\", " + members + "}");
        assertEquals(400, refused.status(), refused.text());
        assertTrue(refused.text().contains("\"" + pointer + "\"") || refused.text().contains("\""
            + pointer.replace("/", "\\/") + "\""), refused.text());
    }

    @Test
    void options() throws IOException {
        Path file = Files.writeString(server.base().resolve("worker.ini"), "default_mimetype = text/from-the-file\n");
        serve(", \"environment\": {\"GREETING\": \"h\u00e9llo\"}, \"options\": {\"file\": \"" + file
            + "\", \"admin\": {\"user_agent\": \"it's\\n${HOME}\"}, \"user\": {\"default_charset\": \"ab;c\"}}");
        assertEquals("kept it's\n${HOME}", get("/?do=ini&name=user_agent"), "scripts cannot change it");
        assertTrue(Http.get(port, "/?do=seen").header("Content-Type").orElseThrow().startsWith("text/from-the-file"));
        assertEquals("changed changed", get("/?do=ini&name=default_charset"));
        assertEquals("h\u00e9llo", new String(Http.get(port, "/?do=server&name=GREETING").body(),
            StandardCharsets.UTF_8));
    }

    /** What is held back as a whole has a length that nobody had to say. */
    @ParameterizedTest
    @CsvSource({"On, true", "Off, false", "512, false", "1M, true"})
    void outputIsHeldBackAsTheOptionSays(String value, boolean whole) throws IOException {
        serve(", \"options\": {\"user\": {\"output_buffering\": \"" + value + "\"}}");
        Response response = Http.get(port, "/?do=late");
        assertEquals(whole ? "200 late" : "200 early", response.status() + " "
            + response.header("X-Late").orElse("early"), response.text().substring(0, 20));
        assertEquals(100_000, response.text().length());
    }

    @Test
    void aBufferThatIsNoneIsRefused() throws IOException {
        serve("");
        server.expect("failed to (start|apply)|start of ");
        Response refused = server.control().put("/config/applications/none", "{\"type\": \"php\", \"root\": \"" + root
            + "\", \"worker\": \"worker.php\", \"options\": {\"admin\": {\"output_buffering\": \"some\"}}}");
        assertEquals(500, refused.status());
        assertTrue(refused.text().contains("is neither"), refused.text());
    }

    @Test
    void whatItSaysIsInTheLog() throws Exception {
        serve("");
        get("/?do=say");
        server.awaitLog("said to standard error");
        server.awaitLog("PHP Warning:  a warning of the handler");
    }
}
