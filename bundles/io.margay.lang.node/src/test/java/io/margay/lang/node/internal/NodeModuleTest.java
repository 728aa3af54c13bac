// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.node.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.LanguageMount;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeModuleTest {

    @TempDir
    private Path directory;

    private static Launch launch(String options) throws Exception {
        Launch.Builder builder = Launch.builder(Map.of("NODE_OPTIONS", "--inspect", "HOME", "/", "LISTEN_FDS", "1"));
        new NodeModule().launch(new AppSpec("blog",
            (ConfObject) ConfParser.parse(options.replace('\'', '"').getBytes(StandardCharsets.UTF_8))),
            new InstalledModule("node", "20.0.0", "/usr/bin/node", List.of()), builder);
        return builder.build();
    }

    @Test
    void theScriptRunsBehindTheRuntime() throws Exception {
        Launch launch = launch("{'script':'a.js','arguments':['x','y z'],'environment':{'NODE_ENV':'production'}}");
        assertEquals("/usr/bin/node", launch.argv().getFirst());
        assertEquals("--import", launch.argv().get(1));
        assertEquals(List.of("a.js", "x", "y z"), launch.argv().subList(3, 6));
        assertEquals(Map.of("HOME", "/", "NODE_ENV", "production"), launch.environment());
        assertEquals(List.of(Optional.of(3), Optional.of(4)), List.of(launch.place("listen"), launch.place("preload")));
        assertTrue(launch.argv().get(2).contains("readFileSync(4,"));
        assertEquals(Launch.Prototype.HOLDER, launch.prototype());
        assertEquals("/opt/node", launch("{'script':'a.js','executable':'/opt/node'}").argv().getFirst());
        assertThrows(IllegalStateException.class, () -> launch("{}"));
    }

    @Test
    void programsAreFoundByTheirNames() throws Exception {
        for (String name : List.of("node", "node18", "nodejs-20", "node-gyp", "nodemon", "node_modules")) {
            Files.writeString(directory.resolve(name), name);
            directory.resolve(name).toFile().setExecutable(true);
        }
        List<String> found = new NodeModule(List.of(directory)).probes().stream()
            .map(probe -> Path.of(probe.argv().getFirst()).getFileName().toString()).toList();
        assertEquals(List.of("node", "node18", "nodejs-20"), found);
    }

    @Test
    void theProbeTellsVersionAndMounts() throws Exception {
        List<Probe> probes = new NodeModule().probes();
        assumeTrue(!probes.isEmpty(), "no node here");
        Process process = new ProcessBuilder(probes.getFirst().argv()).start();
        InstalledModule module = probes.getFirst().parse(process.getInputStream().readAllBytes()).orElseThrow();
        assertTrue(module.version().matches("\\d+\\.\\d+\\.\\d+"), module.version());
        assertTrue(Files.isExecutable(Path.of(module.file())));
        assertTrue(module.mounts().stream().map(LanguageMount::target).anyMatch(module.file()::startsWith));
    }
}
