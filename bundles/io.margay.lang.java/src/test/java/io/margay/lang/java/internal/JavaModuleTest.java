// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.JavaHomes;
import io.margay.lang.LanguageMount;
import io.margay.lang.Probe;
import io.margay.lang.WorkerJars;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaModuleTest {

    @TempDir
    private Path directory;

    private static AppSpec app(String options) throws Exception {
        return new AppSpec("shop",
            (ConfObject) ConfParser.parse(options.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void anApplicationIsADirectoryOrAnArchive() throws Exception {
        Path text = Files.writeString(directory.resolve("text.war"), "hello");
        Path archive = Files.write(directory.resolve("a.war"), new byte[] {'P', 'K', 3, 4, 5});
        for (Path good : List.of(directory, archive)) {
            Webapp.check(app("{}"), good.toString());
        }
        Webapp.check(app("{}"), "relative/path");
        Webapp.check(app("{'isolation': {'rootfs': '" + directory + "'}}"), "/a.war");
        assertEquals("Unable to determine code source archive from /a.war", assertThrows(IllegalStateException.class,
            () -> Webapp.check(app("{}"), "/a.war")).getMessage());
        assertTrue(assertThrows(IllegalStateException.class, () -> Webapp.check(app("{}"), text.toString()))
            .getMessage().contains("is neither a directory nor a .war file"));
        assertThrows(IllegalStateException.class, () -> Webapp.check(app("{}"), "/dev/null/x"));
    }

    @Test
    void oneThreadUnlessTheApplicationWantsMore() throws Exception {
        assertEquals(1, new JavaModule().concurrency(app("{}")));
        assertEquals(7, new JavaModule().concurrency(app("{'threads': 7}")));
        assertEquals(90, new JavaModule().concurrency(app("{'threads': 7, 'concurrency': 90}")));
    }

    @Test
    void theRunnersAreComplete() throws Exception {
        for (WorkerJars jars : List.of(Containers.runner(), Containers.ee8(), Containers.ee9())) {
            Set<String> packed = new TreeSet<>();
            try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(jars.packed()))) {
                for (ZipEntry entry; (entry = zip.getNextEntry()) != null;) {
                    packed.add(Path.of(entry.getName()).getFileName().toString());
                }
            }
            Path compiled = Path.of(JavaModule.class.getResource("/" + jars.runner().replace('.', '/')).toURI());
            try (Stream<Path> files = Files.list(compiled)) {
                assertEquals(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".class"))
                    .filter(name -> !name.contains("Test")).collect(Collectors.toCollection(TreeSet::new)), packed);
            }
        }
    }

    @Test
    void runtimesTellTheirVersionsAndMounts() throws Exception {
        Path jvms = directory.resolve("jvm");
        Path own = Path.of(System.getProperty("java.home")).toRealPath();
        for (String old : List.of("jdk-11", "broken")) {
            Path program = jvms.resolve(old).resolve("bin/java");
            Files.createDirectories(program.getParent());
            Files.writeString(program, old);
            assertTrue(program.toFile().setExecutable(true));
        }
        Files.writeString(jvms.resolve("jdk-11/release"), "JAVA_VERSION=\"11.0.2\"\n");
        Files.createSymbolicLink(jvms.resolve("default"), own);
        List<Probe> probes = new JavaHomes(jvms, own).probes("java");
        assertEquals(1, probes.size(), "of two names of one runtime the first counts; others are too old");
        Process process = new ProcessBuilder(probes.getFirst().argv()).start();
        InstalledModule module = probes.getFirst().parse(process.getInputStream().readAllBytes()).orElseThrow();
        assertEquals(Runtime.version().feature(), Integer.parseInt(module.version().split("\\.")[0]));
        assertEquals(jvms.resolve("default/bin/java").toString(), module.file());
        List<String> targets = new ArrayList<>(module.mounts().stream().map(LanguageMount::target).toList());
        assertTrue(targets.contains(own.toString()), targets.toString());
        assertTrue(targets.contains(jvms.resolve("default").toString()), targets.toString());
        assertTrue(targets.stream().anyMatch(place -> Files.exists(Path.of(place, "libc.so.6"))), targets.toString());
    }

    @Test
    void aRuntimeThatDoesNotRunIsNone() throws Exception {
        Path home = directory.resolve("jdk-99");
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"99\"\n");
        Files.writeString(home.resolve("bin/java"), "#!/bin/sh\nexit 1\n");
        assertTrue(home.resolve("bin/java").toFile().setExecutable(true));
        List<Probe> probes = new JavaHomes(directory.resolve("none"), home).probes("java");
        Process process = new ProcessBuilder(probes.getFirst().argv()).start();
        assertFalse(probes.getFirst().parse(process.getInputStream().readAllBytes()).isPresent());
    }
}
