// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Apache Karaf, minimal, as Maven Central has it: what README.md says about it, done by hand. */
@Timeout(400)
class KarafIT {
    private static final Pattern BUNDLE =
        Pattern.compile("<bundle[^>]*>mvn:([^/]+)/([^/]+)/([^/<]+)(?:/jar/([^<]+))?<");

    private Path base;
    private Path karaf;
    private int orders;

    @BeforeEach
    void unpack() throws Exception {
        base = Guests.directory();
        Distribution.Result unpacked = Distribution.run(base, Map.of(), "tar", "xzf",
            Guests.container("karaf.tar.gz").toString());
        assertEquals(0, unpacked.code(), unpacked.err());
        try (Stream<Path> files = Files.list(base)) {
            karaf = files.filter(file -> file.getFileName().toString().startsWith("apache-karaf-")).findFirst()
                .orElseThrow();
        }
        // Its own repository, so that nothing is fetched.
        String features = Files.readString(Distribution.HOME.resolve("guest/features.xml"));
        Map<String, Path> jars = jars();
        Matcher matcher = BUNDLE.matcher(features);
        while (matcher.find()) {
            String name = matcher.group(2) + "-" + matcher.group(3)
                + (matcher.group(4) == null ? "" : "-" + matcher.group(4)) + ".jar";
            Path folder = karaf.resolve("system").resolve(matcher.group(1).replace('.', '/')).resolve(matcher.group(2))
                .resolve(matcher.group(3));
            Files.createDirectories(folder);
            assertTrue(jars.containsKey(name), "the distribution has no " + name);
            Files.copy(jars.get(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        append("etc/custom.properties", "\neecap-25 = ${eecap-21}, osgi.ee; osgi.ee=\"JavaSE\"; "
            + "version:List<Version>=\"25.0\"\n");
        Path setup = karaf.resolve("etc/org.apache.karaf.features.cfg");
        Files.writeString(setup, Files.readString(setup).replace("featuresRepositories = ", "featuresRepositories = "
            + Distribution.HOME.resolve("guest/features.xml").toUri() + ", "));
        Files.writeString(karaf.resolve("etc/io.margay.main.cfg"), Guests.options(base).entrySet().stream()
            .map(entry -> entry.getKey() + " = " + entry.getValue() + "\n").collect(Collectors.joining()));
    }

    private static Map<String, Path> jars() throws IOException {
        Map<String, Path> jars = new HashMap<>();
        for (String folder : new String[] {"system", "guest", "modules"}) {
            try (Stream<Path> files = Files.list(Distribution.HOME.resolve(folder))) {
                files.forEach(file -> jars.put(file.getFileName().toString(), file));
            }
        }
        return jars;
    }

    private void append(String file, String text) throws IOException {
        Files.writeString(karaf.resolve(file), text, StandardOpenOption.APPEND);
    }

    @AfterEach
    void delete() throws IOException {
        Guests.delete(base);
    }

    private void feature(String method, String feature) throws IOException {
        String name = "order" + ++orders;
        Path end = base.resolve(name);
        Guests.bundle(karaf.resolve("deploy/" + name + ".jar"), Map.of(
            "Bundle-SymbolicName", "io.margay.it." + name, "Bundle-Version", "1.0.0",
            "Bundle-Activator", KarafFeatures.class.getName(), "Import-Package", "org.osgi.framework",
            "Test-Features", method + " " + feature + " " + end), Map.of(), KarafFeatures.class);
        Await.until(method + " of " + feature, Guests.START, () -> Files.exists(end) && Files.size(end) > 0);
        assertEquals("done", Files.readString(end));
    }

    @Test
    void theFeatureBringsTheServerAndTakesItAway() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(karaf.resolve("bin/karaf").toString(), "server")
            .directory(karaf.toFile()).redirectErrorStream(true).redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(base.resolve("output").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS", "-Xmx256m " + String.join(" ", Guests.FLAGS));
        Process process = builder.start();
        try {
            Path log = karaf.resolve("data/log/karaf.log");
            Await.until("Karaf has started", Guests.START, () -> Files.exists(log)
                && Files.readString(log).contains("Done.") || process.descendants().findAny().isEmpty()
                && !process.isAlive());
            feature("installFeature", "margay-python");
            Guests.answers(base);
            Guests.serve(base, Distribution.freePorts(1).getFirst());
            ProcessHandle host = ProcessHandle.of(Long.parseLong(
                Files.readString(base.resolve("unit.pid")).strip())).orElseThrow();
            assertTrue(host.descendants().count() >= 4, "controller, router, prototype and worker");
            feature("uninstallFeature", "margay-python");
            Guests.gone(base, host);
            assertTrue(host.isAlive(), "Karaf lives on");
            feature("installFeature", "margay-python");
            Guests.answers(base);
            host.destroy();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "Karaf ends");
            Guests.gone(base, ProcessHandle.current());
            String lines = Files.readString(base.resolve("unit.log"));
            assertFalse(lines.contains("[alert]"), lines);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** A feature that lacks a bundle would wait for it for ever. */
    @Test
    void theFeatureHasTheBundlesOfAllKinds() throws IOException {
        TreeSet<String> wanted = new TreeSet<>();
        Pattern id = Pattern.compile("\"id\": \"([^:\"]+):([^:\"]+):([^:\"]+)\"");
        for (String kind : new String[] {"main", "controller", "router"}) {
            String text = Files.readString(Distribution.HOME.resolve("features/" + kind + ".json"));
            Matcher matcher = id.matcher(text.substring(text.indexOf("\"bundles\"")));
            while (matcher.find()) {
                wanted.add(matcher.group(1) + "/" + matcher.group(2) + "/" + matcher.group(3));
            }
        }
        String features = Files.readString(Distribution.HOME.resolve("guest/features.xml"));
        wanted.removeIf(bundle -> features.contains("mvn:" + bundle + "<"));
        assertEquals(new TreeSet<>(), wanted);
    }
}
