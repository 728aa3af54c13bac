// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassArchiveTest {
    private static final int FIRST = 3;

    @TempDir
    private Path directory;

    /** One jar: the runner, a class of this test's own. */
    private static WorkerJars jars() {
        return new WorkerJars(ClassArchiveTest.class, "io.margay.lang", List.of("ClassArchiveTest"), "empty.txt");
    }

    private Launch launch(String version, String environment, String... words) throws Exception {
        Path program = directory.resolve("jdk/bin/java");
        Files.createDirectories(program.getParent());
        Files.writeString(directory.resolve("jdk/release"), "JAVA_VERSION=\"" + version + "\"\n");
        AppSpec app = new AppSpec("a", (ConfObject) ConfParser.parse(("{\"environment\": {" + environment
            + "}}").getBytes(StandardCharsets.UTF_8)));
        Launch.Builder launch = Launch.builder(Map.of()).argv(program.toString());
        try (WorkerJars jars = jars()) {
            jars.place(launch, FIRST);
            new ClassArchive("cobol", List.of(jars), List.of("-Xss8m"), "a.Training").add(launch, app,
                program.toString(), List.of(words), FIRST);
        }
        return launch.argv("-Xss8m", "Main").build();
    }

    @ParameterizedTest
    @CsvSource({"25.0.1, 2, -XX:AOTCache=/proc/self/fd/4", "17.0.9, 1, -XX:SharedArchiveFile=/proc/self/fd/4"})
    void theRuntimeDecidesWhichKindItIs(String version, int steps, String word) throws Exception {
        Launch bare = launch(version, "");
        PreparedContent made = bare.prepared().orElseThrow();
        assertTrue(made.name().startsWith("cobol-" + version + "-"), made.name());
        assertEquals(steps, made.steps().size());
        Launch first = made.steps().getFirst();
        assertTrue(first.argv().containsAll(List.of("-Xss8m", "a.Training", "/proc/self/fd/3")),
            first.argv().toString());
        assertEquals(4, first.place(PreparedContent.FILE).orElseThrow());
        assertEquals("Main", bare.argv().getLast());
        assertEquals(word, bare.withPrepared().argv().get(1));
        assertEquals(4, bare.withPrepared().place(made.name()).orElseThrow());
        assertFalse(bare.argv().contains(word));
    }

    @Test
    void whoHasAnArchiveOfTheirOwnKeepsIt() throws Exception {
        for (String word : List.of("-Xshare:off", "-XX:SharedArchiveFile=/x", "-XX:AOTCache=/x", "-XX:AOTMode=off",
            "-XX:ArchiveClassesAtExit=/x", "@/srv/options", "-XX:Flags=/x", "-XX:VMOptionsFile=/x", "-ea @/x")) {
            assertTrue(launch("25", "", word).prepared().isEmpty(), word);
            assertTrue(launch("25", "\"JAVA_TOOL_OPTIONS\": \"" + word + "\"").prepared().isEmpty(), word);
        }
        for (String word : List.of("-Xmx256m", "-XX:+UseZGC", "-Dorg.eclipse.jetty.LEVEL=INFO", "-ea")) {
            assertTrue(launch("25", "\"JAVA_TOOL_OPTIONS\": \"" + word + "\"", word).prepared().isPresent(), word);
        }
    }

    @Test
    void aRuntimeThatDoesNotSayItsVersionHasNone() throws Exception {
        assertTrue(launch("unknown", "").prepared().isEmpty());
    }
}
