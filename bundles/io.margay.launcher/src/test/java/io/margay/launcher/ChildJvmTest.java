// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildJvmTest {
    @TempDir
    private Path home;

    private List<String> argv(Map<String, String> environment) {
        return new ChildJvm(home, "router", environment).argv();
    }

    @Test
    void aKindWithoutOptionsHasThoseOfTheController() {
        assertEquals("@" + home + "/config/jvm/controller.options", argv(Map.of()).get(1));
    }

    @Test
    void theRoleGetsItsOptionsAndThoseOfTheUser() throws IOException {
        Files.createDirectories(home.resolve("config/jvm"));
        Files.createFile(home.resolve("config/jvm/router.options"));
        List<String> argv = argv(Map.of("MARGAY_JAVA_OPTS", " -Da=1  -Db=2 ", "MARGAY_JAVA_OPTS_ROUTER", "-Dc=3",
            "MARGAY_JAVA_OPTS_MAIN", "-Dd=4"));
        assertEquals(System.getProperty("java.home") + "/bin/java", argv.getFirst());
        assertEquals("@" + home + "/config/jvm/router.options", argv.get(1));
        List<String> expected = List.of("-Da=1", "-Db=2", "-Dc=3", "-Dmargay.role=router", "-Dmargay.home=" + home);
        assertTrue(argv.containsAll(expected), argv.toString());
        assertFalse(argv.contains("-Dd=4"), argv.toString());
        assertEquals("io.margay.launcher.Home", argv.getLast());
    }

    @Test
    void theBootCacheIsUsedWhenThereIsOne() throws IOException {
        String flag = "-XX:AOTCache=" + home + "/lib/aot/margay.aot";
        assertFalse(argv(Map.of()).contains(flag));
        Files.createDirectories(home.resolve("lib/aot"));
        Files.createFile(home.resolve("lib/aot/margay.aot"));
        assertTrue(argv(Map.of()).contains(flag));
    }

    @Test
    void theBootCacheIsNotUsedWithAHeapThatItDoesNotFit() throws IOException {
        Files.createDirectories(home.resolve("lib/aot"));
        Files.createFile(home.resolve("lib/aot/margay.aot"));
        for (String option : List.of("-Xmx24m", "-Xms8m", "-Xmn2m", "-XX:+UseG1GC", "-XX:MaxNewSize=2m",
            "-XX:InitialHeapSize=8m", "-XX:DumpLoadedClassList=/tmp/x")) {
            List<String> argv = argv(Map.of("MARGAY_JAVA_OPTS_ROUTER", "-Da=1 " + option));
            assertTrue(argv.stream().noneMatch(one -> one.startsWith("-XX:AOTCache")), option);
            assertTrue(argv.contains(option), option);
        }
    }

    @Test
    void aChildGetsWhatItNeedsAndNoStatusDescriptor() {
        Map<String, String> main = Map.of("A", "b", "MARGAY_STATUS_FD", "9");
        assertEquals(Map.of("A", "b", "X", "y", "MALLOC_ARENA_MAX", "1"),
            new ChildJvm(home, "router", main).environment(Map.of("X", "y")));
    }

    @Test
    void applicationsGetTheEnvironmentOfTheUser() {
        Map<String, String> started = Map.of("A", "b", "MALLOC_ARENA_MAX", "1", "LC_ALL", "C.UTF-8",
            "MARGAY_JAVA_OPTS", "x", "MARGAY_CHANGED", " MALLOC_ARENA_MAX LC_ALL JAVA_TOOL_OPTIONS",
            "MARGAY_SAVED_LC_ALL", "C", "MARGAY_SAVED_JAVA_TOOL_OPTIONS", "-ea", "MARGAY_INIT", "{}");
        assertEquals(Map.of("A", "b", "LC_ALL", "C", "JAVA_TOOL_OPTIONS", "-ea"), ChildJvm.userEnvironment(started));
    }
}
