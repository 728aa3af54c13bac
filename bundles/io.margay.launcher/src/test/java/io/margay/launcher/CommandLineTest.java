// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
    private static final Path HOME = Path.of("/opt/margay");

    private static CommandLine.Outcome parse(String... arguments) {
        return CommandLine.parse("unitd", List.of(arguments), Defaults.of(HOME, new Properties()), "1.35.0");
    }

    private static CommandLine line(String... arguments) {
        return assertInstanceOf(CommandLine.Outcome.Start.class, parse(arguments)).line();
    }

    private static CommandLine.Outcome.Answer answer(String... arguments) {
        return assertInstanceOf(CommandLine.Outcome.Answer.class, parse(arguments));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "--control       | option \"--control\" requires socket address",
        "--control-mode  | option \"--control-mode\" requires a mode",
        "--control-user  | option \"--control-user\" requires a username",
        "--control-group | option \"--control-group\" requires a group name",
        "--control-policy | option \"--control-policy\" requires filename",
        "--console       | option \"--console\" requires socket address",
        "--pid           | option \"--pid\" requires filename",
        "--log           | option \"--log\" requires filename",
        "--modulesdir    | option \"--modulesdir\" requires directory",
        "--statedir      | option \"--statedir\" requires directory",
        "--import        | option \"--import\" requires directory",
        "--tmpdir        | option \"--tmpdir\" requires directory",
        "--user          | option \"--user\" requires username",
        "--group         | option \"--group\" requires group name",
        "--bogus         | unknown option \"--bogus\", try \"unitd -h\" for available options",
        "word            | unknown option \"word\", try \"unitd -h\" for available options",
        "--control=x     | unknown option \"--control=x\", try \"unitd -h\" for available options",
        "--role          | unknown option \"--role\", try \"unitd -h\" for available options",
    })
    void wrongOptionsAreRefused(String option, String message) {
        assertEquals(new CommandLine.Outcome.Answer("", message + "\n", 1), answer(option));
        assertEquals(new CommandLine.Outcome.Answer("", message + "\n", 1), answer("--no-daemon", option));
    }

    @ParameterizedTest
    @CsvSource({"--modules, --modulesdir", "--state, --statedir", "--tmp, --tmpdir"})
    void oldNamesWorkAndSaySo(String old, String now) {
        String note = "option \"" + old + "\" is deprecated; use \"" + now + "\" instead\n";
        CommandLine.Outcome.Start start = assertInstanceOf(CommandLine.Outcome.Start.class, parse(old, "/x"));
        assertEquals(note, start.notes());
        List<String> values = List.of(start.line().modulesDirectory(), start.line().stateDirectory(),
            start.line().temporaryDirectory());
        assertEquals(List.of("--modulesdir", "--statedir", "--tmpdir").indexOf(now), values.indexOf("/x"));
        String missing = note + "option \"" + now + "\" requires directory\n";
        assertEquals(new CommandLine.Outcome.Answer("", missing, 1), answer(old));
    }

    @Test
    void defaultsLieBelowTheDistribution() {
        CommandLine line = line();
        assertTrue(line.daemon());
        assertEquals("unix:/opt/margay/var/run/control.unit.sock", line.control());
        assertEquals(0600, line.controlMode());
        assertEquals(Optional.empty(), line.controlUser());
        assertEquals(Optional.empty(), line.controlGroup());
        assertEquals("/opt/margay/var/run/unit.pid", line.pid());
        assertEquals("/opt/margay/var/log/unit.log", line.log());
        assertEquals("/opt/margay/modules", line.modulesDirectory());
        assertEquals("/opt/margay/var/lib/unit", line.stateDirectory());
        assertEquals("/tmp", line.temporaryDirectory());
        assertEquals("nobody", line.user());
        assertEquals(Optional.empty(), line.group());
    }

    @Test
    void theLastOccurrenceWins() {
        CommandLine line = line("--log", "a", "--no-daemon", "--log", "b", "--group", "");
        assertEquals("b", line.log());
        assertEquals(Optional.empty(), line.group());
        assertEquals(false, line.daemon());
    }

    @Test
    void aValueMayLookLikeAnOption() {
        assertEquals("--no-daemon", line("--log", "--no-daemon").log());
        assertTrue(line("--log", "--no-daemon").daemon());
    }

    @ParameterizedTest
    @CsvSource({"660, 0660", "0777, 0777", "0, 0600", "8, 0600", "abc, 0600", "-1, 0600", "177777, 0600"})
    void modesAreOctal(String text, String mode) {
        assertEquals(Integer.parseInt(mode, 8), line("--control-mode", text).controlMode());
    }

    @Test
    void thePolicyIsThatOfTheDistributionUnlessNamed() {
        assertEquals("/opt/margay/config/control-policy.json", line("--no-daemon").controlPolicy());
        assertFalse(line("--no-daemon").controlPolicyGiven());
        assertEquals("p.json", line("--control-policy", "p.json").controlPolicy());
        assertTrue(line("--control-policy", "p.json").controlPolicyGiven());
    }

    @Test
    void helpIsReadableByTools() {
        String help = answer("--log", "x", "-h", "--bogus").out();
        String[][] lines = {{"--control ADDRESS", "unix:/opt/margay/var/run/control.unit.sock"},
            {"--log FILE", "/opt/margay/var/log/unit.log"}, {"--statedir DIR", "/opt/margay/var/lib/unit"}};
        for (String[] line : lines) {
            assertTrue(help.matches("(?s).*" + line[0] + " [^\n]*\n +default: \"" + line[1] + "\"\n.*"), help);
        }
        List<String> order = List.of("--version", "--no-daemon", "--control ", "--control-mode", "--control-user",
            "--control-group",
            "--control-policy", "--console", "--pid", "--log", "--modulesdir", "--statedir",
            "--import", "--tmpdir", "--modules ", "--state ",
            "--tmp ", "--user ", "--group ");
        int at = -1;
        for (String name : order) {
            int next = help.indexOf("\n  " + name, at);
            assertTrue(next > at, name + " in:\n" + help);
            at = next;
        }
        assertEquals(0, answer("--help").code());
        assertEquals("", answer("--help").err());
    }

    @Test
    void theVersionGoesToStandardError() {
        CommandLine.Outcome.Answer version = answer("--version");
        assertEquals(0, version.code());
        assertEquals("", version.out());
        assertTrue(version.err().startsWith("unit version: 1.35.0\nconfigured as ./configure --prefix=/opt/margay "),
            version.err());
        assertTrue(version.err().endsWith(" --user=nobody --njs --openssl --otel\n"), version.err());
    }

    @ParameterizedTest
    @CsvSource({
        "unix:run/c.sock, unix:/opt/margay/run/c.sock",
        "unix:/run/c.sock, unix:/run/c.sock",
        "unix:@name, unix:@name",
        "127.0.0.1:8443, 127.0.0.1:8443"
    })
    void packagersSetTheControlAddress(String configured, String address) {
        Properties values = new Properties();
        values.setProperty("control", configured);
        values.setProperty("log", "/var/log/unit.log ");
        Defaults defaults = Defaults.of(HOME, values);
        assertEquals(address, defaults.control());
        assertEquals("/var/log/unit.log", defaults.path("log", "x"));
    }
}
