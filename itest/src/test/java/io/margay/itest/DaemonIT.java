// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server in the background and its signals ({@code spec/control-api.md §14, §15}). */
@Timeout(120)
class DaemonIT {
    private static final String SLOW = "GET /slow/2000 HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private Path base;
    private int port;
    private long pid;
    private Control control;

    @BeforeEach
    void start() throws Exception {
        base = TestServer.directory();
        Distribution.Result result = Distribution.run(base, Map.of(), Distribution.unitd(),
            "--control", "unix:" + base.resolve("control.sock"), "--pid", base.resolve("run/unit.pid").toString(),
            "--log", base.resolve("unit.log").toString(), "--statedir", base.resolve("state").toString(),
            "--tmpdir", base.resolve("tmp").toString());
        assertEquals(0, result.code(), result.err());
        String text = Files.readString(base.resolve("run/unit.pid"));
        assertTrue(text.matches("\\d+\n"), text);
        pid = Long.parseLong(text.strip());
        control = new Control(base.resolve("control.sock"));
        assertEquals(200, control.get("/").status(), "it answers as soon as the command is back");
        port = Distribution.freePorts(1).getFirst();
        Path apps = Files.createDirectory(base.resolve("apps"));
        Files.copy(Path.of(System.getProperty("margay.apps"), "flask", "pages.py"), apps.resolve("pages.py"));
        Files.copy(Path.of(System.getProperty("margay.apps"), "probe", "wsgi.py"), apps.resolve("wsgi.py"));
        control.apply("/config", """
            {"listeners": {"127.0.0.1:%1$d": {"pass": "applications/flask"},
                           "unix:%2$s/probe.sock": {"pass": "applications/probe"}},
             "applications": {
                "flask": {"type": "python", "path": "%2$s/apps", "module": "pages", "callable": "app"},
                "probe": {"type": "python", "path": "%2$s/apps", "module": "wsgi"}}}""".formatted(port, base));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        if (pid == 0) {
            // It did not start, and that was told.
            TestServer.delete(base);
            return;
        }
        List<ProcessHandle> all = processes();
        TestServer.signal(pid, "TERM");
        try {
            gone(all);
            for (String left : new String[] {"control.sock", "run/unit.pid", "probe.sock"}) {
                assertTrue(!Files.exists(base.resolve(left)), left + " is left");
            }
            try (Stream<Path> files = Files.list(base.resolve("tmp"))) {
                assertEquals(List.of(), files.toList());
            }
            assertTrue(!Pattern.compile("\\[alert\\]|(?m)^\\s+at |^WARNING: |OpenJDK").matcher(log()).find(), log());
        } finally {
            all.forEach(ProcessHandle::destroyForcibly);
            TestServer.delete(base);
        }
    }

    private String log() throws IOException {
        return Files.readString(base.resolve("unit.log"));
    }

    private List<ProcessHandle> processes() {
        return ProcessHandle.of(pid).map(main -> Stream.concat(Stream.of(main), main.descendants()).toList())
            .orElse(List.of());
    }

    private static void gone(List<ProcessHandle> all) {
        Await.until("no process is left", Duration.ofSeconds(15),
            () -> all.stream().noneMatch(ProcessHandle::isAlive));
    }

    private Http slowRequest() throws IOException {
        Http http = Http.tcp(port);
        http.send(SLOW);
        Await.until("the request runs", () -> control.get("/status/applications/flask/requests/active").text().strip()
            .equals("1"));
        return http;
    }

    @Test
    void quitFinishesWhatRuns() throws Exception {
        try (Http slow = slowRequest()) {
            List<ProcessHandle> all = processes();
            TestServer.signal(pid, "QUIT");
            assertEquals("slow\n", slow.response(false).text());
            gone(all);
            assertThrows(IOException.class, () -> Http.get(port, "/"));
        }
    }

