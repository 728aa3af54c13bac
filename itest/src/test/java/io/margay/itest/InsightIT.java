// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** What a running server tells about itself: ways of requests, events, health, recordings. */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class InsightIT {
    private static TestServer server;
    private static Control control;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        control = server.control();
        port = Distribution.freePorts(1).getFirst();
    }

    @BeforeEach
    void simple() throws IOException {
        control.apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}}, "routes": [
              {"match": {"uri": ["/x/*", "!/x/no"]}, "action": {"return": 201}},
              {"match": {"headers": {"X-Who": "me"}}, "action": {"return": 202}},
              {"match": {"source": "10.0.0.0/8"}, "action": {"return": 203}}], "applications": {}}""".formatted(port));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private String explained(String query) throws IOException {
        Response response = control.get("/control/explain" + query);
        assertEquals(200, response.status(), response.text());
        return response.text().replaceAll("\\s+", " ");
    }

    @Test
    void theWayOfARequestIsThatWhichItTakes() throws IOException {
        assertEquals(201, Http.get(port, "/x/y").status());
        assertTrue(explained("?uri=/x/y").contains("\"action\": { \"return\": 201 }"), explained("?uri=/x/y"));
        assertEquals(404, Http.get(port, "/x/no").status());
        String nothing = explained("?uri=/x/no");
        assertTrue(nothing.contains("\"decisive\": \"!/x/no\"") && nothing.contains("\"status\": 404"), nothing);
        assertTrue(explained("?header.X-Who=me").contains("\"return\": 202"));
        assertTrue(explained("?source=10.1.2.3").contains("\"return\": 203"));
        // What is in force counts, at once.
        control.apply("/config/routes/0/action/return", "204");
        assertTrue(explained("?uri=/x/y").contains("\"return\": 204"));
    }

    @Test
    void whatIsNoRequestIsRefused() throws IOException {
        for (String query : new String[] {"?hots=a", "?listener=*:1", "?uri=x", "?host=a&host=b", "?header.A%20B=c",
            "?method=%00", "?uri=/" + "a".repeat(14_000), "?source=nowhere", "?scheme=ftp"}) {
            Response response = control.get("/control/explain" + query);
            assertEquals(400, response.status(), query.substring(0, Math.min(30, query.length())) + response.text());
            assertTrue(response.text().contains("\"error\": \"Invalid request.\""), response.text());
        }
        assertEquals(405, control.post("/control/explain", "{}").status());
        assertEquals(404, control.get("/control/explain/more").status());
        assertEquals(404, Http.get(port, "/").status());
    }

    private Process unitctl(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Distribution.HOME.resolve("bin/unitctl").toString(), "-s",
            "unix:" + server.base().resolve("control.sock")));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** So many events from the first that is kept on, as lines of JSON. */
    private String events(int count, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("events", "--json", "--since", "0", "-n",
            Integer.toString(count)));
        command.addAll(List.of(arguments));
        Process tool = unitctl(command.toArray(String[]::new));
        try {
            assertTrue(tool.waitFor(60, TimeUnit.SECONDS), "there are fewer than " + count + " events");
            return new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            tool.destroyForcibly();
        }
    }

    private static String found(String text, String expression) {
        Matcher matcher = Pattern.compile(expression).matcher(text);
        assertTrue(matcher.find(), () -> expression + " in " + text);
        return matcher.group(1);
    }

    /** The first, since it asks for everything since the start. */
    @Test
    @Order(1)
    void anEventNamesTheOneThatHasCausedIt() throws Exception {
        control.apply("/config/applications/one", server.python("python", "who"));
        String told = events(2, "--type", "application,stream");
        String cause = found(told, "\"what\":\"started\",\"cause\":(\\d+),\"application\":\"one\"");
        String revision = found(events(4, "--type", "configuration"),
            "\"id\":" + cause + ",[^\n]*\"what\":\"changed\"[^\n]*\"revision\":(\\d+)");
        assertTrue(told.contains("\"revision\":" + revision), told);
        control.apply("/config/applications/one/processes", "1");
        assertTrue(events(3, "--type", "application,stream").contains("\"what\":\"restarted\""));
        assertTrue(events(2, "--type", "process").contains("\"what\":\"started\""));
    }

    private void health(int status, String word, String path) throws IOException {
        Response response = control.get(path);
        assertEquals(status, response.status(), path + response.text());
        assertTrue(response.text().contains("\"status\": \"" + word + "\""), path + response.text());
    }

    @Test
    void healthIsThatOfTheParts() throws Exception {
        control.apply("/config/applications/one", server.python("python", "who"));
        for (String path : new String[] {"/health", "/health/live", "/health/ready", "/health/app/one"}) {
            health(200, "ok", path);
        }
        assertEquals(404, control.get("/health/app/two").status());
        assertEquals(405, control.put("/health", "{}").status());
        Path bundle = server.base().resolve("soon.pem");
        Shell.run("openssl req -x509 -newkey rsa:2048 -nodes -days 20 -subj /CN=soon -keyout " + bundle + ".key -out "
            + bundle + ".crt 2>&1 && cat " + bundle + ".crt " + bundle + ".key > " + bundle);
        control.apply("/certificates/soon", Files.readString(bundle));
        health(200, "degraded", "/health/certificates");
        health(200, "degraded", "/health");
        health(200, "ok", "/health/ready");
        server.expect("exited on signal 9");
        server.expect("the router process");
        server.expect("sendmsg\\(.*\\) failed \\((32: Broken pipe|104: Connection reset by peer)\\)");
        TestServer.signal(server.await("unit: router"), "STOP");
        // A router that is stuck does not hold up what tells of it.
        health(200, "ok", "/health/live");
        TestServer.signal(server.await("unit: router"), "KILL");
        Await.until("a router is ready again", () -> control.get("/health/ready").status() == 200);
        health(200, "ok", "/health/app/one");
        assertEquals(200, control.delete("/certificates/soon").status());
        String told = events(3, "--type", "certificate");
        assertTrue(Pattern.compile("\"what\":\"stored\"[^\n]*\"name\":\"soon\"[^\n]*\"peer\"[^\n]*\n"
            + "[^\n]*\"what\":\"deleted\"[^\n]*\"name\":\"soon\"").matcher(told).find(), told);
        assertTrue(!told.contains("\"cause\""), "somebody has asked for it: " + told);
    }

    private String inspected(String path) throws IOException {
        return control.get("/control/inspect/router/" + path).text().replaceAll("\\s+", "");
    }

    @Test
    void whatIsSlowNowIsShown() throws Exception {
        control.apply("/config/applications/one", server.python("python", "who"));
        control.apply("/config/routes/1", "{\"action\": {\"pass\": \"applications/one\"}}");
        assertTrue(inspected("traffic/all").contains("\"requests\":0"));
        Process tool = unitctl("top", "--once", "--json", "-i", "2");
        while (tool.isAlive()) {
            assertEquals(201, Http.get(port, "/x/y").status());
            assertEquals(200, Http.get(port, "/").status());
        }
        String told = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, tool.exitValue(), told);
        assertTrue(told.contains("\"/routes/0/action\":{\"requests\":"), told);
        assertTrue(Pattern.compile("\"applications\":\\{\"one\":\\{\"requests\":\\d+,.*"
            + "\"queue\":\\{\"p50\":\\d+,\"p99\":\\d+},"
            + "\"worker\":\\{\"p50\":\\d+").matcher(told).find(), told);
        // The next configuration is counted from its beginning.
        control.apply("/config/routes/0/action/return", "500");
        assertTrue(inspected("traffic/parts/routes").equals("{}"), inspected("traffic/parts/routes"));
        assertEquals(500, Http.get(port, "/x/y").status());
        Await.until("it is an error", () -> inspected("traffic/parts/routes").contains("\"errors\":1"));
    }

    @Test
    void aRecordingHasTheRequestsOfItsTime() throws Exception {
        control.apply("/config/applications/one", server.python("python", "who"));
        control.apply("/config/routes/1", "{\"action\": {\"pass\": \"applications/one\"}}");
        Path file = server.base().resolve("router.jfr");
        Process tool = unitctl("record", "2s", "-o", file.toString());
        Await.until("it is recorded", () -> inspected("recording").contains("\"state\":\"recording\""));
        Response second = control.post("/control/record?seconds=1", "");
        assertEquals(409, second.status(), second.text());
        assertTrue(second.text().contains("recorded already"), second.text());
        while (tool.isAlive()) {
            assertEquals(201, Http.get(port, "/x/y").status());
            assertEquals(200, Http.get(port, "/").status());
        }
        assertEquals(0, tool.exitValue());
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertTrue(events.stream().anyMatch(event -> event.getEventType().getName().equals("io.margay.Write")
            && event.getString("route").equals("/routes/0/action") && event.getInt("status") == 201
            && event.getString("listener").equals("127.0.0.1:" + port)), () -> events.size() + " events");
        for (String name : List.of("io.margay.Accept", "io.margay.Route", "jdk.CPULoad")) {
            assertTrue(events.stream().anyMatch(event -> event.getEventType().getName().equals(name)), name);
        }
        for (String name : List.of("io.margay.Queue", "io.margay.Worker")) {
            assertTrue(events.stream().anyMatch(event -> event.getEventType().getName().equals(name)
                && event.getString("application").equals("one")), name);
        }
        assertTrue(events.stream().noneMatch(event -> event.getEventType().getName().contains("Environment")));
        Await.until("nothing of it is left", () -> inspected("recording").contains("\"state\":\"none\""));
        assertTrue(!inspected("descriptors").contains("recording.jfr"), inspected("descriptors"));
    }

    @Test
    void aRecordingEndsWithItsClient() throws Exception {
        for (String process : List.of("main", "controller", "router")) {
            Path file = server.base().resolve(process + ".jfr");
            Process tool = unitctl("record", "10m", "--process", process, "-o", file.toString());
            String path = "/control/inspect/" + process + "/recording";
            Await.until("it is recorded", () -> control.get(path).text().contains("\"recording\""));
            tool.destroy();
            tool.waitFor();
            Await.until("it has ended", () -> control.get(path).text().contains("\"none\""));
            assertTrue(Files.notExists(file), "what is cut leaves no file");
        }
        for (String query : new String[] {"?process=prototype", "?seconds=0", "?seconds=3601", "?seconds=x", "?time=1",
            "?seconds=1&seconds=1"}) {
            assertEquals(400, control.post("/control/record" + query, "").status(), query);
        }
        assertEquals(405, control.get("/control/record").status());
    }

    @Test
    void healthIsToldAtAPathOfAListener() throws Exception {
        control.apply("/config/applications/one", server.python("python", "who"));
        control.apply("/config/routes", """
            [{"match": {"uri": "/live"}, "action": {"health": "live"}},
             {"match": {"uri": "/ready"}, "action": {"health": "ready"}},
             {"match": {"uri": "/one"}, "action": {"health": "app:one"}}]""");
        for (String path : List.of("/live", "/ready", "/one")) {
            Response response = Http.get(port, path);
            assertEquals(200, response.status(), path);
            assertEquals("{\"status\":\"ok\"}", response.text(), path);
        }
        for (String wrong : List.of("\"app:two\"", "\"well\"", "5", "null")) {
            assertEquals(400, control.put("/config/routes/0/action/health", wrong).status(), wrong);
        }
        assertEquals(200, Http.get(port, "/live").status());
    }

    @Test
    void anApplicationThatDoesNotStartIsDown() throws Exception {
        Path code = Files.createDirectories(server.base().resolve("broken"));
        Files.writeString(code.resolve("broken.py"), "raise SystemExit(3)\n");
        server.expect("exited while it was loaded");
        control.apply("/config/applications/two", "{\"type\": \"python\", \"path\": \"" + code
            + "\", \"module\": \"broken\", \"processes\": {\"max\": 1, \"spare\": 0}}");
        control.apply("/config/routes", """
            [{"match": {"uri": "/two"}, "action": {"health": "app:two"}},
             {"match": {"uri": "/ready"}, "action": {"health": "ready"}},
             {"action": {"pass": "applications/two"}}]""");
        assertEquals(200, Http.get(port, "/two").status());
        assertEquals(503, Http.get(port, "/").status());
        Await.until("it is down", () -> Http.get(port, "/two").status() == 503);
        health(503, "down", "/health/app/two");
        health(200, "degraded", "/health");
        Response ready = Http.get(port, "/ready");
        assertEquals(200, ready.status());
        assertEquals("{\"status\":\"degraded\",\"parts\":{\"application two\":\"down\"}}", ready.text());
    }
}
