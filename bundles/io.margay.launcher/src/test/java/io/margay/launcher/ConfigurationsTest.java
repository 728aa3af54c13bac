// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of {@code config/}: what is read, what wins, what is refused. */
class ConfigurationsTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("NAME", "www", "EMPTY", "", "YES", "true",
        "PORT", "8443");

    @TempDir
    private Path home;

    @BeforeEach
    void directory() throws IOException {
        Files.createDirectory(home.resolve("config"));
        Files.writeString(home.resolve("config/framework.properties"), "");
    }

    private void write(String pid, String text) throws IOException {
        Files.writeString(home.resolve("config/" + pid + ".cfg.json"), text);
    }

    private Configurations read() throws IOException {
        Configurations read = Configurations.read(home, ENVIRONMENT);
        read.check(false);
        return read;
    }

    private CommandLine line(String... arguments) throws IOException {
        CommandLine.Outcome.Start start = (CommandLine.Outcome.Start) CommandLine.parse("unitd", List.of(arguments),
            Defaults.read(home), "1.35.0");
        return start.line().with(read());
    }

    @Test
    void theFilesOfTheDistributionChangeNothing() throws IOException {
        for (String pid : List.of("main", "console")) {
            Path shipped = Path.of("../../config/io.margay." + pid + ".cfg.json");
            Files.copy(shipped, home.resolve("config").resolve(shipped.getFileName()));
        }
        assertTrue(read().options().isEmpty() && read().console().isEmpty());
        // What they show is what holds without them, and may be said.
        for (String pid : List.of("main", "console")) {
            Path file = home.resolve("config/io.margay." + pid + ".cfg.json");
            Files.writeString(file, Files.readString(file).replace("  // \"", "  \""));
        }
        Files.createFile(home.resolve("config/control-policy.json"));
        Path imported = Files.createDirectory(home.resolve("imported"));
        write("io.margay.main", Files.readString(home.resolve("config/io.margay.main.cfg.json"))
            .replace("/docker-entrypoint.d", imported.toString()));
        String[] said = CommandOption.defaults(Defaults.of(home, new Properties()));
        read().options().forEach((option, text) -> {
            if (option != CommandOption.IMPORT && option != CommandOption.CONSOLE) {
                assertEquals(said[option.ordinal()], text, option.text);
            }
        });
        assertEquals(11, read().options().size());
        assertEquals(Map.of("remote", "false", "control", "unix:" + home + "/var/run/control.unit.sock", "state",
            home + "/var/lib/unit", "log", home + "/var/log/unit.log", "pid", home + "/var/run/unit.pid"),
            read().console());
    }

    @Test
    void theCommandLineWinsOverFilesAndTheyOverDefaults() throws IOException {
        Files.writeString(home.resolve("config/unitd.defaults"), "log = /d/log\npid = /d/pid\ntmpdir = /\n");
        write("io.margay.main", "{\"log\": \"/f/log\", \"pid\": \"/f/pid\", \"control-policy\": \"config/framework"
            + ".properties\"}");
        CommandLine line = line("--log", "/o/log");
        assertEquals("/o/log /f/pid /", line.log() + " " + line.pid() + " " + line.temporaryDirectory());
        assertEquals(home.resolve("config/framework.properties").toString(), line.controlPolicy());
        assertTrue(line.controlPolicyGiven(), "it must exist");
        assertFalse(Files.exists(home.resolve("config/x")) || line("--no-daemon").console().isPresent());
    }

    @Test
    void theConsole() throws IOException {
        write("io.margay.console", "{\"address\": \"unix:run/c.sock\", \"hosts\": \"a.example, b.example\","
            + " \"state\": \"users\", \"remote:Boolean\": \"$[env:NO;default=false]\"}");
        assertEquals(Optional.of("unix:" + home + "/run/c.sock"), line().console());
        assertEquals(Optional.of("[::1]:9"), line("--console", "[::1]:9").console());
        assertEquals(Optional.empty(), line("--console", "").console());
        Map<String, String> properties = ConsoleOption.of(line("--pid", "/p", "--log", "/l"), home).orElseThrow()
            .properties();
        assertEquals(Map.of("margay.console.address", "unix:" + home + "/run/c.sock", "margay.console.hosts",
            "a.example, b.example", "margay.console.state", home + "/users", "margay.console.log", "/l",
            "margay.console.pid", "/p", "margay.console.control", "unix:" + home + "/var/run/control.unit.sock",
            "margay.console.remote", "false"), properties);
    }

    @Test
    void remoteAddressesAreAllowedByName() throws IOException {
        write("io.margay.console", "{\"address\": \"10.0.0.1:9\", \"remote\": true}");
        assertEquals("10.0.0.1:9", ConsoleOption.of(line(), home).orElseThrow().properties()
            .get("margay.console.address"));
        assertEquals("*:9", ConsoleOption.of(line("--console", "*:9"), home).orElseThrow().properties()
            .get("margay.console.address"));
        // Whichever says it last.
        write("io.margay.console", "{\"address\": \"10.0.0.1:9\"}");
        Configurations.read(home, ENVIRONMENT).check(true);
        write("io.margay.console", "{\"address\": \"10.0.0.1:9\", \"remote\": false}");
        assertThrows(ConfigurationException.class, () -> Configurations.read(home, ENVIRONMENT).check(true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "\"plain\"                                     | plain",
        "\"$[env:NAME]\"                               | www",
        "\"a $[env:NAME]-$[env:PORT]!\"                | a www-8443!",
        "\"$[env:NONE;default=x=y$z]\"                 | x=y$z",
        "\"$[env:NAME;default=x]\"                     | www",
        "\"\\\\$[env:NAME] $[env:NAME]\"               | $[env:NAME] www",
        "\"$[env:PORT;type=Integer]\"                  | 8443",
        "8443                                          | 8443",
        "/* of before */ \"x\" // of now               | x"})
    void values(String json, String value) throws IOException {
        write("io.margay.main", "{\"group\": " + json + "\n}");
        assertEquals(Map.of(CommandOption.GROUP, value), read().options());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"group\": \"\"}", "{\"group\": \" \"}", "{\"group\": \"$[env:EMPTY]\"}",
        "{\"group:String\": \"$[env:NONE;default=]\"}", "// nothing\n{ /* nothing */ }"})
    void nothing(String text) throws IOException {
        write("io.margay.main", text);
        assertEquals(Map.of(), read().options());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "main    | {\"pid\": \"a\",, }              | line 1, column 13: ",
        "main    | {\"pid\": \"a\"                  | line 1, column 12: ",
        "main    | []                               | it must hold an object",
        "main    | EMPTY                            | line 1, column 1: An empty JSON payload isn't allowed.",
        "main    | {\"pids\": \"a\"}                | there is no property \"pids\"; there are control, control-mode, ",
        "main    | {\"console\": \"a\"}             | there is no property \"console\"; there are control, ",
        "main    | {\"service.pid\": \"a\"}         | there is no property \"service.pid\"; there are ",
        "main    | {\":configurator:x\": 1}         | property \":configurator\" has the type \"x\", which no single",
        "main    | {\"pid\": [\"a\"]}               | property \"pid\" must be one text, number or truth value",
        "main    | {\"pid\": null}                  | property \"pid\" must be one text, number or truth value",
        "main    | {\"pid\": true}                  | property \"pid\" must be one text",
        "main    | {\"pid:String[]\": \"a\"}        | property \"pid\" has the type \"String[]\", which no single",
        "main    | {\"pid:Integer\": \"a\"}         | property \"pid\" \"a\" is no Integer",
        "main    | {\"pid:Byte\": 300}              | property \"pid\" \"300\" is no Byte",
        "main    | {\"pid\": \"a\", \"pid:String\": \"b\"} | property \"pid\" is there twice",
        "main    | {\"pid\": \"a\\nb\"}             | property \"pid\" \"a\\nb\" holds a control character",
        "main    | {\"pid\": \"$[env:NONE]\"} | property \"pid\" \"$[env:NONE]\": the environment has no \"NONE\"",
        "main    | {\"pid\": \"$[env:NAME\"}        | property \"pid\" \"$[env:NAME\" has no closing bracket",
        "main    | {\"pid\": \"$[prop:NAME]\"}      | property \"pid\" \"$[prop:NAME]\" names no variable of the env",
        "main    | {\"pid\": \"$[env:]\"} | property \"pid\" \"$[env:]\" names no variable of the environment",
        "main    | {\"pid\": \"$[env:NAME;x=y]\"} | property \"pid\" \"$[env:NAME;x=y]\": there is no directive \"x=y",
        "main    | {\"pid\": \"-$[env:PORT;type=Long]\"} | property \"pid\" \"$[env:PORT;type=Long]\" has a type, but",
        "main    | {\"control\": \"unix:\"}         | property \"control\" \"unix:\" is no address: ",
        "main    | {\"control-mode\": \"888\"} | property \"control-mode\" \"888\" must be an octal mode like 0660",
        "main    | {\"import\": \"/nonexistent\"}   | property \"import\" \"/nonexistent\" is no directory",
        "console | {\"adress\": \"a\"} | there is no property \"adress\"; there are address, hosts, remote, ",
        "console | {\"address\": \"nowhere\"}       | property \"address\" \"nowhere\" is no address; it must be ",
        "console | {\"address\": \"*:9\"}           | property \"address\" \"*:9\" is no loopback address; ",
        "console | {\"address\": 9}                 | property \"address\" must be one text without control characters",
        "console | {\"remote\": \"yes\"}            | property \"remote\" must be true or false",
        "console | {\"remote:Boolean\": \"yes\"}    | property \"remote\" \"yes\" is neither true nor false",
        "console | {\"control\": \"nowhere\"}       | property \"control\" \"nowhere\" is no address",
        "other   | {}                               | there is no configuration \"io.margay.other\"; there are io.mar",
        "main~a  | {}                               | there is no configuration \"io.margay.main~a\"; there are io.m"})
    void whatIsWrongNamesFileAndProperty(String pid, String text, String message) throws IOException {
        write("io.margay." + pid, text.replace("EMPTY", ""));
        String said = assertThrows(ConfigurationException.class, this::read).getMessage();
        String file = "\"" + home.resolve("config/io.margay." + pid + ".cfg.json") + "\": ";
        assertTrue(said.startsWith(file + message.replace("\\n", "\n")), said);
    }

    @Test
    void theDirectoryMayBeAnotherOne() throws IOException {
        Path other = Files.createDirectory(home.resolve("other"));
        Files.writeString(other.resolve("io.margay.main.cfg.json"), "{\"control\": \"unix:there\"}");
        Files.writeString(other.resolve(".io.margay.x.cfg.json"), "?");
        Files.writeString(other.resolve("io.margay.x.cfg.json~"), "?");
        write("io.margay.main", "{\"control\": \"unix:here\"}");
        assertEquals("unix:" + home + "/here", Defaults.control(home, Map.of()));
        assertEquals("unix:" + home + "/there", Defaults.control(home, Map.of("MARGAY_CONFIG", other.toString())));
        assertEquals("\"" + home + "/none\", which MARGAY_CONFIG names, is no directory that can be read",
            assertThrows(IOException.class, () -> Defaults.control(home, Map.of("MARGAY_CONFIG", home + "/none")))
                .getMessage());
        write("io.margay.main", "{}");
        assertEquals("unix:" + home + "/var/run/control.unit.sock", Defaults.control(home, Map.of()));
    }

    @Test
    void aFileHasABound() throws IOException {
        write("io.margay.main", " ".repeat((1 << 20) - 2) + "{}");
        read();
        write("io.margay.main", " ".repeat((1 << 20) - 1) + "{}");
        assertTrue(assertThrows(ConfigurationException.class, this::read).getMessage().endsWith(
            ": it is larger than 1 MiB"));
    }
}
