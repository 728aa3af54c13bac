// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners, route steps and applications are switched off and on while the server runs, and explained. */
@Timeout(180)
class ConsoleSwitchesIT {
    private static TestServer server;
    private static int port;
    private static int other;

    private ConsoleClient console;

    @BeforeAll
    static void start() throws IOException {
        server = ConsoleClient.start("python", "external");
        List<Integer> ports = Distribution.freePorts(2);
        port = ports.get(0);
        other = ports.get(1);
    }

    @BeforeEach
    void configure() throws IOException {
        console = new ConsoleClient(server);
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"routes/r\"},"
            + " \"127.0.0.1:" + other + "\": {\"pass\": \"applications/it\"}}, \"routes\": {\"r\": [{\"match\":"
            + " {\"uri\": \"/a*\"}, \"action\": {\"return\": 201}}, {\"action\": {\"return\": 202}}]},"
            + " \"applications\": {\"it\": " + Tongue.PYTHON.app(server, "app") + "}}");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private String tag() throws IOException {
        return server.control().get("/config").header("ETag").orElseThrow().replace("\"", "\\\"");
    }

    private Response turn(String page, boolean on, String what) throws IOException {
        return console.order(page, "{\"action\": \"switch\", \"on\": " + on + ", \"tag\": \"" + tag() + "\", " + what
            + "}");
    }

    private int status(int at, String target) throws IOException {
        return Http.get(at, target).status();
    }

    @Test
    void offAndOnAgainAndAfterARestart() throws Exception {
        String before = server.control().get("/config").text();
        String step = "\"kind\": \"step\", \"name\": \"r\", \"number\": 0";
        String listener = "\"kind\": \"listener\", \"name\": \"127.0.0.1:" + port + "\"";
        assertEquals(201, status(port, "/a"));
        assertEquals(200, turn("routes", false, step).status());
        assertEquals(202, status(port, "/a"));
        assertEquals(200, status(other, "/software"));
        assertEquals(200, turn("applications", false, "\"name\": \"it\"").status());
        assertEquals(503, status(other, "/software"));
        Await.until("its processes end", () -> server.processes().values().stream().noneMatch(title ->
            title.contains("\"it\"")));
        assertEquals(200, turn("routes", false, listener).status());
        assertThrows(ConnectException.class, () -> status(port, "/a"));
        assertTrue(server.control().get("/control/revisions").text().contains("/enabled"), "each has a revision");
        server.expect("exited on signal");
        TestServer.signal(server.pid(), "KILL");
        server.restart();
        Await.until("what is on serves", () -> status(other, "/software") == 503);
        assertThrows(ConnectException.class, () -> status(port, "/a"));
        console = new ConsoleClient(server);
        console.awaitAnswer();
        assertEquals(200, turn("routes", true, listener).status());
        assertEquals(202, status(port, "/a"));
        assertEquals(200, turn("routes", true, step).status());
        assertEquals(201, status(port, "/a"));
        assertEquals(200, turn("applications", true, "\"name\": \"it\"").status());
        Await.until("it serves", () -> status(other, "/software") == 200);
        assertEquals(before, server.control().get("/config").text());
    }

    @Test
    void aStaleOrSenselessSwitchChangesNothing() throws IOException {
        String before = server.control().get("/config").text();
        Response stale = console.order("routes", "{\"action\": \"switch\", \"on\": false, \"tag\": \"\\\"old\\\"\","
            + " \"kind\": \"step\", \"name\": \"r\", \"number\": 0}");
        assertEquals(412, stale.status(), stale.text());
        for (String what : List.of("\"kind\": \"step\", \"name\": \"r\"", "\"kind\": \"server\", \"name\": \"x\"",
                "\"kind\": \"listener\"", "\"kind\": \"step\", \"name\": \"r\", \"number\": -1")) {
            assertEquals(400, turn("routes", false, what).status(), what);
        }
        for (String what : List.of("\"kind\": \"step\", \"name\": \"r\", \"number\": 7",
                "\"kind\": \"listener\", \"name\": \"../applications/it\"")) {
            int status = turn("routes", false, what).status();
            assertTrue(status == 400 || status == 404, what + ": " + status);
        }
        assertEquals(before, server.control().get("/config").text());
    }

    @Test
    void aRequestIsExplained() throws IOException {
        String query = "?show=explain/listener%3D127.0.0.1%253A" + port + "%26uri%3D%252Fab";
        String told = console.json("routes" + query).text();
        assertTrue(told.contains("\"step\":\"routes/r/0\",\"matched\":true") && told.contains("\"status\":201")
            || told.contains("\"return\":201"), told);
        Response wrong = console.json("routes?show=explain/listener%3Dnowhere");
        assertTrue(wrong.text().contains("\"error\":"), wrong.text());
        Response split = console.json("routes?show=explain/uri%3D%2F%20HTTP%2F1.1%0D%0AX%3A%20y");
        assertTrue(split.text().contains("There is nothing of this name."), split.text());
    }

    @Test
    void theLogOfOneApplication() throws IOException {
        server.expect("nonexistent|left out|prototype|broken");
        server.control().request("PUT", "/config/applications/broken", "{\"type\": \"external\", \"executable\":"
            + " \"/nonexistent/program\", \"processes\": {\"spare\": 0, \"max\": 1}}");
        server.control().apply("/config/routes/r/1/action", "{\"pass\": \"applications/broken\"}");
        assertEquals(503, status(port, "/x"));
        String lines = Await.value("the log says why", Await.PATIENCE, () -> java.util.Optional.of(
            console.json("applications?show=log/broken").text()).filter(text -> text.contains("/nonexistent/program")));
        assertFalse(lines.contains("\"it\\\""), lines);
        String about = console.json("events?show=app/broken").text();
        assertTrue(about.contains("/nonexistent/program") && !about.contains("\"it\\\""), about);
        assertTrue(console.json("events").text().contains("\"applications\":[\"it\",\"broken\"]"));
        assertTrue(console.json("applications").text().contains("\"leaving\":0"));
        assertTrue(console.json("processes?show=router/descriptors").text().contains("socket"));
        for (String process : List.of("main", "controller", "router")) {
            String ports = console.json("processes?show=" + process + "/ports").text();
            assertTrue(ports.contains("\"receives\":true") && ports.contains("\"name\":\"" + (process.equals("main")
                ? "router" : "main") + "\""), ports);
        }
        assertTrue(console.json("applications?show=log/..%2F..%2Fetc%2Fpasswd").text().contains("\"lines\":[]"));
    }
}
