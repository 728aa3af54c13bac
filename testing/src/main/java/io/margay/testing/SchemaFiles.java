// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The schema files of all bundles, read from their folders. */
public final class SchemaFiles {
    private static final Pattern FILE = Pattern.compile("OSGI-INF/margay/[a-z0-9_]+\\.json");

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

    /** Contents by path: the files that bundles name in their {@code Margay-Schema} header. */
    public static Map<String, byte[]> all() {
        Map<String, byte[]> all = new TreeMap<>();
        try (Stream<Path> folders = Files.list(bundles())) {
            for (Path bundle : folders.filter(folder -> Files.exists(folder.resolve("bnd.bnd"))).toList()) {
                Matcher named = FILE.matcher(Files.readString(bundle.resolve("bnd.bnd")));
                while (named.find()) {
                    Path file = bundle.resolve("src/main/resources").resolve(named.group());
                    all.put(file.toString(), Files.readAllBytes(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }
}
