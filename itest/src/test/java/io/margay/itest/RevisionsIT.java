// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Changes that conflict, are only tried, must be confirmed, and are taken back, also when processes die. */
@Timeout(180)
class RevisionsIT {
    private static final String ROUTER = "unit: router";
    private static final String CONTROLLER = "unit: controller";

    private static TestServer server;
    private static Control control;
    private static int port;

    /** The number of the last revision before the test, whose own ones are counted from 1 here. */
    private int before;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        control = server.control();
        port = Distribution.freePorts(1).getFirst();
    }

    @BeforeEach
    void begin() throws IOException {
        control.apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}}, "routes": [{"action": {"return": 201}}],
             "applications": {}}""".formatted(port));
        before = 0;
        before = current().getFirst() - 1;
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private int answer() throws IOException {
        return Http.get(port, "/").status();
    }

    private void returns(int status) throws IOException {
        control.apply("/config/routes/0/action/return", Integer.toString(status));
        assertEquals(status, answer());
    }

    private List<Integer> numbers(String expression) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        Matcher matcher = Pattern.compile(expression).matcher(control.get("/control/revisions").text());
        while (matcher.find()) {
            numbers.add(Integer.parseInt(matcher.group(1)) - before);
        }
        numbers.removeIf(number -> number < 1);
        return numbers;
    }

    private String revision(int number) {
        return "/control/revisions/" + (before + number);
    }

    private List<Integer> numbers() throws IOException {
        return numbers("\"number\": (\\d+)");
    }

    private List<Integer> current() throws IOException {
        return numbers("\"number\": (\\d+)(?:[^{}]|\\{[^{}]*})*\"current\": true");
    }

    /** Also a controller that has just died answers again. */
    private void awaitAnswer(int status) {
        Await.until("clients get " + status + " and the control socket says so", () -> {
            try {
                return answer() == status
                    && control.get("/config/routes/0/action/return").text().strip().equals(Integer.toString(status));
            } catch (IOException e) {
                // Not back yet.
                return false;
            }
        });
    }

    private void kill(String title) throws Exception {
        server.expect("exited on signal 9");
        server.expect("sendmsg\\(.*\\) failed \\((32: Broken pipe|104: Connection reset by peer)\\)");
        long pid = server.await(title);
        TestServer.signal(pid, "KILL");
        Await.until(title + " is gone", () -> !server.processes().containsKey(pid));
    }

    @Test
    void theSecondOfTwoWritersIsRefused() throws IOException {
        String tag = control.get("/config/routes").header("ETag").orElseThrow();
        assertEquals(304, control.request("GET", "/config", "", "If-None-Match: " + tag).status());
        assertEquals(200, control.request("PUT", "/config/routes/0/action/return", "202", "If-Match: " + tag).status());
        Response second = control.request("PUT", "/config/routes/0/action/return", "203", "If-Match: " + tag);
        assertEquals("HTTP/1.1 412 Precondition Failed", second.statusLine());
        assertEquals(202, answer());
        String now = second.header("ETag").orElseThrow();
        assertEquals(200, control.request("DELETE", "/config/applications", "", "If-Match: " + now).status());
    }

    @Test
    void curlSendsInChunksAndWaitsForItsTurn() throws Exception {
        String answer = Shell.run("printf '{\"routes\": []}' | curl -sS --max-time 20 --unix-socket " + server.base()
            + "/control.sock -T - -H 'Expect: 100-continue' -v http://localhost/config 2>&1");
        assertTrue(answer.contains("< HTTP/1.1 100 Continue") && answer.contains("Transfer-Encoding: chunked")
            && answer.contains("Reconfiguration done."), answer);
        assertEquals("{\r\n\t\"routes\": []\r\n}\r\n", control.get("/config").text());
    }

    @Test
    void whatIsOnlyTriedChangesNothing() throws IOException {
        control.apply("/config/applications/probe", server.python("probe", "wsgi"));
        long prototype = server.await("unit: \"probe\" prototype");
        String before = control.get("/config").text();
        String report = control.put("/config/applications/probe/processes?dry-run", "2").text().replaceAll("\\s", "");
        assertTrue(report.contains("\"restarted\":[\"probe\"]") && report.contains("\"kept\":[\"127.0.0.1:" + port
            + "\"]"), report);
        report = control.delete("/config/listeners/127.0.0.1:" + port + "?dry-run").text().replaceAll("\\s", "");
        assertTrue(report.contains("\"closed\":[\"127.0.0.1:" + port + "\"]")
            && report.contains("\"kept\":[\"probe\"]"), report);
        assertEquals(400, control.delete("/config/routes?dry-run").status());
        assertEquals(before, control.get("/config").text());
        assertEquals(201, answer());
        assertEquals(prototype, server.await("unit: \"probe\" prototype"));
        assertEquals(2, numbers().size());
        // What was said of the application comes true.
        control.apply("/config/routes/0/action/return", "202");
        assertEquals(prototype, server.await("unit: \"probe\" prototype"));
        control.apply("/config/applications/probe/processes", "2");
        Await.until("it has another prototype", () -> !server.processes().containsKey(prototype));
    }

    @Test
    void whatNobodyConfirmsIsTakenBack() throws IOException {
        server.expect("configuration rolled back");
        assertEquals(200, control.put("/config/routes/0/action/return?confirm=2", "202").status());
        assertEquals(202, answer());
        assertEquals(409, control.put("/config/routes/0/action/return", "203").status());
        assertEquals(List.of(), current());
        awaitAnswer(201);
        assertEquals(List.of(1), current());
        assertEquals(200, control.put("/config/routes/0/action/return?confirm=600", "202").status());
        assertEquals(200, control.post("/control/confirm", "").status());
        assertEquals(409, control.post("/control/confirm", "").status());
        assertEquals(List.of(2), current());
        assertEquals(202, answer());
        assertTrue(Files.readString(server.base().resolve("state/conf.json")).contains("202"));
    }

    @Test
    void whatIsNotConfirmedDiesWithEachProcess() throws Exception {
        server.expect("configuration rolled back since the router died");
        for (String title : List.of(CONTROLLER, ROUTER)) {
            assertEquals(200, control.put("/config/routes/0/action/return?confirm=600", "202").status());
            assertEquals(202, answer());
            kill(title);
            awaitAnswer(201);
            assertTrue(control.get("/control/confirm").text().contains("\"pending\": false"));
        }
        assertEquals(200, control.put("/config/routes/0/action/return?confirm=600", "202").status());
        TestServer.signal(server.pid(), "KILL");
        server.restart();
        awaitAnswer(201);
        assertEquals(List.of(1), numbers());
        assertEquals(List.of(1), current());
    }

    @Test
    void numbersGoOnAndTheWayBackIsOpen() throws Exception {
        returns(202);
        returns(203);
        assertEquals(List.of(1, 2, 3), numbers());
        String diff = control.get(revision(1) + "/diff").text().replaceAll("\\s", "");
        assertEquals("[{\"op\":\"replace\",\"path\":\"/routes/0/action/return\",\"from\":201,\"to\":203}]", diff);
        TestServer.signal(server.pid(), "KILL");
        server.restart();
        assertEquals(203, answer());
        assertEquals(List.of(3), current());
        assertEquals(200, control.post(revision(2) + "/rollback", "").status());
        assertEquals(202, answer());
        assertEquals(List.of(1, 2, 3, 4), numbers());
        assertEquals(List.of(4), current());
        Path directory = server.base().resolve("state/revisions");
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            }
        }
    }

    /** Whether a change was answered: once main is killed it is refused, or its connection breaks. */
    private boolean isAnswered(int status) {
        try {
            Response response = control.put("/config/routes/0/action/return", Integer.toString(status));
            assertTrue(response.status() == 200 && !response.text().contains("warning")
                || response.status() == 500, response.text());
            return response.status() == 200;
        } catch (IOException | RuntimeException e) {
            // The connection broke.
            return false;
        }
    }

    /** Changes one after the other while the server is killed: each start has what was answered, or one more. */
    @Test
    void aKillAtAnyTimeLeavesOldOrNew() throws Exception {
        server.expect("failed to store current configuration: main (takes no requests|did not answer)");
        server.expect("failed to apply new conf: the controller is leaving");
        int confirmed = 201;
        for (int round = 0; round < 3; round++) {
            long main = server.pid();
            int delay = 20 + 60 * round;
            Process killer = new ProcessBuilder("sh", "-c", "sleep 0." + String.format("%03d", delay) + "; kill -9 "
                + main).start();
            int next = confirmed;
            boolean answered = true;
            while (answered) {
                next = next == 400 ? 201 : next + 1;
                answered = isAnswered(next);
                confirmed = answered ? next : confirmed;
            }
            killer.waitFor();
            server.restart();
            int now = answer();
            assertTrue(now == confirmed || now == next, now + " is neither " + confirmed + " nor " + next);
            confirmed = now;
            List<Integer> numbers = numbers();
            assertEquals(1, current().size());
            assertEquals(200, control.get(revision(numbers.getLast())).status());
        }
    }
}