    @Test
    void termDoesNotWait() throws Exception {
        try (Http slow = slowRequest()) {
            List<ProcessHandle> all = processes();
            long begin = System.nanoTime();
            TestServer.signal(pid, "TERM");
            assertThrows(IOException.class, () -> slow.response(false));
            assertTrue(System.nanoTime() - begin < 1_500_000_000L, "the connection is dropped at once");
            gone(all);
        }
    }

    @Test
    void anotherLogAfterUsr1() throws Exception {
        Files.move(base.resolve("unit.log"), base.resolve("unit.log.1"));
        TestServer.signal(pid, "USR1");
        Await.until("the new log exists", () -> Files.exists(base.resolve("unit.log")));
        Await.until("a traceback of a worker is in the new log", () -> {
            try (Http http = Http.unix(base.resolve("probe.sock"))) {
                assertEquals(503, http.exchange("GET /raise HTTP/1.1\r\nHost: localhost\r\n\r\n").status());
            }
            return log().contains("ValueError: raised before the head");
        });
        control.apply("/config/applications/probe/environment", "{}");
        Await.until("the controller writes there too", () -> log().contains("configuration changed"));
        assertTrue(Files.readString(base.resolve("unit.log.1")).contains("signal 10 (SIGUSR1) received, log files "
            + "rotation") || log().contains("signal 10 (SIGUSR1) received, log files rotation"), log());
    }

    @Test
    void hupUsr2SysAndPipeAreIgnored() throws Exception {
        List<ProcessHandle> before = processes();
        // They are told of before the others, which the log shows; nothing does for these.
        TestServer.signal(pid, "SYS");
        TestServer.signal(pid, "PIPE");
        TestServer.signal(pid, "USR2");
        Await.until("the log tells", () -> log().contains("signal signo:12 (SIGUSR2) received, ignored"));
        TestServer.signal(pid, "HUP");
        Await.until("the log tells", () -> log().contains("signal signo:1 (SIGHUP) received, ignored"));
        assertEquals(200, Http.get(port, "/").status());
        assertEquals(before.stream().map(ProcessHandle::pid).toList(),
            processes().stream().map(ProcessHandle::pid).toList());
    }

    @Test
    void titlesAndTheCommandLineTool() throws Exception {
        Distribution.Result ps = Distribution.run(base, Map.of(), "ps", "-e", "-ww", "-o", "pid,ppid,args");
        assertTrue(Pattern.compile("(?m)^ *" + pid + " +\\d+ unit: main v1.35.0 \\[.*unitd .*\\]$").matcher(ps.out())
            .find(), ps.out());
        for (String title : new String[] {"controller", "router", "\"flask\" prototype"}) {
            assertTrue(Pattern.compile("(?m)^ *\\d+ +" + pid + " unit: " + title + "$").matcher(ps.out()).find(),
                title + " in " + ps.out());
        }
        assertTrue(ps.out().contains("unit: \"flask\" application\n"), ps.out());
        assertTrue(unitctl(0, "status").out().contains("\"connections\""));
        assertTrue(unitctl(0, "get", "/config/listeners").out().contains("127.0.0.1:" + port));
        Path file = Files.writeString(base.resolve("environment.json"), "{\"GENERATION\": \"tool\"}");
        assertTrue(unitctl(0, "put", "/config/applications/flask/environment", file.toString()).out()
            .contains("Reconfiguration done."));
        assertTrue(Http.get(port, "/").text().contains("\"tool\""));
        assertTrue(unitctl(1, "get", "/config/nothing").err().contains("Value doesn't exist."));
    }

    private Distribution.Result unitctl(int code, String... arguments) throws Exception {
        List<String> command = Stream.concat(
            Stream.of(Distribution.HOME.resolve("bin/unitctl").toString(), "-s", "unix:"
                + base.resolve("control.sock")),
            Stream.of(arguments)).toList();
        Distribution.Result result = Distribution.run(base, Map.of(), command.toArray(String[]::new));
        assertEquals(code, result.code(), result.toString());
        return result;
    }
}
