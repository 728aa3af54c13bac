// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import io.margay.process.ProcessKinds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;

/** The kinds of processes of the distribution, from the files of their bundles. */
public final class Kinds {

    private static final List<String> NAMES =
        List.of("main", "discovery", "controller", "router", "prototype", "app");

    private Kinds() {
    }

    /** The table. */
    public static ProcessKinds stock() {
        return ProcessKinds.parse(json());
    }

    /** The table as main tells it to its children. */
    public static String json() {
        StringJoiner all = new StringJoiner(",", "[", "]");
        NAMES.forEach(name -> all.add(file(name)));
        return all.toString();
    }

    /** The top folder of the sources, wherever the test runs. */
    public static Path sources() {
        Path top = Path.of("").toAbsolutePath();
        while (!Files.exists(top.resolve("bundles/io.margay.process"))) {
            top = Objects.requireNonNull(top.getParent(), "no sources");
        }
        return top;
    }

    /** The file of one kind. */
    public static String file(String name) {
        String path = "bundles/io.margay." + name + "/src/main/resources/OSGI-INF/margay/process/" + name + ".json";
        try {
            return Files.readString(sources().resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
