// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.ruby.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RubyModuleTest {

    private static final InstalledModule RUBY = new InstalledModule("ruby", "3.1.2", "/usr/bin/ruby", List.of());

    @TempDir
    private Path directory;

    private static Launch launch(String json) throws Exception {
        AppSpec app = new AppSpec("blog", (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8)));
        Launch.Builder launch = Launch.builder(Map.of("PATH", "/bin", "RUBYLIB", "/x", "RUBYOPT", "-d", "A", "main"));
        new RubyModule().launch(app, RUBY, launch);
        return launch.build();
    }

    private static String resource(Launch launch, String name) {
        return new String(launch.resources().stream().filter(resource -> resource.name().equals(name)).findFirst()
            .orElseThrow().content(), StandardCharsets.UTF_8);
    }

    @Test
    void probesEachInterpreterOnce() throws IOException {
        for (String name : new String[] {"ruby3.1", "ruby3.3.0", "rubyfmt", "ruby-lsp"}) {
            Files.setPosixFilePermissions(Files.createFile(directory.resolve(name)),
                PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.createLink(directory.resolve("ruby"), directory.resolve("ruby3.1"));
        Files.createFile(directory.resolve("ruby2.7"));
        List<Probe> probes = new RubyModule(List.of(directory, directory.resolve("none"))).probes();
        assertEquals(List.of("ruby", "ruby3.3.0"), probes.stream()
            .map(probe -> Path.of(probe.argv().getFirst()).getFileName().toString()).toList());
    }

    @Test
    void understandsItsOwnProbe() throws Exception {
        List<Probe> probes = new RubyModule().probes();
        assertFalse(probes.isEmpty(), "this machine has Ruby");
        for (Probe probe : probes) {
            Process process = new ProcessBuilder(probe.argv()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            InstalledModule module = probe.parse(process.getInputStream().readAllBytes()).orElseThrow();
            assertEquals(0, process.waitFor());
            assertTrue(module.version().matches("3\\.\\d+\\.\\d+"), module.version());
            assertEquals(Path.of(probe.argv().getFirst()).toRealPath(),
                Path.of(module.file()).toRealPath());
            assertTrue(module.mounts().stream().anyMatch(m -> m.target().contains("ruby")), module.toString());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "{\"script\":\"a.ru\"}!title|blog|threads|1|requests|0|script|a.ru",
        "{\"script\":\"/\u00e9\",\"threads\":3,\"hooks\":\"h\",\"limits\":{\"requests\":9},"
            + "\"stdout\":\"o\",\"stderr\":\"e\"}"
            + "!title|blog|threads|3|requests|9|script|/\u00e9|hooks|h|stdout|o|stderr|e"})
    void tellsTheRuntimeItsOptions(String json, String expected) throws Exception {
        assertEquals(expected, resource(launch(json), "application").replace('\0', '|'));
    }

    @Test
    void onlyTheApplicationsVariablesReachTheInterpreter() throws Exception {
        Launch launch = launch("{\"script\":\"a\",\"environment\":{\"A\":\"b\",\"RUBYLIB\":\"/y\"}}");
        assertEquals(Map.of("PATH", "/bin", "A", "b", "RUBYLIB", "/y"), launch.environment());
        assertEquals(List.of("/usr/bin/ruby", "-e"), launch.argv().subList(0, 2));
    }

    @Test
    void theRuntimeCompiles() throws Exception {
        String source = resource(launch("{\"script\":\"a\"}"), "shim");
        Path file = Files.writeString(directory.resolve("shim.rb"), source);
        Process process = new ProcessBuilder("ruby", "-wc", file.toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals("Syntax OK\n", output, "no warnings");
    }
}
