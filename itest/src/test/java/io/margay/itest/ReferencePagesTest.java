// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.schema.SchemaRegistry;
import io.margay.testing.SchemaFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/**
 * The reference pages say what the bundles say; with {@code -Dmargay.docs.record=true} they are written anew. Each
 * attribute of each of our PIDs has a name, a description and a default, or is required.
 */
class ReferencePagesTest {
    private static final Path DOCS = SchemaFiles.bundles().resolveSibling("docs");
    private static final Pattern PID = Pattern.compile("\\bPID = \"([^\"]+)\"");

    private static List<Path> files(String folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(SchemaFiles.bundles())) {
            return files.filter(file -> file.toString().contains(folder) && file.toString().endsWith(ending)).sorted()
                .toList();
        }
    }

    private static List<Path> metatypes() throws IOException {
        return files("src/main/resources/OSGI-INF/metatype/", ".xml");
    }

    private static void same(String name, String page) throws IOException {
        Path file = DOCS.resolve(name);
        if (Boolean.getBoolean("margay.docs.record")) {
            Files.writeString(file, page);
        }
        assertEquals(page, Files.readString(file), file + " is not what the bundles say: -Dmargay.docs.record=true");
    }

    @Test
    void options() throws IOException {
        SchemaRegistry registry = new SchemaRegistry();
        SchemaFiles.all().forEach(registry::put);
        same("options.md", ReferencePages.options(registry.current().types()));
    }

    @Test
    void eachOptionIsDescribed() throws IOException {
        SchemaRegistry registry = new SchemaRegistry();
        SchemaFiles.all().forEach(registry::put);
        List<String> silent = new ArrayList<>();
        registry.current().types().members().forEach((name, type) -> undescribed(name, (ConfObject) type, silent));
        assertEquals(List.of(), silent, "options without a \"description\"");
    }

    /** Members at any depth: of objects, of what a choice adds, of the values of maps and the elements of arrays. */
    private static void undescribed(String place, ConfObject rule, List<String> silent) {
        rule.object("members").orElse(ConfObject.EMPTY).members().forEach((name, member) -> {
            ConfObject option = (ConfObject) member;
            if (option.string("description").orElse("").isBlank()) {
                silent.add(place + "/" + name);
            }
            undescribed(place + "/" + name, option, silent);
        });
        rule.object("variants").orElse(ConfObject.EMPTY).members().forEach((name, variant) ->
            undescribed(place + "(" + name + ")", (ConfObject) variant, silent));
        for (String inner : List.of("values", "elements")) {
            rule.object(inner).ifPresent(each -> undescribed(place + "/*", each, silent));
        }
    }

    @Test
    void configurationsOfTheContainer() throws Exception {
        same("container.md", ReferencePages.pids(metatypes()));
    }

    @Test
    void eachPidIsDescribed() throws Exception {
        Set<String> described = new TreeSet<>();
        for (Path file : metatypes()) {
            for (Element ocd : ReferencePages.elements(file, "OCD")) {
                described.add(ocd.getAttribute("id"));
                for (Element attribute : ReferencePages.children(ocd)) {
                    String place = ocd.getAttribute("id") + " " + attribute.getAttribute("id");
                    assertFalse(attribute.getAttribute("name").isEmpty(), place);
                    String about = attribute.getAttribute("description");
                    assertFalse(about.isEmpty(), place);
                    boolean optional = attribute.getAttribute("required").equals("false");
                    assertTrue(!optional || attribute.hasAttribute("default") || about.contains("Default: "),
                        place + " has no default");
                }
            }
        }
        Set<String> used = new TreeSet<>();
        for (Path source : files("src/main/java/", ".java")) {
            Matcher pid = PID.matcher(Files.readString(source));
            while (pid.find()) {
                used.add(pid.group(1));
            }
        }
        assertEquals(used, described);
    }
}
