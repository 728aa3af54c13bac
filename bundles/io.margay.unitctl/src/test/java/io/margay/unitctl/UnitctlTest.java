// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class UnitctlTest {
    @TempDir
    private Path directory;

    private Path socket() {
        return directory.resolve("s");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "status                                       | GET /status",
        "status -t text                               | GET /status",
        "listeners                                    | GET /config",
        "listeners -t yaml                            | GET /config",
        "apps                                         | GET /config",
        "apps list                                    | GET /config",
        "app list --output-format json                | GET /config",
        "process restart router                       | GET /control/processes/router/restart",
        "process restart router --seconds 5           | GET /control/processes/router/restart?seconds=5",
        "apps restart my/app                          | GET /control/applications/my%2fapp/restart",
        "apps reload .. -t json                       | GET /control/applications/%2e%2e/restart",
        "execute -p /x/y                              | GET /x/y",
        "execute --http-method put --path /config     | PUT /config",
        "execute -m DELETE -p /config/routes          | DELETE /config/routes",
        "get /config/a%20b                            | GET /config/a%20b",
        "delete /config/routes                        | DELETE /config/routes",
        "put /config                                  | PUT /config",
        "post /config/routes -                        | POST /config/routes",
        "revisions                                    | GET /control/revisions",
        "revisions list                               | GET /control/revisions",
        "revisions show 3                             | GET /control/revisions/3",
        "revisions diff 3                             | GET /control/revisions/3/diff",
        "revisions diff 3 2                           | GET /control/revisions/3/diff/2",
        "revisions rollback 7                         | POST /control/revisions/7/rollback",
        "confirm                                      | POST /control/confirm",
        "confirm --show                               | GET /control/confirm",
        "confirm --undo                               | DELETE /control/confirm"
    })
    void commandsAreRequests(String command, String request) throws IOException {
        try (FakeServer server = FakeServer.at(socket(), seen -> FakeServer.ok("{}"))) {
            Run run = new Run();
            assertEquals(0, run.on(socket(), command.split(" ")), run.err());
            assertEquals(List.of(request), server.whats());
            assertEquals("", run.err());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "put /config --dry-run                  | PUT /config?dry-run",
        "put /config?a --dry-run                | PUT /config?a&dry-run",
        "execute -m PUT -p /config --confirm 30 | PUT /config?confirm=30",
        "delete /config/routes --confirm 30     | DELETE /config/routes?confirm=30",
        "revisions rollback 7 --dry-run         | POST /control/revisions/7/rollback?dry-run"
    })
    void changesCanBeTriedAndUndone(String command, String request) throws IOException {
        try (FakeServer server = FakeServer.at(socket(), seen -> FakeServer.ok("{}"))) {
            Run run = new Run();
            assertEquals(0, run.on(socket(), command.split(" ")), run.err());
            assertEquals(List.of("GET /control/revisions", request), server.whats());
            assertEquals(command.contains("--confirm"), run.err().contains("unitctl confirm"), run.err());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--dry-run", "--confirm 5"})
    void aServerWithoutDryRunIsNotChanged(String option) throws IOException {
        try (FakeServer server = FakeServer.of(socket(), Map.of())) {
            Run run = new Run();
            assertEquals(2, run.on(socket(), ("put /config " + option).split(" ")));
            assertEquals(List.of("GET /control/revisions"), server.whats());
            assertTrue(run.err().contains("--dry-run"), run.err());
        }
    }

    @Test
    void aFileIsTheBodyByteForByte() throws IOException {
        Path file = Files.writeString(directory.resolve("f.json"), "{\"\u00e9\": 1.0} // kept");
        try (FakeServer server = FakeServer.at(socket(), seen -> FakeServer.ok("{}"))) {
            assertEquals(0, new Run().on(socket(), "put", "/config", file.toString()));
            assertEquals(0, new Run().input("a: 1.50\n").on(socket(), "execute", "-m", "PUT", "-p", "/config", "-f",
                "-", "--input-format", "yaml"));
            assertEquals("{\"\u00e9\": 1.0} // kept", server.seen().getFirst().body());
            assertEquals("{\"a\":1.50}", server.seen().get(1).body());
        }
    }

    @Test
    void yamlFilesBecomeJson() throws IOException {
        Path file = Files.writeString(directory.resolve("f.yml"), "z: 1\na: [x, 2]\n");
        try (FakeServer server = FakeServer.at(socket(), seen -> FakeServer.ok("{}"))) {
            assertEquals(0, new Run().on(socket(), "put", "/config", file.toString()));
            assertEquals("{\"z\":1,\"a\":[\"x\",2]}", server.seen().getFirst().body());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "json        | {\"b\":1.0,\"a\":[]}",
        "json-pretty | {N  \"b\": 1.0,N  \"a\": []N}",
        "yaml        | b: 1.0Na: []"
    })
    void resultsHaveTheFormatAskedFor(String format, String text) throws IOException {
        try (FakeServer server = FakeServer.at(socket(), seen -> FakeServer.ok("{\"b\": 1.0, \"a\": []}\r\n"))) {
            Run run = new Run();
            assertEquals(0, run.on(socket(), "get", "/config", "-t", format));
            assertEquals(text.replace("N", "\n") + "\n", run.out());
            assertEquals(1, server.seen().size());
        }
    }

    @Test
    void coloursAreForTerminalsWhoseUserWantsThem() throws IOException {
        try (FakeServer server = FakeServer.at(socket(), seen -> FakeServer.ok("{\"a\": \"\u009b1m\"}"))) {
            Run coloured = new Run().terminals("1");
            assertEquals(0, coloured.on(socket(), "get", "/config"));
            assertTrue(coloured.out().contains("\033[34m\"a\"\033[0m"), coloured.out());
            assertFalse(coloured.out().contains("\u009b"), "a terminal obeys that");
            for (Run plain : List.of(new Run(), new Run().terminals("1").environment("NO_COLOR", "1"),
                new Run().terminals("1").environment("TERM", "dumb"))) {
                assertEquals(0, plain.on(socket(), "get", "/config"));
                assertFalse(plain.out().contains("\033"), plain.out());
            }
            assertEquals(4, server.seen().size());
        }
    }

    @Test
    void severalServersAreOneObject() throws IOException {
        Path other = directory.resolve("other");
        Path none = directory.resolve("none");
        try (FakeServer one = FakeServer.at(socket(), seen -> FakeServer.ok("1"));
                FakeServer two = FakeServer.at(other, seen -> FakeServer.answer(404, "{\"error\": \"no\"}"))) {
            Run run = new Run();
            String[] all = {"-s", "unix:" + socket(), "-s", "unix:" + other, "-s", "unix:" + socket(), "-s",
                "unix:" + none, "get", "/x", "-t", "json"};
            assertEquals(3, run.call(all), "the highest code");
            assertEquals("{\"unix:" + socket() + "\":1}\n", run.out());
            assertTrue(run.err().contains(other + " refused GET /x (404)"), run.err());
            assertTrue(run.err().contains("cannot connect to unix:" + none), run.err());
            assertEquals(2, one.seen().size() + two.seen().size(), "each once");
        }
    }

    @Test
    void aRefusalIsReadable() throws IOException {
        String answer = FakeServer.answer(400, "{\"error\": \"Invalid configuration.\", \"detail\": \"bad\\u001b[2J\", "
            + "\"location\": {\"path\": \"/listeners/*:80\"}, \"suggestion\": \"pass\"}");
        try (FakeServer server = FakeServer.at(socket(), seen -> answer)) {
            Run run = new Run();
            assertEquals(1, run.input("{}").on(socket(), "put", "/config"));
            assertEquals("unitctl: unix:" + socket() + " refused PUT /config (400)\n"
                + "  error:      Invalid configuration.\n  detail:     bad?[2J\n  path:       /listeners/*:80\n"
                + "  suggestion: pass\n", run.err());
            assertEquals(1, server.seen().size());
        }
    }

    @Test
    void aSyntaxErrorIsShownInItsLine() throws IOException {
        String answer = FakeServer.answer(400, "{\"error\": \"Invalid JSON.\", \"location\": {\"offset\": 9, "
            + "\"line\": 2, \"column\": 5}}");
        try (FakeServer server = FakeServer.at(socket(), seen -> answer)) {
            Run run = new Run();
            assertEquals(1, run.input("{\n\"a\" 1}").on(socket(), "put", "/config"));
            assertTrue(run.err().contains("\n  location:   line 2, column 5\n    \"a\" 1}\n        ^\n"), run.err());
            assertEquals(1, server.seen().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bogus", "get", "-w x status", "-w -1 status", "-t 0 status", "--timeout 0 status",
        "execute", "status -t xml", "status -i 0", "revisions show x", "revisions show -- -2", "apps restart",
        "completion csh", "put /config --dry-run --confirm 3", "put /config --confirm 0",
        "confirm --show --undo", "get config", "get /\u00e9",
        "execute -p /x -m G:T", "execute -p /x -f - --input-format xml", "import /nonexistent/x.txt",
        "-s x get /config", "edit /a /b"})
    void wrongUsageIsCodeTwo(String command) {
        Run run = new Run();
        String[] words = command.isEmpty() ? new String[0] : command.split(" ");
        assertEquals(2, command.startsWith("-s") ? run.call(words) : run.on(socket(), words), run.err());
        assertTrue(run.err().startsWith("unitctl: "), run.err());
        assertFalse(run.err().contains("\tat "), run.err());
    }

    @Test
    void revisionsAreLinesOnATerminal() throws IOException {
        Map<String, String> answers = Map.of("GET /control/revisions", FakeServer.ok("[{\"number\": 12, \"time\": "
            + "\"2026-01-02T03:04:05Z\", \"method\": \"PUT\", \"path\": \"/config\", \"peer\": {\"uid\": 7}, "
            + "\"current\": true}, {\"number\": 3}]"), "GET /control/revisions/3/diff", FakeServer.ok("[{\"op\": "
            + "\"add\", \"path\": \"/a\", \"to\": 1}, {\"op\": \"remove\", \"path\": \"/b\\u001b\", \"from\": {}}, "
            + "{\"op\": \"replace\", \"path\": \"/c\", \"from\": 1, \"to\": \"x\"}]"));
        try (FakeServer server = FakeServer.of(socket(), answers)) {
            Run list = new Run().terminals("01");
            assertEquals(0, list.on(socket(), "revisions", "list"), list.err());
            assertEquals("    12 * 2026-01-02T03:04:05Z  PUT    /config  uid 7\n     3\n", list.out());
            Run diff = new Run();
            assertEquals(0, diff.on(socket(), "revisions", "diff", "3", "-t", "text"), diff.err());
            assertEquals("+ /a: 1\n- /b?: {}\n~ /c: 1 -> \"x\"\n", diff.out());
            assertEquals(2, server.seen().size());
        }
    }

    @Test
    void noServerIsCodeThree() {
        Run run = new Run();
        assertEquals(3, run.on(socket(), "status"));
        assertTrue(run.err().startsWith("unitctl: cannot connect to unix:" + socket() + ": "), run.err());
    }

    @Test
    void aFileThatCannotBeReadIsCodeFour() {
        assertEquals(4, new Run().on(socket(), "put", "/config", directory.resolve("none").toString()));
    }

    @Test
    void helpNamesTheExitCodes() {
        Run run = new Run();
        assertEquals(0, run.call("--help"));
        for (String text : List.of("3   no server", "instances", "revisions", "edit")) {
            assertTrue(run.out().contains(text), run.out());
        }
        assertEquals("", run.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completionKnowsAllCommands(String shell) {
        Run run = new Run();
        assertEquals(0, run.call("completion", shell));
        for (String word : List.of("rollback", "json-pretty", "instances", "confirm")) {
            assertTrue(run.out().contains(word), word);
        }
    }
}
