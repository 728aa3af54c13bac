// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.perl.internal;

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
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PerlModuleTest {

    private static final InstalledModule PERL = new InstalledModule("perl", "5.36.0", "/usr/bin/perl", List.of());

    @TempDir
    private Path directory;

    private static Launch launch(String json) throws Exception {
        AppSpec app = new AppSpec("blog", (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8)));
        Launch.Builder launch = Launch.builder(Map.of("PATH", "/bin", "PERL5LIB", "/x", "PERL5OPT", "-d", "A", "main"));
        new PerlModule().launch(app, PERL, launch);
        return launch.build();
    }

    private static String resource(Launch launch, String name) {
        return new String(launch.resources().stream().filter(resource -> resource.name().equals(name)).findFirst()
            .orElseThrow().content(), StandardCharsets.UTF_8);
    }

    @Test
    void probesEachInterpreterOnce() throws IOException {
        for (String name : new String[] {"perl5.36.0", "perl5.20.1", "perlbug", "perl5.36-x86_64-linux-gnu", "perl4"}) {
            Files.setPosixFilePermissions(Files.createFile(directory.resolve(name)),
                PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.createLink(directory.resolve("perl"), directory.resolve("perl5.36.0"));
        Files.createFile(directory.resolve("perl5.10.0"));
        List<Probe> probes = new PerlModule(List.of(directory, directory.resolve("none"))).probes();
        assertEquals(List.of("perl", "perl5.20.1"), probes.stream()
            .map(probe -> Path.of(probe.argv().getFirst()).getFileName().toString()).toList());
    }

    @Test
    void understandsItsOwnProbe() throws Exception {
        List<Probe> probes = new PerlModule().probes();
        assertFalse(probes.isEmpty(), "this machine has Perl");
        for (Probe probe : probes) {
            Process process = new ProcessBuilder(probe.argv()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            InstalledModule module = probe.parse(process.getInputStream().readAllBytes()).orElseThrow();
            assertEquals(0, process.waitFor());
            assertTrue(module.version().matches("5\\.\\d+\\.\\d+"), module.version());
            assertEquals(probe.argv().getFirst(), module.file());
            assertTrue(module.mounts().stream().anyMatch(m -> m.target().contains("perl")), module.toString());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "{\"script\":\"a.psgi\"}!title|blog|threads|1|requests|0|script|a.psgi",
        "{\"script\":\"/\u00e9\",\"threads\":3,\"thread_stack_size\":65536,\"limits\":{\"requests\":9},"
            + "\"stdout\":\"o\",\"stderr\":\"e\"}!title|blog|threads|3|requests|9|script|/\u00e9|stdout|o|stderr|e"
            + "|thread_stack_size|65536"})
    void tellsTheRuntimeItsOptions(String json, String expected) throws Exception {
        assertEquals(expected, resource(launch(json), "application").replace('\0', '|'));
    }

    @Test
    void onlyTheApplicationsVariablesReachTheInterpreter() throws Exception {
        Launch launch = launch("{\"script\":\"a\",\"environment\":{\"A\":\"b\",\"PERL5LIB\":\"/y\"}}");
        assertEquals(Map.of("PATH", "/bin", "A", "b", "PERL5LIB", "/y"), launch.environment());
        assertEquals(List.of("/usr/bin/perl", "/dev/fd/9"), launch.argv().subList(0, 2));
        assertEquals(Optional.of(9), launch.place("shim"));
    }

    @Test
    void theRuntimeCompiles() throws Exception {
        String source = resource(launch("{\"script\":\"a\"}"), "shim");
        Path file = Files.writeString(directory.resolve("shim.pl"), source);
        Process process = new ProcessBuilder("perl", "-c", file.toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals(file + " syntax OK\n", output, "no warnings");
    }
}
