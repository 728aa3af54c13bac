// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The map of Unit's functions in the bundle's README names what exists. */
class ReadmeTest {

    private static final Path BUNDLES = Kinds.bundles();
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern CLASS = Pattern.compile(
        "(?:([a-z.]+)\\.)?([A-Z][A-Za-z]+)(?:\\.([A-Za-z_]+)(?:\\(.*\\))?)?");
    private static final Set<String> KEYWORDS = Set.of("return", "new", "throw", "else", "case");
    private static final Pattern WORD = Pattern.compile("[A-Za-z_]+");

    /** The sources of the classes that one cell has named so far. */
    private final List<String> named = new ArrayList<>();

    private static Optional<String> source(String bundle, String name) {
        Path sources = BUNDLES.resolve("io.margay." + bundle).resolve("src/main/java");
        if (!Files.isDirectory(sources)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(sources)) {
            return files.filter(file -> file.endsWith(name + ".java")).findFirst().map(ReadmeTest::text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a class declares a member: a type and a name, outside of comments and strings. */
    private static boolean has(String source, String member) {
        String code = source.replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//[^\n]*", "")
            .replaceAll("\"(?:\\\\.|[^\"\\\\\n])*\"", "\"\"");
        Matcher declared = Pattern.compile("([\\w.]+)(?:<[^()]*>)?(?:\\[\\])?(?:\\.\\.\\.)?\\s+"
            + member + "\\s*[(;=,)]")
            .matcher(code);
        while (declared.find()) {
            if (!KEYWORDS.contains(declared.group(1))) {
                return true;
            }
        }
        return false;
    }

    @Test
    void theTestKnowsDeclarationsFromUses() {
        assertTrue(has("class A {\n    int find(int a) {\n        return 1;", "find"));
        assertTrue(has("record A(Map<String, B> members) {", "members"));
        assertFalse(has("class A {\n    /** int find() */\n    int a() { return find(3); }", "find"));
        assertFalse(has("class A {\n    void a() { b.find(3); log(\"int find(\"); }", "find"));
    }

    private boolean exists(String code) {
        Matcher reference = CLASS.matcher(code);
        if (reference.matches()) {
            Optional<String> source = source(reference.group(1) == null ? "process" : reference.group(1),
                reference.group(2));
            source.ifPresent(named::add);
            return source.isPresent() && (reference.group(3) == null || has(source.get(), reference.group(3)))
                || named.stream().anyMatch(earlier -> WORD.matcher(code).matches() && has(earlier, code));
        }
        return Files.isDirectory(BUNDLES.resolve("io.margay." + code))
            || named.stream().anyMatch(source -> WORD.matcher(code).matches() && has(source, code));
    }

    @Test
    void everyClassOfTheTableExists() {
        List<String> missing = new ArrayList<>();
        int checked = 0;
        String readme = text(BUNDLES.resolve("io.margay.process/README.md"));
        String table = readme.substring(readme.indexOf("## Where the functions of Unit went"));
        for (String row : table.lines().filter(line -> line.startsWith("| ")).toList()) {
            String[] cells = row.split("\\|");
            String here = cells[2].strip();
            named.clear();
            // What the JVM and the kernel do has no class of ours; their words may be in code too.
            for (Matcher code = CODE.matcher(here.replaceAll("(JVM|kernel|/proc/)[^;|]*", "")); code.find();) {
                checked++;
                if (!exists(code.group(1))) {
                    missing.add(cells[1].strip() + ": " + code.group(1));
                }
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(checked > 80, "only " + checked + " references were found");
    }
}
