// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** The project's bundles as their manifests describe them. */
final class Manifests {
    /** A bundle: its symbolic name, and the packages that it imports and exports. */
    record Module(String name, TreeSet<String> imports, TreeSet<String> exports) {
    }

    private Manifests() {
    }

    /** {@return the bundles of the project in the distribution} */
    static List<Module> ours() throws IOException {
        List<Module> modules = new ArrayList<>();
        for (String directory : new String[] {"system", "modules", "console", "shell"}) {
            try (Stream<Path> jars = Files.list(Distribution.HOME.resolve(directory))) {
                for (Path jar : jars.filter(path -> path.getFileName().toString().startsWith("io.margay.")).toList()) {
                    modules.add(read(jar));
                }
            }
        }
        return modules;
    }

    private static Module read(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Attributes main = file.getManifest().getMainAttributes();
            return new Module(main.getValue("Bundle-SymbolicName"), packages(main.getValue("Import-Package")),
                packages(main.getValue("Export-Package")));
        }
    }

    /** {@return the names of a header without attributes and directives} */
    static TreeSet<String> packages(String header) {
        TreeSet<String> names = new TreeSet<>();
        if (header != null) {
            String unquoted = header.replaceAll("\"[^\"]*\"", "");
            for (String clause : unquoted.split(",")) {
                Arrays.stream(clause.split(";")).map(String::strip).filter(part -> !part.contains("="))
                    .forEach(names::add);
            }
        }
        return names;
    }
}
