// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.testing.SchemaFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who opens the folder of a bundle reads first what is in it, what it reaches, and from where it is reached. */
class BundleReadmesTest {
    private static final int FIRST_LINES = 16;
    private static final Map<String, Pattern> PARTS = Map.of(
        "what it owns", Pattern.compile("(?i)\\bowns\\b"),
        "what it may touch", Pattern.compile("(?i)\\b(may|touches)\\b"),
        "who calls it", Pattern.compile("(?i)\\b(calls?|called)\\b"));

    @Test
    void theFirstLinesSayWhatABundleOwnsMayTouchAndWhoCallsIt() throws IOException {
        List<Path> bundles;
        try (Stream<Path> found = Files.list(SchemaFiles.bundles())) {
            bundles = found.filter(path -> Files.exists(path.resolve("pom.xml"))).toList();
        }
        assertTrue(bundles.size() > 60, bundles::toString);
        Set<String> missing = new TreeSet<>();
        for (Path bundle : bundles) {
            List<String> lines = Files.readAllLines(bundle.resolve("README.md"));
            String text = String.join("\n", lines.subList(0, Math.min(lines.size(), FIRST_LINES)));
            PARTS.forEach((part, pattern) -> {
                if (!pattern.matcher(text).find()) {
                    missing.add(bundle.getFileName() + ": " + part);
                }
            });
        }
        assertEquals(Set.of(), missing);
    }
}
