// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Imports point down only, and plug-ins export nothing, so that replacing one concerns nobody else. */
class TiersIT {
    private static final List<String> PLUG_INS = List.of("lang.", "wire.", "action.", "filter.", "observer.",
        "protocol.", "control.", "section.", "template.");
    private static final List<List<String>> TIERS = List.of(
        List.of("jnr", "slf4j", "posix", "engine", "conf"),
        List.of("log", "schema", "store", "credential", "certificate", "script", "port", "status"),
        List.of("process", "lang", "module"),
        List.of("isolation", "http", "lang."),
        List.of("route", "listen", "protocol."),
        List.of("dispatch", "wire.", "action.", "filter.", "observer.", "section.", "template.", "control",
            "control."),
        List.of("main", "discovery", "controller", "router", "prototype", "app"),
        List.of("launcher", "shell", "console"));

    /** Top-level classes of ours. */
    private static final Pattern OWN = Pattern.compile("io/margay/[^$]*/(?!package-info)[^/$]+\\.class");
    /** Names that may exist twice, each with its reason. */
    private static final Set<String> TWICE = Set.of();

    private static List<Manifests.Module> modules;
    private static final Map<String, Manifests.Module> EXPORTERS = new HashMap<>();

    @BeforeAll
    static void read() throws IOException {
        modules = Manifests.ours();
        for (Manifests.Module module : modules) {
            module.exports().forEach(name -> EXPORTERS.put(name, module));
        }
    }

    private static int tier(String bundle) {
        String name = bundle.substring("io.margay.".length());
        String family = PLUG_INS.stream().filter(name::startsWith).findFirst().orElse(name);
        for (int tier = 0; tier < TIERS.size(); tier++) {
            if (TIERS.get(tier).contains(family)) {
                return tier;
            }
        }
        throw new AssertionError("bundle " + bundle + " has no tier");
    }

    @Test
    void thereAreBundles() {
        assertFalse(modules.isEmpty());
    }

    @Test
    void importsPointDown() {
        List<String> wrong = new ArrayList<>();
        for (Manifests.Module module : modules) {
            for (String name : module.imports()) {
                Manifests.Module from = EXPORTERS.get(name);
                if (from != null && tier(from.name()) > tier(module.name())) {
                    wrong.add(module.name() + " (tier " + tier(module.name()) + ") imports " + name + " of tier "
                        + tier(from.name()));
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void noBundlesNeedEachOther() {
        for (Manifests.Module module : modules) {
            Set<Manifests.Module> below = new HashSet<>();
            List<Manifests.Module> open = new ArrayList<>(needs(module));
            while (!open.isEmpty()) {
                Manifests.Module next = open.removeLast();
                if (below.add(next)) {
                    open.addAll(needs(next));
                }
            }
            assertFalse(below.contains(module), module.name() + " needs itself by way of others");
        }
    }

    private static List<Manifests.Module> needs(Manifests.Module module) {
        List<Manifests.Module> needs = new ArrayList<>();
        for (String name : module.imports()) {
            Manifests.Module from = EXPORTERS.get(name);
            if (from != null && from != module) {
                needs.add(from);
            }
        }
        return needs;
    }

    @Test
    void plugInsExportNothing() {
        for (Manifests.Module module : modules) {
            String name = module.name().substring("io.margay.".length());
            if (PLUG_INS.stream().anyMatch(name::startsWith)) {
                assertEquals(Set.of(), module.exports(), module.name());
            }
        }
    }

    /** Two classes of one name are taken for each other, by people and by logs. */
    @Test
    void noClassNameExistsTwice() throws IOException {
        Map<String, Set<String>> places = new TreeMap<>();
        for (String directory : new String[] {"system", "modules", "console", "shell", "lib", "lib/unitctl"}) {
            try (Stream<Path> jars = Files.list(Distribution.HOME.resolve(directory))) {
                for (Path jar : jars.filter(path -> path.toString().endsWith(".jar")).toList()) {
                    try (JarFile file = new JarFile(jar.toFile())) {
                        file.stream().map(JarEntry::getName).filter(name -> OWN.matcher(name).matches())
                            .forEach(name -> places.computeIfAbsent(name.substring(name.lastIndexOf('/') + 1),
                                simple -> new TreeSet<>()).add(name));
                    }
                }
            }
        }
        assertFalse(places.isEmpty());
        places.values().removeIf(names -> names.size() < 2);
        places.keySet().removeAll(TWICE);
        assertEquals(Map.of(), places);
    }

    @Test
    void onlyRootPackagesAreExported() {
        for (Manifests.Module module : modules) {
            // The bundles that wrap other projects export theirs.
            if (!Set.of("io.margay.jnr", "io.margay.slf4j").contains(module.name())) {
                Set<String> others = new HashSet<>(module.exports());
                others.remove(module.name());
                others.removeIf(name -> name.equals(module.name() + ".spi"));
                // The log brings the package of OSGi's log service, which the framework has not.
                others.remove("org.osgi.service.log");
                assertEquals(Set.of(), others, module.name());
            }
        }
    }
}
