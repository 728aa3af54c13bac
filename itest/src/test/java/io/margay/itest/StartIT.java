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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts that fail, and what a stored configuration does to one ({@code spec/control-api.md §12.3, §14}). */
@Timeout(120)
class StartIT {
    private static Distribution.Result second(Path base, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Distribution.unitd(), "--no-daemon",
            "--control", "unix:" + base.resolve("control.sock"), "--pid", base.resolve("second.pid").toString(),
            "--log", base.resolve("second.log").toString(), "--statedir", base.resolve("state").toString(),
            "--tmpdir", base.resolve("tmp").toString()));
        command.addAll(Arrays.asList(options));
        Distribution.Result result = Distribution.run(base, Map.of(), command.toArray(String[]::new));
        Path log = base.resolve("second.log");
        return Files.exists(log) ? new Distribution.Result(result.code(), result.out(),
            result.err() + Files.readString(log)) : result;
    }

    @Test
    void aStoredConfigurationServesAgain() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        try (TestServer server = TestServer.start()) {
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
            try (TestServer server = TestServer.start(base, Map.of())) {
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
        try (TestServer server = TestServer.start()) {
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
            assertTrue(!Files.exists(base.resolve("control.sock")), option);
            assertTrue(!result.err().contains("\tat "), result.err());
        }
    }

    @Test
    void anUnknownAccount(@TempDir Path directory) throws Exception {
        Files.createDirectories(directory.resolve("state"));
        Files.createDirectories(directory.resolve("tmp"));
        Distribution.Result result = second(directory, "--user", "nobody-like-this");
        assertEquals(1, result.code(), result.err());
        assertTrue(result.err().contains("nobody-like-this"), result.err());
    }

    @Test
    void aStateDirectoryThatCannotBeWritten() throws IOException {
        Path base = TestServer.directory();
        Path file = Files.writeString(base.resolve("file"), "");
        try (TestServer server = TestServer.start(base, Map.of(), "--statedir", file + "/below")) {
            server.expect("file/below|failed to store current configuration");
            Response reply = server.control().put("/config", "{\"listeners\": {}}");
            assertEquals(200, reply.status());
            assertTrue(reply.text().contains("\"warning\"") && reply.text().contains("file/below"), reply.text());
            server.awaitLog("\\[alert\\] .*failed to store current configuration: .*" + file + "/below.*");
        }
    }
}
