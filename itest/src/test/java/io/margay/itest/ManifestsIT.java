// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.module.ExtensionKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/**
 * What bundles say about themselves is true: extensions name their kind and register its service, who calls an
 * interface says its version, and each role has what its bundles require.
 */
class ManifestsIT {
    /** What the second part of a name says about the kind of the extension. */
    private static final Set<String> KINDS = Set.of("lang", "wire", "action", "filter", "observer", "protocol",
        "control", "section", "template");
    /** What the component runtime offers. */
    private static final Set<String> GIVEN = Set.of("org.osgi.service.component.runtime.ServiceComponentRuntime");
    /** A bundle that is started, and not only read. */
    private static final Pattern JAR = Pattern.compile(
        "\"id\": \"[^:\"]+:(io\\.margay\\.[^:\"]+):[^:\"]+\"(?!, \"start-order\": 0)");
    private static final Pattern CLAUSE = Pattern.compile("(?:[^,\"]|\"[^\"]*\")+");
    private static final Pattern RANGE = Pattern.compile("version=\"([^\"]+)\"");
    private static final Pattern REQUIRED = Pattern.compile("\\(objectClass=([^)]+)\\)");

    private static final Map<String, Attributes> MANIFESTS = new HashMap<>();

    @BeforeAll
    static void read() throws IOException {
        for (String directory : new String[] {"system", "modules"}) {
            try (Stream<Path> jars = Files.list(Distribution.HOME.resolve(directory))) {
                for (Path jar : jars.filter(path -> path.getFileName().toString().startsWith("io.margay.")).toList()) {
                    try (JarFile file = new JarFile(jar.toFile())) {
                        Attributes main = file.getManifest().getMainAttributes();
                        MANIFESTS.put(main.getValue("Bundle-SymbolicName"), main);
                    }
                }
            }
        }
    }

    private static List<String> clauses(String bundle, String header, String namespace) {
        String value = MANIFESTS.get(bundle).getValue(header);
        return value == null ? List.of() : CLAUSE.matcher(value).results().map(match -> match.group().strip())
            .filter(clause -> clause.startsWith(namespace)).toList();
    }

    private static String attribute(String clause, String name) {
        Matcher matcher = Pattern.compile("; *" + name + "=\"?([^;\"]+)\"?").matcher(clause);
        assertTrue(matcher.find(), clause + " lacks " + name);
        return matcher.group(1);
    }

    private static Set<String> services(String bundle) {
        Set<String> services = new TreeSet<>();
        for (String clause : clauses(bundle, "Provide-Capability", "osgi.service;")) {
            Matcher matcher = Pattern.compile("objectClass:List<String>=\"([^\"]+)\"").matcher(clause);
            assertTrue(matcher.find(), bundle + ": " + clause);
            services.addAll(List.of(matcher.group(1).split(",")));
        }
        return services;
    }

    /** The package of the interface of a kind is imported in a version that fits the one that is declared. */
    private static void imports(String bundle, ExtensionKind kind, Version api) {
        String name = kind.service().substring(0, kind.service().lastIndexOf('.'));
        String clause = clauses(bundle, "Import-Package", name + ";").getFirst();
        Matcher range = RANGE.matcher(clause);
        assertTrue(range.find(), clause);
        assertTrue(new VersionRange(range.group(1)).includes(api), bundle + " imports " + clause + " and says " + api);
    }

    @Test
    void extensionsSayWhatTheyAre() {
        List<String> extensions = new ArrayList<>();
        for (String bundle : new TreeSet<>(MANIFESTS.keySet())) {
            String family = bundle.split("\\.")[2];
            boolean plugIn = KINDS.contains(family) && bundle.split("\\.").length > 3;
            List<String> declared = clauses(bundle, "Provide-Capability", "io.margay.extension;");
            assertEquals(plugIn, !declared.isEmpty(), bundle);
            // It is named after what it brings first; observers and templates may be a section of the configuration.
            declared.stream().findFirst().map(clause -> attribute(clause, "kind")).ifPresent(kind ->
                assertTrue(kind.equals(family) || kind.equals("section")
                    && (family.equals("observer") || family.equals("template")), bundle));
            for (String clause : declared) {
                extensions.add(bundle);
                ExtensionKind kind = ExtensionKind.of(attribute(clause, "kind")).orElseThrow();
                Version api = Version.parseVersion(attribute(clause, "api:Version"));
                assertFalse(attribute(clause, "name").isEmpty(), bundle);
                assertTrue(kind.offers(api), bundle + " is made for " + api);
                assertTrue(services(bundle).contains(kind.service()), bundle + " registers no " + kind.service());
                imports(bundle, kind, api);
            }
        }
        assertTrue(extensions.size() >= 6, extensions.toString());
    }

    /** Without a range a bundle would be given an interface of any version. */
    @Test
    void everyInterfaceIsAskedForInAVersion() {
        for (String bundle : MANIFESTS.keySet()) {
            for (String clause : clauses(bundle, "Import-Package", "io.margay.")) {
                Matcher range = RANGE.matcher(clause);
                assertTrue(range.find(), bundle + " imports " + clause);
                assertFalse(new VersionRange(range.group(1)).getRight() == null, bundle + " imports " + clause);
            }
        }
    }

    /** Who has components asks for what runs them. */
    @Test
    void componentsAskForTheirRuntime() {
        for (Map.Entry<String, Attributes> entry : MANIFESTS.entrySet()) {
            boolean components = entry.getValue().getValue("Service-Component") != null;
            boolean asks = clauses(entry.getKey(), "Require-Capability", "osgi.extender;").stream()
                .anyMatch(clause -> clause.contains("osgi.component"));
            assertEquals(components, asks, entry.getKey());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"main", "controller", "router"})
    void aRoleHasTheServicesThatItsBundlesRequire(String role) throws IOException {
        String feature = Files.readString(Distribution.HOME.resolve("features/" + role + ".json"));
        List<String> bundles = JAR.matcher(feature).results().map(match -> match.group(1)).toList();
        assertTrue(bundles.size() > 10, feature);
        Set<String> offered = new TreeSet<>(GIVEN);
        bundles.forEach(bundle -> offered.addAll(services(bundle)));
        Set<String> missing = new TreeSet<>();
        for (String bundle : bundles) {
            for (String clause : clauses(bundle, "Require-Capability", "osgi.service;")) {
                Matcher service = REQUIRED.matcher(clause);
                assertTrue(service.find(), clause);
                if (!clause.contains("resolution:=optional") && !offered.contains(service.group(1))) {
                    missing.add(bundle + " requires " + service.group(1));
                }
            }
        }
        assertEquals(Set.of(), missing);
    }
}
