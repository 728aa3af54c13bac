// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The control tool as users run it: the script, the JVM, a terminal. */
@Timeout(120)
class UnitctlIT {
    private static final String UNITCTL = Distribution.HOME.resolve("bin/unitctl").toString();

    private static TestServer server;
    private static int port;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void configure() throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"routes\"}}, "
            + "\"routes\": [{\"action\": {\"return\": 200}}]}");
    }

    private static String address() {
        return "unix:" + server.base().resolve("control.sock");
    }

    private Distribution.Result unitctl(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(UNITCTL, "-s", address()));
        command.addAll(List.of(arguments));
        return Distribution.run(directory, environment, command.toArray(String[]::new));
    }

    /** {@return what a command did that had to end with a code and without a word of the JVM} */
    private Distribution.Result unitctl(int code, String... arguments) throws Exception {
        Distribution.Result result = unitctl(Map.of(), arguments);
        assertEquals(code, result.code(), result.toString());
        assertFalse(result.err().contains("WARNING") || result.err().contains("[warning]"), result.err());
        return result;
    }

    private Path script(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    @Test
    void readingAndWriting() throws Exception {
        assertTrue(unitctl(0, "status").out().startsWith("{\n  \"modules\": {"));
        assertTrue(unitctl(0, "status", "-t", "text").out().startsWith("connections  accepted "));
        assertEquals("127.0.0.1:" + port + ":\n  pass: routes\n", unitctl(0, "listeners", "-t", "yaml").out());
        Path yaml = Files.writeString(directory.resolve("routes.yaml"), "- action:\n    return: 204 # none\n");
        assertTrue(unitctl(0, "execute", "-m", "PUT", "-p", "/config/routes", "-f", yaml.toString()).out()
            .contains("Reconfiguration done."));
        assertEquals(204, Http.get(port, "/").status());
        Distribution.Result refused = unitctl(1, "delete", "/config/routes");
        assertTrue(refused.err().contains("refused DELETE /config/routes (400)\n  error:      Invalid configuration."),
            refused.err());
        assertTrue(unitctl(0, "instances").out().contains("  API control unix socket: " + address() + "\n"));
    }

    @Test
    void withoutABootCacheItWorksTheSame() throws Exception {
        Path home = directory.resolve("home");
        Files.createDirectories(home.resolve("lib/aot"));
        for (String part : new String[] {"bin", "config/jvm", "lib/unitctl"}) {
            Files.createDirectories(home.resolve(part));
            try (Stream<Path> files = Files.list(Distribution.HOME.resolve(part))) {
                for (Path file : files.toList()) {
                    Files.copy(file, home.resolve(part).resolve(file.getFileName()));
                }
            }
        }
        for (String name : new String[] {"lib/launcher.jar", "lib/java.sh"}) {
            Files.copy(Distribution.HOME.resolve(name), home.resolve(name));
        }
        for (String cache : new String[] {"", "no cache at all"}) {
            if (!cache.isEmpty()) {
                Files.writeString(home.resolve("lib/aot/unitctl.aot"), cache);
            }
            Distribution.Result result = Distribution.run(directory, Map.of(), home.resolve("bin/unitctl").toString(),
                "-s", address(), "get", "/config/listeners", "-t", "json");
            assertEquals(0, result.code(), result.toString());
            assertEquals("{\"127.0.0.1:" + port + "\":{\"pass\":\"routes\"}}\n", result.out());
            assertEquals("", result.err(), "no word of the cache");
        }
    }

    @Test
    void severalServers() throws Exception {
        Distribution.Result both = Distribution.run(directory, Map.of(), UNITCTL, "-s", address(), "-s",
            "unix:/nonexistent/c.sock", "get", "/config/routes/0/action/return", "-t", "json");
        assertEquals(3, both.code(), both.toString());
        assertEquals("{\"" + address() + "\":200}\n", both.out());
        assertTrue(both.err().startsWith("unitctl: cannot connect to unix:/nonexistent/c.sock: "), both.err());
    }

    @Test
    void waitingForAServerThatStarts() throws Exception {
        Path base = TestServer.directory();
        Process early = new ProcessBuilder(UNITCTL, "-s", "unix:" + base.resolve("control.sock"), "-w", "30", "-t",
            "2", "get", "/config").redirectErrorStream(true).redirectOutput(directory.resolve("out").toFile()).start();
        try (TestServer late = TestServer.speaking(base, List.of())) {
            assertTrue(early.waitFor(30, TimeUnit.SECONDS), "it waits for ever");
            assertEquals(0, early.exitValue(), Files.readString(directory.resolve("out")));
            assertTrue(late.pid() > 0);
        } finally {
            early.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:@margay-unitctl-it", "127.0.0.1:PORT"})
    void otherKindsOfSockets(String kind) throws Exception {
        String other = kind.replace("PORT", Distribution.freePorts(1).getFirst().toString());
        Path base = TestServer.directory();
        Process second = new ProcessBuilder(Distribution.unitd(), "--no-daemon", "--control", other, "--pid",
            base.resolve("pid").toString(), "--log", base.resolve("log").toString(), "--statedir",
            base.resolve("state").toString(), "--tmpdir", base.resolve("tmp").toString(), "--modulesdir",
            Files.createDirectory(base.resolve("modules")).toString()).redirectErrorStream(true)
            .redirectOutput(base.resolve("out").toFile()).start();
        try {
            Distribution.Result result = Distribution.run(directory, Map.of(), UNITCTL, "-s", other, "-w", "20", "get",
                "/config/listeners", "-t", "json");
            assertEquals(new Distribution.Result(0, "{}\n", ""), result);
        } finally {
            second.destroy();
            Await.until("the second server is gone", () -> !second.isAlive());
        }
    }

    @Test
    void editing() throws Exception {
        Path editor = script("editor", "sed -i 's/\"return\": 200/\"return\": 201/' \"$1\"");
        Distribution.Result result = unitctl(Map.of("VISUAL", "", "EDITOR", editor.toString()), "edit");
        assertEquals(0, result.code(), result.toString());
        assertEquals(201, Http.get(port, "/").status());
    }

    @Test
    void anEditorIsOpenedAgainAfterARefusal() throws Exception {
        Path editor = script("editor", "if [ -e " + directory + "/second ]; then sed -i 's/nowhere/routes/' \"$1\"; "
            + "else touch " + directory + "/second; sed -i 's/\"routes\"$/\"nowhere\"/; s/200/202/' \"$1\"; fi");
        Process terminal = terminal("edit", Map.of("VISUAL", editor.toString()));
        Await.until("the question", () -> screen().contains("Edit again (e) or give up (q)?"));
        terminal.getOutputStream().write("e\n".getBytes(StandardCharsets.US_ASCII));
        terminal.getOutputStream().flush();
        assertEquals(0, end(terminal), screen());
        assertEquals(202, Http.get(port, "/").status());
    }

    @Test
    void importingADirectoryAndExportingIt() throws Exception {
        Path source = Files.createDirectory(directory.resolve("source"));
        String module = "export default {greet: function() { return 'hi'; }}";
        Files.writeString(source.resolve("greet.js"), module);
        Files.writeString(source.resolve("config.yaml"), "listeners:\n  \"127.0.0.1:" + port + "\": {pass: routes}\n"
            + "routes:\n  - action: {return: 203}\n");
        assertTrue(unitctl(0, "import", source.toString()).out().endsWith("Imported 2 files\n"));
        assertEquals(203, Http.get(port, "/").status());
        unitctl(0, "export", "-f", directory.resolve("x.tar").toString());
        Distribution.Result tar = Distribution.run(directory, Map.of(), "tar", "xOf", "x.tar", "config.json");
        assertEquals(0, tar.code(), tar.err());
        assertEquals(unitctl(0, "get", "/config").out(), tar.out());
        assertEquals(module, Distribution.run(directory, Map.of(), "tar", "xOf", "x.tar", "js_modules/greet.js").out());
        assertTrue(unitctl(0, "import", source.toString()).out().endsWith("Imported 2 files\n"), "and once more");
        unitctl(0, "delete", "/js_modules/greet.js");
    }

    @Test
    void changesAreTriedConfirmedAndTakenBack() throws Exception {
        server.expect("configuration rolled back by uid");
        Path file = Files.writeString(directory.resolve("code"), "206");
        String path = "/config/routes/0/action/return";
        assertTrue(unitctl(0, "put", path, file.toString(), "--dry-run").out().contains("Dry run passed"));
        assertEquals(200, Http.get(port, "/").status());

        Distribution.Result pending = unitctl(0, "put", path, file.toString(), "--confirm", "600");
        assertTrue(pending.err().contains("unless you confirm it"), pending.err());
        assertEquals(206, Http.get(port, "/").status());
        assertTrue(unitctl(0, "confirm", "--show").out().contains("\"pending\": true"));
        unitctl(0, "confirm", "--undo");
        assertEquals(200, Http.get(port, "/").status());

        unitctl(0, "put", path, file.toString(), "--confirm", "600");
        unitctl(0, "confirm");
        assertEquals(1, unitctl(1, "confirm").code(), "nothing waits any more");
        String current = unitctl(0, "revisions", "list", "-t", "text").out().lines()
            .filter(line -> line.contains(" * ")).findFirst().orElseThrow().strip().split(" ")[0];
        String before = Long.toString(Long.parseLong(current) - 1);
        assertEquals("~ /routes/0/action/return: 200 -> 206\n",
            unitctl(0, "revisions", "diff", before, current, "-t", "text").out());
        assertTrue(unitctl(0, "revisions", "show", current, "-t", "json").out().contains("\"return\":206"));
        unitctl(0, "revisions", "rollback", before);
        assertEquals(200, Http.get(port, "/").status());
    }

    @Test
    void anEditNeverOverwritesAnotherWriter() throws Exception {
        Path editor = script("editor", "echo 207 | " + UNITCTL + " -s " + address()
            + " put /config/routes/0/action/return - >&2\nsed -i 's/200/208/' \"$1\"");
        Distribution.Result result = unitctl(Map.of("VISUAL", editor.toString()), "edit");
        assertEquals(1, result.code(), result.toString());
        assertTrue(result.err().contains("(412)"), result.err());
        assertEquals(207, Http.get(port, "/").status(), "the other's change");
        String kept = result.err().substring(result.err().indexOf("is kept in ") + 11).strip();
        assertTrue(Files.readString(Path.of(kept)).contains("208"));
        Files.delete(Path.of(kept));
    }

    private Path typescript() {
        return directory.resolve("typescript");
    }

    private String screen() throws IOException {
        return Files.exists(typescript()) ? Files.readString(typescript()) : "";
    }

    /** Starts the tool on a terminal of its own, whose settings it prints when the tool has ended. */
    private Process terminal(String command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("script", "-qfec", "stty cols 100 rows 30; " + UNITCTL + " -s "
            + address() + " " + command + "; code=$?; stty -a; exit $code", typescript().toString())
            .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("TERM", "xterm");
        builder.environment().remove("NO_COLOR");
        builder.environment().putAll(environment);
        return builder.start();
    }

    private int end(Process terminal) throws InterruptedException {
        try {
            assertTrue(terminal.waitFor(30, TimeUnit.SECONDS), "it does not end");
            return terminal.exitValue();
        } finally {
            terminal.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"q", "\003"})
    void theLiveTableFollowsTheServerAndLeavesTheScreenClean(String key) throws Exception {
        Process terminal = terminal("status -i 0.1", Map.of());
        Await.until("the table", () -> screen().contains("accepted"));
        int before = screen().length();
        // Another listener is another member only; requests change the numbers that are drawn.
        for (int i = 0; i < 3; i++) {
            assertEquals(200, Http.get(port, "/").status());
        }
        Await.until("it is drawn again", () -> screen().length() > before && screen().contains("/s"));
        terminal.getOutputStream().write(key.getBytes(StandardCharsets.US_ASCII));
        terminal.getOutputStream().flush();
        assertEquals(0, end(terminal), screen());
        String screen = screen();
        int left = screen.indexOf("\033[?1049l");
        assertTrue(screen.indexOf("\033[?1049h") >= 0 && left > 0, "a screen of its own, and back");
        assertTrue(screen.lastIndexOf("\033[?25h") > screen.lastIndexOf("\033[?25l"), "the cursor is back");
        String settings = screen.substring(left);
        for (String flag : new String[] {"icanon", "isig", "echo"}) {
            assertTrue(settings.matches("(?s).*[ \n]" + flag + "[ \r].*"), flag + " is on again: " + settings);
        }
    }

    @Test
    void aKilledTableLeavesTheScreenCleanToo() throws Exception {
        Process terminal = terminal("-s " + address() + " -s unix:" + directory + "/none status", Map.of());
        Await.until("the table", () -> screen().contains("accepted"));
        ProcessHandle tool = Await.value("the JVM", Await.PATIENCE, () -> terminal.descendants()
            .filter(process -> process.info().command().orElse("").endsWith("java")).findFirst());
        assertTrue(screen().contains("does not answer"), "the server that is not there");
        TestServer.signal(tool.pid(), "TERM");
        end(terminal);
        assertTrue(screen().contains("\033[?1049l") && screen().contains(" icanon"), screen());
    }

    @Test
    void colours() throws Exception {
        assertEquals(0, end(terminal("get /config/routes", Map.of())));
        assertTrue(screen().contains("\033[34m\"action\""), screen());
        assertEquals(0, end(terminal("get /config/routes", Map.of("NO_COLOR", "1"))));
        assertFalse(screen().contains("\033[34m"), screen());
    }

    @Test
    void completionScriptsAreShippedAndWellFormed() throws Exception {
        Path bash = Distribution.HOME.resolve("share/bash-completion/completions/unitctl");
        assertEquals(unitctl(0, "completion", "bash").out(), Files.readString(bash));
        Distribution.Result check = Distribution.run(directory, Map.of(), "bash", "-n", bash.toString());
        assertEquals(new Distribution.Result(0, "", ""), check);
        Distribution.Result words = Distribution.run(directory, Map.of(), "bash", "-c", ". " + bash
            + "; COMP_WORDS=(unitctl rev); COMP_CWORD=1; _complete_unitctl unitctl rev unitctl; echo ${COMPREPLY[*]}");
        assertTrue(words.out().contains("revisions"), words.toString());
        assertTrue(Files.readString(Distribution.HOME.resolve("share/fish/vendor_completions.d/unitctl.fish"))
            .contains("-a rollback"));
    }
}
