// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.version.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Exported packages keep their promises: what changes without a new version, by the rules of bnd's baseline, is a
 * fault. What was promised stands in {@code src/test/api}; {@code -Dmargay.api.record=true} writes it anew, for what
 * has no fault.
 */
class ApiIT {
    private static final Path PROMISED = Path.of(System.getProperty("margay.apps")).resolveSibling("api");

    @TempDir
    private Path directory;

    private static List<Path> jars() throws IOException {
        try (Stream<Path> jars = Files.list(Distribution.HOME.resolve("system"))) {
            return jars.filter(jar -> jar.getFileName().toString().startsWith("io.margay.")).sorted().toList();
        }
    }

    private static String bundle(Path jar) {
        return jar.getFileName().toString().replaceFirst("-\\d.*", "");
    }

    @Test
    void noExportedPackageChangesUnderItsVersion() throws Exception {
        List<String> faults = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (Path jar : jars()) {
            Map<String, ApiBaseline.Exported> now = ApiBaseline.of(jar);
            if (now.isEmpty()) {
                continue;
            }
            Path promised = PROMISED.resolve(bundle(jar) + ".txt");
            List<String> found = ApiBaseline.faults(now, ApiBaseline.read(promised));
            if (Boolean.getBoolean("margay.api.record") && found.isEmpty()) {
                Files.createDirectories(PROMISED);
                ApiBaseline.write(now, promised);
            }
            faults.addAll(found);
            if (!ApiBaseline.read(promised).keySet().containsAll(now.keySet())) {
                unknown.add(bundle(jar));
            }
        }
        assertEquals(List.of(), faults);
        assertEquals(List.of(), unknown, "not recorded");
    }

    @Test
    void everyExportedPackageHasAVersion() throws Exception {
        for (Path jar : jars()) {
            ApiBaseline.of(jar).forEach((name, exported) ->
                assertTrue(exported.version().getMajor() > 0, name + " has version " + exported.version()));
        }
    }

    @Test
    void aDescriptionSaysWhatTheJarSays() throws Exception {
        Map<String, ApiBaseline.Exported> now = port();
        Path file = directory.resolve("api.txt");
        ApiBaseline.write(now, file);
        assertEquals(List.of(), ApiBaseline.faults(now, ApiBaseline.read(file)));
        assertEquals(List.of(), ApiBaseline.faults(ApiBaseline.read(file), now));
    }

    @Test
    void whatGoesNeedsAMajorAndWhatComesAMinorVersion() throws Exception {
        Path file = directory.resolve("api.txt");
        ApiBaseline.write(port(), file);
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        remove(lines, "\tMETHOD\tdispatch(");
        Map<String, ApiBaseline.Exported> more = port();
        Map<String, ApiBaseline.Exported> less = ApiBaseline.read(Files.write(directory.resolve("less"), lines));
        fault(less, more, "MAJOR");
        fault(more, less, "MINOR");
        assertEquals(List.of(), ApiBaseline.faults(raised(less, 1, 0), more));
        assertEquals(List.of(), ApiBaseline.faults(raised(more, 0, 1), less));
    }

    /** Removes the one element with this text, and what is below it. */
    private static void remove(List<String> lines, String text) {
        int at = lines.indexOf(lines.stream().filter(line -> line.contains(text)).findFirst().orElseThrow());
        int depth = Integer.parseInt(lines.get(at).split("\t")[0]);
        do {
            lines.remove(at);
        } while (Integer.parseInt(lines.get(at).split("\t")[0]) > depth);
    }

    private static Map<String, ApiBaseline.Exported> port() throws Exception {
        return ApiBaseline.of(jars().stream().filter(jar -> bundle(jar).equals("io.margay.port")).findFirst()
            .orElseThrow());
    }

    private static void fault(Map<String, ApiBaseline.Exported> now, Map<String, ApiBaseline.Exported> before,
            String word) {
        List<String> faults = ApiBaseline.faults(now, before);
        assertEquals(1, faults.size());
        assertTrue(faults.getFirst().contains(word) && faults.getFirst().contains("dispatch"), faults.getFirst());
    }

    private static Map<String, ApiBaseline.Exported> raised(Map<String, ApiBaseline.Exported> packages, int major,
            int minor) {
        Map<String, ApiBaseline.Exported> raised = new HashMap<>();
        packages.forEach((name, exported) -> raised.put(name, new ApiBaseline.Exported(
            new Version(exported.version().getMajor() + major, exported.version().getMinor() + minor, 0),
            exported.tree())));
        return raised;
    }
}
