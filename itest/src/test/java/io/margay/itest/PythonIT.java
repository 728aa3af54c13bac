// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the options of Python choose, its frameworks, and applications that break the rules. */
@Timeout(120)
class PythonIT {
    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/python"}},
             "settings": {"http": {"websocket": {"max_frame_size": 20000000}, "max_body_size": 100000000}},
             "applications": {"python": %s}}""".formatted(port, server.python("python", "who")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static void run(String module, String... members) throws IOException {
        server.control().apply("/config/applications/python", server.python("python", module, members));
    }

    private static String refused(String module, String... members) throws IOException {
        server.expect("\\[unit\\] |start of \"other\" prototype|failed to apply new conf|failed to start|execve\\(");
        String before = server.control().get("/config").text();
        Response response = server.control().put("/config/applications/other",
            server.python("python", module, members));
        assertEquals(500, response.status(), response.text());
        assertEquals(before, server.control().get("/config").text());
        assertTrue(Http.get(port, "/").status() > 0);
        return response.text();
    }

    private static Path environment(String name) throws Exception {
        Path home = server.base().resolve(name);
        Distribution.Result made = Distribution.run(server.base(), Map.of(), "/usr/bin/python3", "-m", "venv",
            "--without-pip", home.toString());
        assumeTrue(made.code() == 0, "needs the Debian package python3-venv");
        Path packages = home.resolve("lib").resolve(Distribution.run(server.base(), Map.of(), "/usr/bin/python3", "-c",
            "import sys; print('python%d.%d' % sys.version_info[:2])").out().strip()).resolve("site-packages");
        Files.writeString(packages.resolve("only_in_the_environment.py"), "NAME = 'environment'\n");
        return home;
    }

    @ParameterizedTest
    @CsvSource({"application", "asgi"})
    void aVirtualEnvironmentIsTheHome(String callable) throws Exception {
        Path home = environment("venv-" + callable);
        run("who", "\"home\": \"" + home + "\"", "\"callable\": \"" + callable + "\"");
        assertTrue(Http.get(port, "/").text().contains(" environment "), Http.get(port, "/").text());
        // Beside the working directory it is named as the application sees it.
        run("who", "\"home\": \"" + home.getFileName() + "\"", "\"working_directory\": \"" + home.getParent() + "\"",
            "\"callable\": \"" + callable + "\"");
        assertTrue(Http.get(port, "/").text().contains(" environment "));
        run("who", "\"callable\": \"" + callable + "\"");
        assertTrue(Http.get(port, "/").text().contains(" - "));
        run("who", "\"home\": \"/usr\"", "\"callable\": \"" + callable + "\"");
        assertTrue(Http.get(port, "/").text().contains(" - "));
    }

    @Test
    void homesThatAreNone() throws IOException {
        Path empty = Files.createDirectory(server.base().resolve("empty"));
        String text = refused("who", "\"home\": \"" + empty + "\"");
        assertTrue(text.contains("neither a virtual environment nor an installation") && text.contains("pyvenv.cfg"),
            text);
        text = refused("who", "\"home\": \"/not/there\"");
        assertTrue(text.contains("\\\"/not/there\\\" is no directory"), text);
        Files.createFile(empty.resolve("pyvenv.cfg"));
        text = refused("who", "\"home\": \"" + empty + "\"");
        assertTrue(text.contains("execve(" + empty + "/bin/python) failed"), text);
    }

    @Test
    void thePathMayBeAnArray() throws IOException {
        Path apps = server.app("python");
        server.control().apply("/config/applications/python", """
            {"type": "python", "module": "who", "path": ["/not/there", "%s"],
             "environment": {"PYTHONPATH": "/behind", "PYTHONHOME": "/nowhere"}}""".formatted(apps));
        assertTrue(Http.get(port, "/").text().contains(" /not/there," + apps + " "), Http.get(port, "/").text());
        String text = server.control().put("/config/applications/python", """
            {"type": "python", "module": "who", "path": ["%s", 5]}""".formatted(apps)).text();
        assertTrue(text.contains("/applications/python/path/1"), text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        absent  | application | false | No module named 'absent'
        who     | absent      | false | failed to get \\"absent\\" from module \\"who\\"
        who     | NUMBER      | false | \\"NUMBER\\" in module \\"who\\" is not a callable object
        who     | raises      | true  | nothing is made
        who     | none        | true  | factory \\"none\\" in module \\"who\\" did not return callable object
        who     | NUMBER      | true  | factory \\"NUMBER\\" in module \\"who\\" can not be called""")
    void whatCannotBeLoadedIsToldInTheReply(String module, String callable, boolean factory, String reason)
            throws IOException {
        String text = refused(module, "\"callable\": \"" + callable + "\"", "\"factory\": " + factory);
        assertTrue(text.contains(reason), text);
    }

    @Test
    void aPathWithoutTheModule() throws IOException {
        String text = server.control().put("/config/applications/other",
            "{\"type\": \"python\", \"path\": \"/not/there\", \"module\": \"who\"}").text();
        assertTrue(text.contains("No module named 'who'"), text);
        server.expect("failed to import module \"who\"|failed to start|failed to apply");
    }

    @ParameterizedTest
    @CsvSource({"16384,32768", "1048576,1048576"})
    void stacksOfThreadsAreNotSmallerThanPythonTakes(int size, int taken) throws IOException {
        run("who", "\"threads\": 3", "\"thread_stack_size\": " + size);
        assertTrue(Http.get(port, "/").text().endsWith(" " + taken), Http.get(port, "/").text());
    }

    @Test
    void uvloopIsUsedWhereItIsInstalled() throws Exception {
        boolean installed = Distribution.run(server.base(), Map.of(), "/usr/bin/python3", "-I", "-c", "import uvloop")
            .code() == 0;
        assumeTrue(installed, "needs the Debian package python3-uvloop");
        run("who", "\"callable\": \"asgi\"", "\"threads\": 2");
        assertTrue(Http.get(port, "/").text().endsWith(" uvloop"), Http.get(port, "/").text());
        for (String text : new String[] {"raise ImportError", "raise RuntimeError('made for another Python')"}) {
            Path other = Files.createDirectories(server.base().resolve("other" + text.length()));
            Files.writeString(other.resolve("uvloop.py"), text);
            server.control().apply("/config/applications/python", """
                {"type": "python", "module": "who", "callable": "asgi", "path": ["%s", "%s"]}""".formatted(other,
                server.app("python")));
            assertTrue(Http.get(port, "/").text().endsWith(" asyncio"), Http.get(port, "/").text());
        }
        server.awaitLog("\\[warn\\] .*uvloop cannot be used: RuntimeError\\('made for another Python'\\)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        twice    | 503 | Expected ASGI message 'http.response.body', but got 'http.response.start'
        other    | 503 | Expected ASGI message 'http.response.body', but got 'http.response.start'
        nostart  | 503 | Expected ASGI message 'http.response.start', but got 'http.response.body'
        zero     | 503 | status
        interim  | 503 | status
        large    | 500 |
        negative | 500 |
        value    | 503 | 'headers' item #0 contains a control character
        name     | 503 | 'headers' item #0 contains a control character
        return   | 503 | 'headers' item #0 contains a control character
        colon    | 503 | 'headers' item #0 'name' contains a colon
        after    | 200 | after response already completed
        nothing  | 200 |
        text     | 503 | 'body' is not a byte string or bytearray
        bare     | 503 | KeyError
        number   | 503 | TypeError
        fine     | 200 |""")
    void applicationsThatBreakTheRules(String what, int status, String reason) throws IOException {
        server.expect("\\[alert\\]");
        run("wrong");
        int before = server.log().length();
        Response response = Http.get(port, "/" + what);
        assertEquals(status, response.status(), response.text());
        assertFalse(response.header("x-evil").isPresent());
        if (reason != null) {
            Await.until("the log says why", () -> server.log().substring(before).contains(reason));
        }
        // What is never received disturbs nobody.
        try (Http http = Http.tcp(port)) {
            for (int size : new int[] {10, 60_000, 5_000_000, 0}) {
                http.send("POST /fine HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + size + "\r\n\r\n");
                http.send(new byte[size]);
                assertEquals("the end", http.response(false).text());
            }
        }
    }

    @Test
    void starlette() throws Exception {
        assumeTrue(Distribution.run(server.base(), Map.of(), "/usr/bin/python3", "-c", "import starlette").code() == 0,
            "needs the Debian package python3-starlette");
        run("starry", "\"processes\": 2");
        assertEquals("Hello from Starlette, ['started']", Http.get(port, "/").text());
        assertEquals("0;1;2;", Http.get(port, "/ticks").text());
        byte[] body = new byte[3_000_000];
        new Random(1).nextBytes(body);
        try (Http http = Http.tcp(port)) {
            http.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length + "\r\n\r\n");
            http.send(body);
            assertArrayEquals(body, http.response(false).body());
        }
        Inbox inbox = new Inbox();
        try (HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = client.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/socket"), inbox).join();
            socket.sendText("quiet", true).join();
            assertEquals("QUIET", inbox.next());
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            assertEquals("close 1000 ", inbox.next());
        }
    }

    @Test
    void fastapi() throws Exception {
        assumeTrue(Distribution.run(server.base(), Map.of(), "/usr/bin/python3", "-c", "import fastapi").code() == 0,
            "needs the Debian package python3-fastapi");
        run("fast");
        assertEquals("\"Hello from FastAPI\"", Http.get(port, "/").text());
        String item = "{\"name\": \"caf\u00e9\", \"count\": 41}";
        byte[] bytes = item.getBytes(StandardCharsets.UTF_8);
        try (Http http = Http.tcp(port)) {
            http.send("POST /items/7 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                + bytes.length + "\r\n\r\n");
            http.send(bytes);
            assertEquals("{\"number\":7,\"name\":\"caf\u00e9\",\"count\":42}", http.response(false).text());
        }
        assertEquals(404, Http.get(port, "/nothing").status());
    }

    @Test
    void oneFrameMayBeAsLargeAsTheServerAllows() throws Exception {
        server.control().apply("/config/applications/python", server.python("websocket", "ws"));
        Inbox inbox = new Inbox();
        try (HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = client.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/echo"), inbox).join();
            byte[] message = new byte[12_000_000];
            new Random(2).nextBytes(message);
            socket.sendBinary(ByteBuffer.wrap(message), true).join();
            assertArrayEquals(message, (byte[]) inbox.next());
            // Of several frames a message is as long as in Unit.
            socket.sendBinary(ByteBuffer.wrap(message, 0, 600_000), false).join();
            socket.sendBinary(ByteBuffer.wrap(message, 0, 600_000), true).join();
            assertEquals("close 1009 ", inbox.next());
        }
    }

    @Test
    void aWebSocketIsRefusedByAnyResponse() throws IOException {
        server.control().apply("/config/applications/python", server.python("websocket", "ws"));
        try (Http http = Http.tcp(port)) {
            Response response = http.exchange("GET /refuse HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                + "\r\n");
            assertEquals(418, response.status());
            assertEquals("teapot", response.header("x-why").orElseThrow());
            assertEquals("response already sent\nresponse already sent\nExpected ASGI message 'http.response.body', "
                + "but got 'http.response.start'", response.text().substring(100_000));
        }
    }
}
