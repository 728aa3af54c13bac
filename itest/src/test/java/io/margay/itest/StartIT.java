// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts that fail, and what a stored configuration does to one ({@code spec/control-api.md §12.3, §14}). */
@Timeout(300)
class StartIT {
    private static Distribution.Result second(Path base, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Distribution.unitd(), "--no-daemon",
            "--control", "unix:" + base.resolve("control.sock"), "--pid", base.resolve("second.pid").toString(),
            "--log", base.resolve("second.log").toString(), "--statedir", base.resolve("state").toString(),
            "--tmpdir", base.resolve("tmp").toString()));
        command.addAll(Arrays.asList(options));
        return Distribution.run(base, Map.of(), command.toArray(String[]::new));
    }

    @Test
    void aStoredConfigurationServesAgain() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        try (TestServer server = TestServer.speaking("python")) {
            server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
                + "\": {\"pass\": \"applications/probe\"}}, \"applications\": {\"probe\": "
                + server.python("probe", "wsgi") + "}}");
            String before = server.control().get("/config").text();
            TestServer.signal(server.pid(), "TERM");
            server.restart();
            assertEquals(before, server.control().get("/config").text());
            assertEquals(404, Http.get(port, "/nothing").status());
        }
    }

    @Test
    void aCorruptConfigurationIsKeptAsideAndAnEmptyOneServes() throws Exception {
        for (String content : new String[] {"{\"listeners\": {", "{\"listenrs\": {}}", "\0\1\2"}) {
            Path base = TestServer.directory();
            Files.writeString(base.resolve("state/conf.json"), content);
            Files.writeString(base.resolve("state/version"), "13500");
            try (TestServer server = TestServer.speaking(base, List.of())) {
                server.expect("previous configuration");
                assertEquals("{\"listeners\":{},\"routes\":[],\"applications\":{}}",
                    server.control().get("/config").text().replaceAll("\\s", ""));
                server.awaitLog("\\[alert\\] .*previous configuration.*");
                server.awaitLog("conf.json.rejected-1");
                assertEquals(content, Files.readString(base.resolve("state/conf.json.rejected-1")));
                server.control().apply("/config", "{\"listeners\": {}}");
            }
        }
    }

    @Test
    void aBusyControlSocket() throws Exception {
        try (TestServer server = TestServer.speaking("python")) {
            Distribution.Result result = second(server.base());
            assertEquals(1, result.code(), result.err());
            assertTrue(result.err().contains("control.sock") && result.err().contains("in use"), result.err());
            assertEquals(200, server.control().get("/").status(), "the first one goes on");
            assertTrue(!Files.exists(server.base().resolve("second.pid")));
        }
    }

    @Test
    void filesThatCannotBeWritten(@TempDir Path directory) throws Exception {
        for (String option : new String[] {"--pid", "--log", "--control"}) {
            // A file where a directory is needed stops root as well.
            Path file = Files.writeString(directory.resolve("file" + option), "");
            String value = file + "/below";
            Path base = Files.createDirectories(directory.resolve("base" + option));
            Files.createDirectories(base.resolve("state"));
            Files.createDirectories(base.resolve("tmp"));
            Distribution.Result result = second(base, option, option.equals("--control") ? "unix:" + value : value);
            assertEquals(1, result.code(), option + ": " + result.err());
            assertTrue(result.err().contains(value), option + ": " + result.err());
            assertTrue(alert(value).matcher(result.err()).find(), option + ": " + result.err());
            assertTrue(!result.err().contains("margay:") && !result.err().contains("main has gone"), result.err());
            if (option.equals("--pid")) {
                assertTrue(alert(value).matcher(Files.readString(base.resolve("second.log"))).find(), "in the log");
            }
            assertTrue(!Files.exists(base.resolve("control.sock")), option);
            assertTrue(!result.err().contains("\tat "), result.err());
        }
    }

    /** A line as the log has it; the terminal gets the same. */
    private static Pattern alert(String text) {
        return Pattern.compile("(?m)^\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d \\[alert\\] \\d+#\\d+ .*"
            + Pattern.quote(text));
    }

    @Test
    void anUnknownAccount(@TempDir Path directory) throws Exception {
        Files.createDirectories(directory.resolve("state"));
        Files.createDirectories(directory.resolve("tmp"));
        Distribution.Result result = second(directory, "--user", "nobody-like-this");
        assertEquals(1, result.code(), result.err());
        assertTrue(alert("nobody-like-this").matcher(result.err()).find(), result.err());
    }

    /** The start command is back when the control socket answers, whatever the stored applications do. */
    @Test
    void applicationsThatHangDoNotHoldTheStart() throws Exception {
        Path base = TestServer.directory();
        Path apps = Files.createDirectory(base.resolve("apps"));
        Files.copy(Path.of(System.getProperty("margay.apps"), "broken", "hangs.py"), apps.resolve("hangs.py"));
        String hangs = "{\"type\": \"python\", \"path\": \"" + apps + "\", \"module\": \"hangs\"}";
        Files.writeString(base.resolve("state/conf.json"), "{\"listeners\": {}, \"applications\": {\"a\": " + hangs
            + ", \"b\": " + hangs + "}}");
        Files.writeString(base.resolve("state/version"), "13500");
        long begin = System.nanoTime();
        Distribution.Result result = Distribution.run(base, Map.of(), Distribution.unitd(),
            "--control", "unix:" + base.resolve("control.sock"), "--pid", base.resolve("unit.pid").toString(),
            "--log", base.resolve("unit.log").toString(), "--statedir", base.resolve("state").toString(),
            "--tmpdir", base.resolve("tmp").toString());
        long seconds = (System.nanoTime() - begin) / 1_000_000_000L;
        try {
            assertEquals(0, result.code(), result.err());
            assertTrue(seconds < 25, seconds + " s");
            assertEquals(404, new Control(base.resolve("control.sock")).get("/nothing").status());
        } finally {
            long pid = Long.parseLong(Files.readString(base.resolve("unit.pid")).strip());
            TestServer.signal(pid, "TERM");
            Await.until("it is gone", () -> ProcessHandle.of(pid).isEmpty());
            TestServer.delete(base);
        }
    }

    @Test
    void aStateDirectoryThatCannotBeWritten() throws IOException {
        Path base = TestServer.directory();
        Path file = Files.writeString(base.resolve("file"), "");
        try (TestServer server = TestServer.speaking(base, List.of("--statedir", file + "/below"))) {
            server.expect("file/below|failed to store current configuration");
            Response reply = server.control().put("/config", "{\"listeners\": {}}");
            assertEquals(200, reply.status());
            assertTrue(reply.text().contains("\"warning\"") && reply.text().contains("file/below"), reply.text());
            server.awaitLog("\\[alert\\] .*failed to store current configuration: .*" + file + "/below.*");
        }
    }
}
