// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PythonModuleTest {

    private static final InstalledModule PYTHON =
        new InstalledModule("python", "3.11.2", "/usr/bin/python3", List.of());

    @TempDir
    private Path directory;

    private static Launch launch(String json) throws Exception {
        AppSpec app = new AppSpec("blog", (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8)));
        Launch.Builder launch = Launch.builder(Map.of("PATH", "/bin", "PYTHONPATH", "/x", "A", "main"));
        new PythonModule().launch(app, PYTHON, launch);
        return launch.build();
    }

    private void program(String name) throws IOException {
        Files.setPosixFilePermissions(Files.createFile(directory.resolve(name)),
            PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void probesEachInterpreterOnce() throws IOException {
        program("python3.11");
        program("python3.8");
        program("python2.7");
        program("python3-config");
        Files.createFile(directory.resolve("python3.9"));
        Files.createSymbolicLink(directory.resolve("python3"), directory.resolve("python3.11"));
        Files.createSymbolicLink(directory.resolve("python3.7"), directory.resolve("nothing"));
        List<Probe> probes = new PythonModule(List.of(directory, directory.resolve("none"))).probes();
        assertEquals(List.of("python3", "python3.8"), probes.stream()
            .map(probe -> Path.of(probe.argv().getFirst()).getFileName().toString()).toList());
    }

    @Test
    void understandsItsOwnProbe() throws Exception {
        for (Probe probe : new PythonModule().probes()) {
            Process process = new ProcessBuilder(probe.argv()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            InstalledModule module = probe.parse(process.getInputStream().readAllBytes()).orElseThrow();
            assertEquals(0, process.waitFor());
            assertTrue(module.version().matches("3\\.\\d+\\.\\d+.*"), module.version());
            assertEquals(probe.argv().getFirst(), module.file());
            assertTrue(module.mounts().stream().anyMatch(m -> m.target().contains("python3")), module.toString());
        }
    }

    @Test
    void isolatesTheInterpreter() throws Exception {
        Launch launch = launch("{\"environment\":{\"A\":\"b\",\"PYTHONHASHSEED\":\"1\"}}");
        assertEquals(List.of("/usr/bin/python3", "-I", "-c"), launch.argv().subList(0, 3));
        assertEquals(Map.of("PATH", "/bin", "A", "b"), launch.environment());
        assertEquals(List.of("shim", "application"),
            launch.resources().stream().map(Launch.Resource::name).toList());
    }

    @Test
    void usesTheHome() throws Exception {
        Launch plain = launch("{\"home\":\"" + directory + "\"}");
        assertEquals(List.of("/usr/bin/python3", "-s", "-c"), plain.argv().subList(0, 3));
        assertEquals(directory.toString(), plain.environment().get("PYTHONHOME"));
        Files.createFile(directory.resolve("pyvenv.cfg"));
        Launch virtual = launch("{\"home\":\"" + directory + "\"}");
        assertEquals(List.of(directory + "/bin/python", "-I", "-c"), virtual.argv().subList(0, 3));
        Launch rooted = launch("{\"home\":\"/\",\"isolation\":{\"rootfs\":\"" + directory + "\"}}");
        assertEquals("/bin/python", rooted.argv().getFirst());
    }
}
