// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.testing.SchemaFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The core serves extensions that it has never heard of, so it has no reason to know one by its name. */
class CoreNamesTest {
    private static final Pattern EXTENSION = Pattern.compile("kind=([a-z]+); ?name=\"?([^;\"]+)");
    private static final Pattern EXTENSIONS = Pattern.compile(
        "(lang|wire|action|filter|protocol|observer|section|template|control)\\..+");
    /** Tier 7 puts together and shows what there is, and the tool is no part of the server. */
    private static final Set<String> ABOVE = Set.of("launcher", "shell", "console", "unitctl", "picocli");
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*)\"");
    /** Names that mean something of the core, too: a scheme, settings, a variable, an inspector, a program. */
    private static final Set<String> COMMON = Set.of("http", "compression", "max_body_size", "request_id", "explain",
        "health", "java");
    /** Where the contract orders or words what is of Unit and what is not; the names decide nothing else there. */
    private static final Set<String> ORDER = Set.of(
        // The order in which modules are shown, and "go" for external programs.
        "ModuleCatalogue.java", "InstalledModule.java",
        // The order of the alternatives in error texts.
        "ActionCompiler.java", "Destinations.java",
        // "upstreams" takes one name.
        "PassTarget.java",
        // An option of the JVM begins so.
        "ClassArchive.java",
        // A report that clients read.
        "openapi.json");

    private static List<Path> bundles() throws IOException {
        try (Stream<Path> found = Files.list(SchemaFiles.bundles())) {
            return found.filter(path -> Files.exists(path.resolve("bnd.bnd"))).toList();
        }
    }

    private static Set<String> extensions() throws IOException {
        Set<String> names = new TreeSet<>();
        for (Path bundle : bundles()) {
            Matcher extension = EXTENSION.matcher(Files.readString(bundle.resolve("bnd.bnd")));
            while (extension.find()) {
                names.add(extension.group(2));
            }
        }
        assertTrue(names.size() > 40, names::toString);
        names.removeAll(COMMON);
        return names;
    }

    private static List<Path> core() throws IOException {
        return bundles().stream().filter(bundle -> {
            String name = bundle.getFileName().toString().substring("io.margay.".length());
            return !EXTENSIONS.matcher(name).matches() && !ABOVE.contains(name);
        }).collect(Collectors.toList());
    }

    @Test
    void theCoreNamesNoExtension() throws IOException {
        Set<String> names = extensions();
        Set<String> found = new TreeSet<>();
        int files = 0;
        for (Path bundle : core()) {
            try (Stream<Path> sources = Files.walk(bundle.resolve("src/main"))) {
                for (Path file : sources.filter(f -> f.toString().matches(".*\\.(java|json)")).toList()) {
                    files++;
                    Matcher literal = LITERAL.matcher(Files.readString(file));
                    while (literal.find()) {
                        String text = literal.group(1);
                        // Alone, and as the reader of an option: "share", "action:share".
                        String name = text.substring(text.indexOf(':') + 1);
                        if (names.contains(name) && !ORDER.contains(file.getFileName().toString())) {
                            found.add(file.getFileName() + ": " + text);
                        }
                    }
                }
            }
        }
        assertTrue(files > 400, "files: " + files);
        assertEquals(Set.of(), found);
    }
}
