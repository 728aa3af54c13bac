// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.process.StartException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class ConsoleOptionTest {
    @TempDir
    private Path home;

    private Optional<ConsoleOption> option(String... arguments) throws IOException {
        Files.createDirectories(home.resolve("config"));
        Files.writeString(home.resolve("config/framework.properties"), "");
        CommandLine.Outcome.Start start = (CommandLine.Outcome.Start) CommandLine.parse("unitd", List.of(arguments),
            Defaults.of(home, new Properties()), "1.35.0");
        return ConsoleOption.of(start.line(), home);
    }

    @Test
    void withoutItThereIsNone() throws IOException {
        assertTrue(option().isEmpty());
        assertTrue(option("--console", "").isEmpty());
    }

    @Test
    void itSaysWhereEverythingIs() throws IOException {
        Map<String, String> properties = option("--console", "[::1]:9", "--control", "unix:/run/c", "--statedir",
            "/var/s", "--log", "/var/l", "--pid", "/run/p").orElseThrow().properties();
        assertEquals(Map.of("margay.console.address", "[::1]:9", "margay.console.control", "unix:/run/c",
            "margay.console.state", "/var/s", "margay.console.log", "/var/l", "margay.console.pid", "/run/p"),
            properties);
    }

    @Test
    void itsJarsAreBesideTheOthers() throws IOException {
        ConsoleOption option = option("--console", "unix:/run/x").orElseThrow();
        assertTrue(option.jar("a-1.jar").isEmpty());
        Files.createDirectories(home.resolve("console"));
        Files.createFile(home.resolve("console/a-1.jar"));
        assertEquals(home.resolve("console/a-1.jar"), option.jar("a-1.jar").orElseThrow());
    }

    @Test
    void itsBundlesAndPropertiesComeOnTop() {
        Feature main = new Feature(List.of(new Feature.Entry("a", "a.jar", 1)), Map.of("x", "1", "y", "1", "z", "1"));
        Feature more = new Feature(List.of(new Feature.Entry("a", "a.jar", 1), new Feature.Entry("b", "b.jar", 3)),
            Map.of("y", "2", "z", "2"));
        Feature both = main.with(more, Map.of("z", "3"));
        assertEquals(List.of(new Feature.Entry("a", "a.jar", 1), new Feature.Entry("b", "b.jar", 3)), both.bundles());
        assertEquals(Map.of("x", "1", "y", "2", "z", "3"), both.properties());
    }

    @Test
    void onTheClassPathTheInventoryIsNotStartedTwice() throws IOException {
        Files.createDirectories(home.resolve("features"));
        Files.writeString(home.resolve("features/console.json"), "{\"bundles\": ["
            + "{\"id\": \"g:org.apache.felix.inventory:2\", \"start-order\": 3}]}");
        ConsoleOption option = option("--console", "unix:/run/x").orElseThrow();
        Feature main = new Feature(List.of(), Map.of());
        assertEquals(List.of(), option.linked());
        assertEquals(3, option.with(main).bundles().getFirst().order());
        String before = System.setProperty("java.class.path", "/other.jar" + File.pathSeparator + home
            + "/x/../lib/console.jar");
        try {
            assertEquals(List.of(home.resolve("console"), home.resolve("guest")), option.linked());
            assertEquals(0, option.with(main).bundles().getFirst().order());
            assertEquals("unix:/run/x", option.with(main).properties().get("margay.console.address"));
        } finally {
            System.setProperty("java.class.path", before);
            System.clearProperty("slf4j.provider");
            System.clearProperty("slf4j.internal.verbosity");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:/run/x", "127.0.0.1:80", "127.1.2.3:80", "[::1]:80"})
    void addressesOfThisMachine(String address) {
        assertDoesNotThrow(() -> ConsoleOption.check(address, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*:80", "0.0.0.0:80", "10.0.0.1:80", "[::]:80", "[fe80::1]:80", "unix:@x", "x", "80"})
    void otherAddresses(String address) {
        String message = assertThrows(StartException.class, () -> ConsoleOption.check(address, false)).getMessage();
        assertTrue(message.startsWith("option \"--console\": \"" + address + "\" is "), message);
    }

    @Test
    void othersMustBeAllowedByName() {
        assertDoesNotThrow(() -> ConsoleOption.check("10.0.0.1:80", true));
        assertThrows(StartException.class, () -> ConsoleOption.check("x", true));
    }
}
