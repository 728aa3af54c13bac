// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.credential.AccountException;
import io.margay.credential.Accounts;
import io.margay.credential.Credential;
import io.margay.process.StartException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Options out of a configuration. */
class GuestSettingsTest {
    private static final Accounts ACCOUNTS = new Accounts() {
        @Override
        public Credential resolve(String user, Optional<String> group) {
            throw new UnsupportedOperationException();
        }

        @Override
        public OptionalInt uid(String name) {
            if (name.equals("far")) {
                throw new AccountException("the directory is down");
            }
            return name.equals("www") ? OptionalInt.of(33) : OptionalInt.empty();
        }

        @Override
        public OptionalInt gid(String name) {
            return uid(name);
        }
    };

    @TempDir
    private Path base;

    private CommandLine read(Map<String, ?> properties) {
        return GuestSettings.read(properties, base, ACCOUNTS);
    }

    @Test
    void whatIsNotSaidLiesBelowTheWorkingDirectory() {
        CommandLine options = read(Map.of());
        assertEquals("unix:" + base + "/margay/var/run/control.unit.sock", options.control());
        assertEquals(List.of("var/run/unit.pid", "var/log/unit.log", "modules", "var/lib/unit"),
            List.of(options.pid(), options.log(), options.modulesDirectory(), options.stateDirectory()).stream()
                .map(path -> base.resolve("margay").relativize(Path.of(path)).toString()).toList());
        assertEquals("/tmp nobody 384", options.temporaryDirectory() + " " + options.user() + " "
            + options.controlMode());
        assertFalse(options.controlPolicyGiven());
        assertTrue(Files.isDirectory(base.resolve("margay/modules")) && Files.isDirectory(base.resolve(
            "margay/var/log")), "what nobody has named is made");
    }

    @Test
    void everyOptionIsTaken() throws Exception {
        Path policy = Files.createFile(base.resolve("policy"));
        Path files = Files.createDirectory(base.resolve("files"));
        CommandLine options = read(Map.ofEntries(Map.entry("control", "unix:@margay"),
            Map.entry("control-mode", 660), Map.entry("control-user", "www"), Map.entry("control-group", "www"),
            Map.entry("control-policy", policy.toString()), Map.entry("pid", "/run/p"), Map.entry("log", "/l"),
            Map.entry("modulesdir", "/m"), Map.entry("statedir", base.resolve("s").toString()),
            Map.entry("import", files.toString()),
            Map.entry("tmpdir", files.toString()), Map.entry("user", " www "), Map.entry("group", "www"),
            Map.entry("service.pid", "io.margay.main"), Map.entry("felix.fileinstall.filename", "x")));
        assertEquals(List.of("unix:@margay", "432", "www", "www", policy.toString(), "true", "/run/p", "/l", "/m",
            base.resolve("s").toString(), files.toString(), files.toString(), "www", "www"),
            List.of(options.control(),
            String.valueOf(options.controlMode()), options.controlUser().orElseThrow(),
            options.controlGroup().orElseThrow(), options.controlPolicy(),
            String.valueOf(options.controlPolicyGiven()), options.pid(), options.log(), options.modulesDirectory(),
            options.stateDirectory(), options.importDirectory().orElseThrow(), options.temporaryDirectory(),
            options.user(), options.group().orElseThrow()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "control       | unix:           | property \"control\" \"unix:\" is no address: ",
        "control       | 127.0.0.1:70000 | property \"control\" \"127.0.0.1:70000\" is no address: ",
        "control-mode  | 800             | property \"control-mode\" \"800\" must be an octal mode like 0660",
        "control-mode  | 0               | property \"control-mode\" \"0\" must be an octal mode like 0660",
        "control-user  | nosuch          | property \"control-user\" \"nosuch\" is no user",
        "control-group | nosuch          | property \"control-group\" \"nosuch\" is no group",
        "user          | nosuch          | property \"user\" \"nosuch\" is no user",
        "user          | far             | property \"user\" \"far\" cannot be looked up: the directory is down",
        "group         | nosuch          | property \"group\" \"nosuch\" is no group",
        "control-policy| /nonexistent    | property \"control-policy\" \"/nonexistent\" is no file",
        "import        | /nonexistent    | property \"import\" \"/nonexistent\" is no directory",
        "tmpdir        | /nonexistent    | property \"tmpdir\" \"/nonexistent\" is no directory that may be written to",
        "log           | /dev/null/log   | property \"log\" \"/dev/null/log\" lies in what is no directory",
        "pid           | /dev/null/pid   | property \"pid\" \"/dev/null/pid\" lies in what is no directory",
        "statedir      | /dev/null/x     | property \"statedir\" \"/dev/null/x\" lies in what is no directory",
        "modulesdir    | /dev/null/x     | property \"modulesdir\" \"/dev/null/x\" lies in what is no directory",
        "controll      | x               | there is no property \"controll\"; there are control, control-mode, ",
        "no-daemon     | true            | there is no property \"no-daemon\"; there are control, ",
        "state         | /s              | there is no property \"state\"; there are control, "})
    void aWrongValueNamesItsProperty(String name, String value, String text) {
        String message = assertThrows(StartException.class, () -> read(Map.of(name, value))).getMessage();
        assertTrue(message.startsWith(text), message);
        assertFalse(Files.exists(base.resolve("margay")), "nothing is made");
    }

    @Test
    void aValueOfAnotherTypeNamesItsProperty() {
        assertEquals("property \"log\" must be one text", assertThrows(StartException.class, () ->
            read(Map.of("log", List.of("/l")))).getMessage());
        assertEquals("property \"pid\" \"a\nb\" holds a control character", assertThrows(StartException.class, () ->
            read(Map.of("pid", "a\nb"))).getMessage());
    }

    @Test
    void anEmptyValueIsNone() {
        assertEquals(Optional.empty(), read(Map.of("group", "", "control-user", " ")).group());
    }

    /** Consoles show what the file says. */
    @Test
    void theDescriptionForConsolesHasEveryOptionAndItsDefault() throws Exception {
        List<String> described = new ArrayList<>();
        try (InputStream in = GuestSettings.class.getResourceAsStream("/OSGI-INF/metatype/main.xml")) {
            NodeList attributes = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in)
                .getElementsByTagName("AD");
            for (int i = 0; i < attributes.getLength(); i++) {
                Element attribute = (Element) attributes.item(i);
                described.add(attribute.getAttribute("id") + " " + attribute.getAttribute("default"));
            }
        }
        // The web console has a configuration of its own.
        var known = Arrays.stream(CommandOption.values()).filter(option -> option != CommandOption.CONSOLE);
        assertEquals(known.filter(option -> !option.argument.isEmpty()).map(option ->
            option.text.substring(2) + " " + switch (option) {
                case CONTROL_MODE -> "0600";
                case TMPDIR -> "/tmp";
                case USER -> "nobody";
                default -> "";
            }).toList(), described);
    }
}
