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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a running server tells about itself: ways of requests, events, health, recordings. */
@Timeout(180)
class InsightIT {
    private TestServer server;
    private Control control;
    private int port;

    @BeforeEach
    void start() throws IOException {
        server = TestServer.start();
        control = server.control();
        port = Distribution.freePorts(1).getFirst();
        control.apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}}, "routes": [
              {"match": {"uri": ["/x/*", "!/x/no"]}, "action": {"return": 201}},
              {"match": {"headers": {"X-Who": "me"}}, "action": {"return": 202}},
              {"match": {"source": "10.0.0.0/8"}, "action": {"return": 203}}], "applications": {}}""".formatted(port));
    }

    @AfterEach
    void stop() throws IOException {
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

    /** So many events from the first that is kept on, as lines of JSON. */
    private String events(int count, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Distribution.HOME.resolve("bin/unitctl").toString(), "-s",
            "unix:" + server.base().resolve("control.sock"), "events", "--json", "--since", "0", "-n",
            Integer.toString(count)));
        command.addAll(List.of(arguments));
        Process tool = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
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

    @Test
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
    }
}
