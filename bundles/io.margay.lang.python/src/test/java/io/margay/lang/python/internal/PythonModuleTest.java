// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Launch;
import io.margay.lang.ModuleCatalogue;
import io.margay.lang.Probe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
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
    void interpretersSideBySideAreAllFoundAndChosenByVersion() throws Exception {
        Path second = Files.createDirectory(directory.resolve("second"));
        List<String> versions = List.of("3.8.18", "3.9.18", "3.10.13", "3.11.2", "3.12.1", "3.13.0", "3.14.0rc2");
        for (String version : versions) {
            Path place = version.startsWith("3.1") ? directory : second;
            Path file = place.resolve("python" + version.substring(0, version.indexOf('.', 2)));
            Files.writeString(file, "#!/bin/sh\necho '{\"version\": \"" + version + "\"}'\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.createSymbolicLink(second.resolve("python3"), directory.resolve("python3.11"));
        List<InstalledModule> found = new ArrayList<>();
        for (Probe probe : new PythonModule(List.of(directory, second)).probes()) {
            Process process = new ProcessBuilder(probe.argv()).start();
            found.add(probe.parse(process.getInputStream().readAllBytes()).orElseThrow());
        }
        assertEquals(versions.size(), found.size());
        ModuleCatalogue catalogue = ModuleCatalogue.of(found);
        for (String version : versions) {
            String series = version.substring(0, version.indexOf('.', 2));
            for (String type : List.of("python " + series, "python" + series, "python  " + version)) {
                assertEquals(version, catalogue.find(type).orElseThrow().version(), type);
            }
        }
        assertEquals("3.14.0rc2", catalogue.find("python").orElseThrow().version());
        assertEquals("3.14.0rc2", catalogue.find("python 3").orElseThrow().version());
        for (String type : List.of("python 3.1", "python 2", "python 3.15", "python 3.9.1")) {
            assertTrue(catalogue.find(type).isEmpty(), type);
        }
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

    private static List<String> program(Launch launch) {
        return launch.argv().subList(0, 2);
    }

    @Test
    void aVirtualEnvironmentHasItsInterpreter() throws Exception {
        Files.createFile(directory.resolve("pyvenv.cfg"));
        Files.createDirectory(directory.resolve("bin"));
        assertEquals(directory + "/bin/python", launch("{\"home\":\"" + directory + "\"}").argv().getFirst());
        program("bin/python3");
        assertEquals(List.of(directory + "/bin/python3", "-I"), program(launch("{\"home\":\"" + directory + "\"}")));
        program("bin/python");
        Launch virtual = launch("{\"home\":\"" + directory + "\"}");
        assertEquals(List.of(directory + "/bin/python", "-I"), program(virtual));
        assertFalse(virtual.environment().containsKey("PYTHONHOME"));
        assertEquals(List.of(directory.getFileName() + "/bin/python", "-I"), program(launch("{\"home\":\""
            + directory.getFileName() + "\", \"working_directory\":\"" + directory.getParent() + "\"}")));
        assertEquals(List.of("/bin/python", "-I"), program(launch(
            "{\"home\":\"/\",\"isolation\":{\"rootfs\":\"" + directory + "\"}}")));
    }

    @Test
    void anInstallationHasItsInterpreterOrTheLibraryOfOneOfTheServer() throws Exception {
        String conf = "{\"home\":\"" + directory + "\"}";
        String reason = assertThrows(IllegalArgumentException.class, () -> launch(conf)).getMessage();
        assertTrue(reason.contains("has neither pyvenv.cfg nor lib/python3.11 nor bin/python3"), reason);
        reason = assertThrows(IllegalArgumentException.class, () -> launch("{\"home\":\"/not/there\"}")).getMessage();
        assertTrue(reason.endsWith("\"/not/there\" is no directory"), reason);
        Files.createDirectory(directory.resolve("bin"));
        program("bin/python3");
        assertEquals(List.of(directory + "/bin/python3", "-s"), program(launch(conf)));
        Files.createDirectories(directory.resolve("lib/python3.11"));
        Launch plain = launch(conf);
        assertEquals(List.of("/usr/bin/python3", "-s"), program(plain));
        assertEquals(directory.toString(), plain.environment().get("PYTHONHOME"));
        program("bin/python3.11");
        assertEquals(List.of(directory + "/bin/python3.11", "-s"), program(launch(conf)));
        // In a root of its own the rest may come by mounts.
        assertEquals(List.of("/usr/bin/python3", "-s"), program(launch(
            "{\"home\":\"/usr\",\"isolation\":{\"rootfs\":\"" + directory + "\"}}")));
    }
}
