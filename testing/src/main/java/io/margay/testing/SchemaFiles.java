// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The schema files of all bundles, read from their folders. */
public final class SchemaFiles {
    private static final String PLACE = "src/main/resources/OSGI-INF/margay";

    private SchemaFiles() {
    }

    /** The folder of all bundles, wherever in the repository the test runs. */
    public static Path bundles() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(at.resolve("bundles/io.margay.schema"))) {
            at = at.getParent();
        }
        return at.resolve("bundles");
    }

    /** Contents by path. */
    public static Map<String, byte[]> all() {
        Map<String, byte[]> all = new TreeMap<>();
        try (Stream<Path> folders = Files.list(bundles())) {
            for (Path folder : folders.map(bundle -> bundle.resolve(PLACE)).filter(Files::isDirectory).toList()) {
                for (Path file : files(folder)) {
                    all.put(file.toString(), Files.readAllBytes(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
