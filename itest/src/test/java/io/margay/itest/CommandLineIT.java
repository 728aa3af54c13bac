// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The start command as scripts and packages use it ({@code spec/control-api.md §13, §20}). */
class CommandLineIT {
    @TempDir
    private Path directory;

    private Distribution.Result unitd(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = Distribution.unitd();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return Distribution.run(directory, Map.of(), command);
    }

    @Test
    void theVersionGoesToStandardError() throws Exception {
        Properties framework = new Properties();
        try (var reader = Files.newBufferedReader(Distribution.HOME.resolve("config/framework.properties"))) {
            framework.load(reader);
        }
        Distribution.Result result = unitd("--version");
        assertEquals(0, result.code());
        assertEquals("", result.out());
        List<String> lines = result.err().lines().toList();
        assertEquals("unit version: " + framework.getProperty("unit.version"), lines.getFirst());
        assertTrue(lines.get(1).startsWith("configured as ./configure --prefix="), lines.get(1));
        assertEquals(2, lines.size(), "nothing but the version, no word of the JVM");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-h", "--help"})
    void helpGoesToStandardOutput(String option) throws Exception {
        Distribution.Result result = unitd(option);
        assertEquals(0, result.code());
        assertEquals("", result.err());
        List<String> lines = result.out().lines().toList();
        int control = lines.indexOf(
            lines.stream().filter(line -> line.contains("--control ADDRESS")).findFirst().orElseThrow());
        assertTrue(lines.get(control + 1).matches(" +default: \"unix:/.*\""), lines.get(control + 1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "--bogus     |             | unknown option \"--bogus\", try \"PROGRAM -h\" for available options",
        "--no-daemon | --bogus     | unknown option \"--bogus\", try \"PROGRAM -h\" for available options",
        "--pid       |             | option \"--pid\" requires filename",
        "--log       | --no-daemon | ",
        "--no-daemon | --control   | option \"--control\" requires socket address"
    })
    void wrongOptionsEndWithCodeOneInBothModes(String first, String second, String message) throws Exception {
        Distribution.Result result = message == null ? unitd(first, second, "--bogus")
            : second == null ? unitd(first) : unitd(first, second);
        String expected = message == null
            ? "unknown option \"--bogus\", try \"PROGRAM -h\" for available options" : message;
        assertEquals(expected.replace("PROGRAM", Distribution.unitd()) + "\n", result.err());
        assertEquals("", result.out());
        assertEquals(1, result.code());
    }

    @Test
    void aLinkToTheProgramFindsTheDistribution() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("unitd-link"), Path.of(Distribution.unitd()));
        Distribution.Result result = Distribution.run(directory, Map.of(), link.toString(), "--version");
        assertEquals(0, result.code(), result.err());
        assertEquals(unitd("--version").err(), result.err());
    }

    @Test
    void withoutJavaItSaysWhatToInstall() throws Exception {
        Path none = Files.createDirectory(directory.resolve("none"));
        Distribution.Result result = Distribution.run(directory, Map.of("MARGAY_JAVA", none.toString()),
            Distribution.unitd(), "--version");
        assertEquals(1, result.code());
        assertEquals("MARGAY_JAVA=" + none + " is no Java 25 or newer\n", result.err());
    }

    @Test
    void variablesForOtherJvmsChangeNothing() throws Exception {
        Distribution.Result result = Distribution.run(directory,
            Map.of("JAVA_TOOL_OPTIONS", "-Dx=y", "JDK_JAVA_OPTIONS", "-Dx=y", "LC_ALL", "C"),
            Distribution.unitd(), "--version");
        assertEquals(unitd("--version"), result);
    }

    @Test
    void nothingIsLeftInTheTemporaryDirectory() throws Exception {
        Path tmp = Files.createDirectory(directory.resolve("tmp"));
        assertEquals(1, unitd("--tmpdir", tmp.toString(), "--bogus").code());
        try (var entries = Files.list(tmp)) {
            assertEquals(List.of(), entries.toList());
        }
    }
}
