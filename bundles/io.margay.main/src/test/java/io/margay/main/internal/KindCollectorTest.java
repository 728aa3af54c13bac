// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.process.ProcessKind;
import io.margay.process.ProcessKinds;
import io.margay.process.ProcessType;
import io.margay.process.internal.KindCollector;
import io.margay.testing.Kinds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.launch.Framework;

/** Bundles in a framework bring kinds of processes, some of them known here only. */
class KindCollectorTest {

    private static final String SCHEDULER = "{\"name\":\"scheduler\",\"number\":9,\"restart\":true,"
        + "\"feature\":\"scheduler\",\"ports\":[\"main\",\"router\"],\"knownTo\":[\"router\"],"
        + "\"sends\":{\"main\":[\"PROCESS_READY\"]}}";

    @TempDir
    private Path directory;
    private final List<String> refused = new ArrayList<>();
    private Framework framework;

    @BeforeEach
    void begin() throws Exception {
        framework = new FrameworkFactory().newFramework(Map.of("org.osgi.framework.storage",
            directory.resolve("cache").toString()));
        framework.start();
    }

    @AfterEach
    void end() throws Exception {
        framework.stop();
        framework.waitForStop(20_000);
    }

    /** A bundle that needs what is not here: it is installed and never resolves. */
    private void install(String name, String json) throws Exception {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Bundle-ManifestVersion", "2");
        attributes.putValue("Bundle-SymbolicName", name);
        attributes.putValue("Import-Package", "not.here");
        attributes.putValue(ProcessKind.HEADER, "OSGI-INF/margay/process/kind.json");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            if (!json.isEmpty()) {
                jar.putNextEntry(new JarEntry("OSGI-INF/margay/process/kind.json"));
                jar.write(json.getBytes(StandardCharsets.UTF_8));
            }
        }
        framework.getBundleContext().installBundle("test:" + name, new ByteArrayInputStream(bytes.toByteArray()));
    }

    private ProcessKinds freeze() {
        return new KindCollector(framework.getBundleContext()).freeze(refused::add);
    }

    @Test
    void bundlesThatAreOnlyInstalledBringTheirKind() throws Exception {
        install("a.main", Kinds.file("main"));
        install("a.router", Kinds.file("router"));
        install("a.scheduler", SCHEDULER);
        ProcessKinds kinds = freeze();
        assertEquals("[main, router, scheduler]", kinds.all().toString());
        ProcessType scheduler = kinds.find(9).orElseThrow();
        assertTrue(ProcessKinds.announced(kinds.get("router"), scheduler) && scheduler.restartable());
        assertEquals(List.of(), refused);
    }

    @Test
    void servicesBringTheirKindAndMayThrow() throws Exception {
        install("a.main", Kinds.file("main"));
        ProcessType type = ProcessType.parse(SCHEDULER.getBytes(StandardCharsets.UTF_8));
        framework.getBundleContext().registerService(ProcessKind.class, () -> type, null);
        framework.getBundleContext().registerService(ProcessKind.class, () -> {
            throw new IllegalStateException("not today");
        }, null);
        assertEquals(List.of("scheduler", "main"), freeze().all().stream().map(ProcessType::word).toList());
        assertEquals(List.of("a process type of bundle org.apache.felix.framework is refused: "
            + "java.lang.IllegalStateException: not today"), refused);
    }

    @Test
    void whatCannotBeIsRefusedByNameAndTheRestServes() throws Exception {
        install("a.main", Kinds.file("main"));
        install("a.router", Kinds.file("router"));
        install("rogue.messages", "{\"name\":\"rogue\",\"number\":10,\"sends\":{\"router\":[\"QUIT\"]}}");
        install("rogue.number", "{\"name\":\"other\",\"number\":3}");
        install("rogue.text", "{");
        install("rogue.nothing", "");
        assertEquals("[main, router]", freeze().all().toString());
        assertEquals(4, refused.size(), refused.toString());
        assertTrue(refused.contains("process type \"rogue\" of bundle rogue.messages is refused: only main sends QUIT"),
            refused.toString());
        assertTrue(refused.contains("process type \"other\" of bundle rogue.number is refused: its number 3 is that of "
            + "\"router\""), refused.toString());
        assertTrue(refused.contains("bundle rogue.nothing has no \"OSGI-INF/margay/process/kind.json\""),
            refused.toString());
    }

    @Test
    void withoutMainNothingStarts() {
        assertThrows(IllegalStateException.class, this::freeze);
    }
}
