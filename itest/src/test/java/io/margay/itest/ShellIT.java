// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shell in main, as users call it: for one command, for a script, at a terminal. */
@Timeout(180)
class ShellIT {
    private static final String UNITCTL = Distribution.HOME.resolve("bin/unitctl").toString();

    private static TestServer server;
    private static int port;
    /** Of a session that all tests share, as the tool opens one for each command. */
    private static String session;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking(List.of("--control-mode", "666"), "python", "perl", "http");
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/it\"}}, \"applications\": {\"it\": "
            + Tongue.PYTHON.app(server, "app", "\"processes\": 1") + "}}");
        nothingIsThereBeforeTheFirstShell();
        session = "/control/shell/" + json(server.control().post("/control/shell", "")).get("session").getAsString();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static void nothingIsThereBeforeTheFirstShell() throws IOException {
        assertFalse(server.control().get("/control/inspect/main/bundles").text().contains("gogo"));
        try (Stream<Path> files = Files.list(Path.of("/proc/" + server.pid() + "/fd"))) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file)) {
                    String target = Files.readSymbolicLink(file).toString();
                    assertFalse(target.startsWith(Distribution.HOME.resolve("shell").toString()), target);
                }
            }
        }
    }

    private static String address() {
        return "unix:" + server.base().resolve("control.sock");
    }

    private Distribution.Result shell(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(UNITCTL, "-s", address(), "shell"));
        command.addAll(List.of(arguments));
        return Distribution.run(directory, Map.of(), command.toArray(String[]::new));
    }

    private static JsonObject json(Response response) {
        assertEquals(200, response.status(), response.text());
        return JsonParser.parseString(response.text()).getAsJsonObject();
    }

    /** {@return what a line does, in a way that starts no process for it} */
    private static Distribution.Result run(String line) throws IOException {
        JsonObject order = new JsonObject();
        order.addProperty("line", line);
        JsonObject said = json(server.control().post(session, order.toString()));
        return new Distribution.Result(said.get("status").getAsInt(), said.get("output").getAsString(),
            said.get("error").getAsString());
    }

    private static String ran(String line) throws IOException {
        Distribution.Result result = run(line);
        assertEquals(0, result.code(), result.toString());
        return result.out();
    }

    private String done(String... arguments) throws Exception {
        Distribution.Result result = shell(arguments);
        assertEquals(0, result.code(), result.toString());
        assertEquals("", result.err());
        return result.out();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', quoteCharacter = '`', value = {
        "unit:version @ 0 @ unit 1.35.0, java ",
        "unit:status @ 0 @ \"requests\": {",
        "unit:health @ 0 @ router",
        "unit:help @ 0 @ conf:revisions",
        "unit:help cert:put @ 0 @ cert:put CERT [FILE]",
        "cert:put -h @ 0 @ cert:put CERT [FILE]",
        "unit:log 1000 notice @ 0 @ [notice]",
        "unit:log 1 nothing @ 2 @ none of alert, error",
        "app:list @ 0 @ python",
        "app:show it @ 0 @ \"configuration\": {",
        "app:show none @ 1 @ there is no application \"none\"",
        "app:restart none @ 1 @ doesn't exist",
        "app:restart it @ 0 @ Ok",
        "conf:get /applications/it @ 0 @ \"type\": \"python\"",
        "conf:get /nothing @ 1 @ Value doesn't exist",
        "conf:put /routes '1' @ 1 @ Invalid configuration",
        "conf:put /settings 'x' @ 1 @ Invalid JSON",
        "conf:put /settings @ 2 @ there is no content",
        "conf:revisions @ 0 @ /config",
        "conf:undo 999999 @ 1 @ no revision 999999",
        "module:list @ 0 @ io.margay.lang.python",
        "module:pin io.margay.lang.http @ 0 @ Module pinned",
        "module:pin io.margay.lang.http -d @ 0 @ Module unpinned",
        "module:add /etc/passwd @ 1 @ no bundle",
        "module:remove none @ 1 @ Module doesn't exist",
        "module:rollback io.margay.lang.http @ 1 @ no version of",
        "cert:list @ 0 @ SUBJECT",
        "cert:show none @ 1 @ doesn't exist",
        "cert:put x /etc/passwd @ 1 @ Invalid certificate",
        "cert:delete none @ 1 @ doesn't exist",
        "proc:list @ 0 @ unit: router",
        "proc:bundles router @ 0 @ io.margay.route ",
        "proc:bundles @ 0 @ org.apache.felix.gogo.runtime",
        "proc:components controller @ 0 @ io.margay.controller.ShellResource",
        "proc:threads router @ 0 @ main",
        "proc:threads main -s @ 0 @ \"stack\"",
        "proc:show router memory @ 0 @ \"rss\"",
        "proc:show app @ 2 @ none of main, controller, router",
        "felix:lb @ 0 @ Apache Felix Gogo Runtime",
        "felix:headers 0 @ 0 @ Bundle-SymbolicName",
        "scr:list @ 0 @ io.margay.main.internal.MainKind",
        "scr:info io.margay.shell.internal.Shell @ 0 @ io.margay.main.CommandShell",
        "proc:bundles main | unit:grep io.margay.shell @ 0 @ io.margay.shell",
        "nothing:there @ 2 @ there is no command \"nothing:there\"",
        "app:list x @ 2 @ \"x\" is too much",
        "app:list -x @ 2 @ there is no option \"-x\""})
    void commands(String line, int code, String text) throws IOException {
        Distribution.Result result = run(line);
        assertEquals(code, result.code(), result.toString());
        assertTrue((result.out() + result.err()).contains(text), result.toString());
    }

    @Test
    void whatIsChangedIsInForceAndInTheLog() throws Exception {
        assertTrue(done("-c", "conf:put /settings '{\"http\": {\"header_read_timeout\": 33}}'")
            .contains("Reconfiguration done."));
        assertEquals("33\n", ran("conf:get /settings/http/header_read_timeout"));
        assertTrue(ran("conf:undo").contains("Reconfiguration done."));
        assertEquals(1, run("conf:get /settings/http").code());
        ran("conf:put /settings '{\"http\": {\"header_read_timeout\": 34}}'");
        ran("conf:delete /settings");
        server.awaitLog("control: shell \"conf:put /settings \\.\\.\\.\" by uid \\d+, gid \\d+, pid \\d+");
    }

    @Test
    void aModuleIsUpdatedPutBackRemovedAndAdded() throws Exception {
        String name = "io.margay.lang.perl";
        Path jar = directory.resolve("perl.jar");
        JarCopy.write(JarCopy.original("modules", name), jar, "7.0.0", (entry, content) -> content);
        assertTrue(run("module:add " + jar).err().contains("is there already"), "it is updated instead");
        ran("module:update " + jar);
        assertTrue(ran("module:list").matches("(?s).*" + name + " +7\\.0\\.0 .*"), ran("module:list"));
        ran("module:rollback " + name);
        assertFalse(ran("module:list").contains("7.0.0 "), ran("module:list"));
        ran("module:remove " + name);
        assertTrue(server.control().get("/modules/" + name).text().contains("\"removed\": true"));
        assertTrue(run("module:update " + jar).err().contains("is not there"), "it is added instead");
        ran("module:add " + jar);
        assertTrue(server.control().get("/modules/" + name).text().contains("\"version\": \"7.0.0\""));
    }

    @Test
    void aContentIsSentAlong() throws Exception {
        OpenSsl openssl = new OpenSsl(directory);
        openssl.selfSigned("shell", "ed25519");
        Path pem = Files.writeString(directory.resolve("all.pem"), openssl.join("shell.crt", "shell.key"));
        assertTrue(done("-c", "cert:put shell", "--input", pem.toString()).contains("Certificate chain uploaded."));
        assertTrue(ran("cert:list").contains("shell"));
        assertTrue(ran("cert:delete shell").contains("Certificate deleted."));
    }

    /** Runs the tool with lines on its standard input. */
    private Distribution.Result script(String text) throws Exception {
        Path file = Files.writeString(directory.resolve("commands"), text);
        return Distribution.run(directory, Map.of(), "sh", "-c", UNITCTL + " -s " + address() + " shell < " + file);
    }

    @Test
    void aScriptEndsWithItsFirstFailure() throws Exception {
        Distribution.Result good = script("# comment\n\nv = router\nunit:version\nproc:list | unit:grep $v\n");
        assertEquals(0, good.code(), good.toString());
        assertTrue(good.out().matches("(?s)router\nunit 1\\.35\\.0.*unit: router\n"), good.out());
        Distribution.Result bad = script("unit:version\napp:show none\nunit:version\n");
        assertEquals(1, bad.code(), bad.toString());
        assertEquals(1, bad.out().lines().count(), bad.out());
        assertTrue(bad.err().contains("there is no application \"none\""), bad.err());
    }

    @Test
    void linesAreEditedCompletedAndKeptAtATerminal() throws Exception {
        Path screen = directory.resolve("typescript");
        ProcessBuilder builder = new ProcessBuilder("script", "-qfec", "stty cols 100 rows 30; " + UNITCTL + " -s "
            + address() + " shell", screen.toString()).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("TERM", "xterm");
        builder.environment().put("HOME", directory.toString());
        Process terminal = builder.start();
        try {
            type(terminal, screen, "", "unit> ");
            type(terminal, screen, "unit:ver\t", "unit:version ");
            type(terminal, screen, "\r", "unit 1.35.0, java");
            type(terminal, screen, "app:show i\t", "app:show it ");
            type(terminal, screen, "\r", "\"processes\": {");
            // Another one meanwhile is its own.
            assertTrue(ran("unit:version").contains("1.35.0"));
            type(terminal, screen, "nope\r", "there is no command \"nope\"");
            terminal.getOutputStream().write(4);
            terminal.getOutputStream().flush();
            assertTrue(terminal.waitFor(60, TimeUnit.SECONDS), "it does not end");
            assertEquals(2, terminal.exitValue(), "the code of the last command");
        } finally {
            terminal.destroyForcibly();
        }
        Path history = directory.resolve(".unitctl_history");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(history)));
        assertTrue(Files.readString(history).contains("app:show it"), Files.readString(history));
    }

    private static void type(Process terminal, Path screen, String keys, String shown) throws IOException {
        int before = Files.exists(screen) ? Files.readString(screen).length() : 0;
        terminal.getOutputStream().write(keys.getBytes(StandardCharsets.US_ASCII));
        terminal.getOutputStream().flush();
        Await.until("\"" + shown + "\"", () -> Files.exists(screen)
            && Files.readString(screen).substring(before).contains(shown));
        Await.until("a line can be typed", () -> keys.endsWith("\t")
            || Files.readString(screen).substring(before).contains("unit> "));
    }

    @Test
    void nobodyElseGetsIn() throws Exception {
        Path base = server.base();
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
        Distribution.Result result = Distribution.run(directory, Map.of(), "setpriv", "--reuid=65534", "--regid=65534",
            "--clear-groups", "curl", "-s", "-X", "POST", "--unix-socket", base.resolve("control.sock").toString(),
            "http://localhost/control/shell");
        assertTrue(result.out().contains("root and the account of the main process only"), result.toString());
    }
}
