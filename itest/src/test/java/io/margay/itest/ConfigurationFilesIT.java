// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that is configured by files, and one that is configured wrongly and does not start. */
class ConfigurationFilesIT {
    @TempDir
    private Path directory;

    private void write(String pid, String text) throws IOException {
        Files.writeString(directory.resolve(pid + ".cfg.json"), text);
    }

    @Test
    void optionsWinOverFilesWhichTakeValuesOfTheEnvironment() throws IOException {
        Path base = TestServer.directory();
        write("io.margay.main", "// How it is reached.\n{\"control-mode\": \"$[env:SOCKET_MODE;default=0600]\","
            + " \"log\": \"/nonexistent\"}");
        write("io.margay.console", "{\"address\": \"unix:" + base.resolve("console.sock")
            + "\", \"hosts\": \"console.example\"}");
        try (TestServer server = TestServer.speaking(base, Map.of("MARGAY_CONFIG", directory.toString(),
                "SOCKET_MODE", "0640"), List.of())) {
            assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(
                base.resolve("control.sock"))));
            server.awaitLog("console: at ");
            ConsoleClient console = new ConsoleClient(server);
            assertEquals(200, console.ask("GET", "/overview", "", "Host: console.example").status());
            assertEquals(403, console.ask("GET", "/overview", "", "Host: other.example").status());
            // The console offers the configuration that makes the server of another container.
            Response saved = console.ask("POST", "/configMgr/io.margay.main", "apply=true&propertylist=log&log=/other",
                "Content-Type: application/x-www-form-urlencoded", "Origin: http://localhost", console.proof());
            assertEquals(302, saved.status(), saved.text());
            server.awaitLog("io\\.margay\\.main: this process is part of a server already, whose options are in"
                + " config/io\\.margay\\.main\\.cfg\\.json");
            assertEquals(1, server.processes().values().stream().filter(title -> title.startsWith("unit: router"))
                .count());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "io.margay.main    | {\"users\": \"x\"}           | there is no property \"users\"; there are ",
        "io.margay.main    | {\"user\": \"no-such-user\"} | property \"user\" \"no-such-user\" is no user",
        "io.margay.console | {\"remote\": \"perhaps\"}    | property \"remote\" must be true or false",
        "io.margay.router  | {}                           | there is no configuration \"io.margay.router\""})
    void whatIsWrongKeepsItFromStarting(String pid, String text, String message) throws Exception {
        write(pid, text);
        Distribution.Result result = Distribution.run(directory, Map.of("MARGAY_CONFIG", directory.toString()),
            Distribution.unitd(), "--control", "unix:" + directory.resolve("control"), "--pid",
            directory.resolve("pid").toString(), "--log", directory.resolve("log").toString(), "--statedir",
            directory.resolve("state").toString(), "--tmpdir", directory.toString());
        assertEquals(1, result.code());
        String said = "\"" + directory.resolve(pid + ".cfg.json") + "\": " + message;
        assertTrue(result.err().contains(said), result.err());
        assertFalse(Files.exists(directory.resolve("control")) || Files.exists(directory.resolve("pid")));
    }
}
