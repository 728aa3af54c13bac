// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;

/** The kinds of processes of the distribution; the bundles that bring them depend on this one. */
final class Kinds {

    private static final List<String> NAMES =
        List.of("main", "discovery", "controller", "router", "prototype", "app");

    private Kinds() {
    }

    /** The table. */
    static ProcessKinds stock() {
        return ProcessKinds.parse(json());
    }

    /** The table as main tells it to its children. */
    static String json() {
        StringJoiner all = new StringJoiner(",", "[", "]");
        NAMES.forEach(name -> all.add(file(name)));
        return all.toString();
    }

    /** The folder of the bundles' sources, wherever the test runs. */
    static Path bundles() {
        Path top = Path.of("").toAbsolutePath();
        while (!Files.exists(top.resolve("bundles/io.margay.process"))) {
            top = Objects.requireNonNull(top.getParent(), "no sources");
        }
        return top.resolve("bundles");
    }

    /** The file of one kind. */
    static String file(String name) {
        String path = "io.margay." + name + "/src/main/resources/OSGI-INF/margay/process/" + name + ".json";
        try {
            return Files.readString(bundles().resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
