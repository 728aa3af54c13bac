// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.php.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.lang.AppSpec;
import io.margay.lang.CgiEncoder;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhpWorkerTest {

    @TempDir
    private Path directory;

    private Path program(String name, String version, String kind) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file,
            "#!/bin/sh\n[ \"$1\" = -v ] && echo 'PHP " + version + " (" + kind + ") (built: now)'\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Launch launch(InstalledModule module, String members) {
        Launch.Builder launch = Launch.builder(Map.of("PATH", "/bin", "PHPRC", "/y"));
        new PhpModule(List.of(directory.resolve("sbin"), directory.resolve("bin")))
            .launch(app(members), module, launch);
        return launch.build();
    }

    private AppSpec app(String members) {
        return PhpModuleTest.app("shop", "{'root':'" + directory + "'" + members + "}");
    }

    private static InstalledModule module(String version, Path file) {
        return new InstalledModule("php", version, file.toString(), List.of());
    }

    @Test
    void severalVersionsSideBySideAreAllFound() throws Exception {
        program("sbin/php-fpm8.2", "8.2.36", "fpm-fcgi");
        program("bin/php8.2", "8.2.36", "cli");
        program("bin/php8.4", "8.4.1", "cli");
        program("bin/php7.0", "7.0.1", "cli");
        program("bin/php8.3", "8.3.1", "cgi-fcgi");
        List<InstalledModule> found = new ArrayList<>();
        for (Probe probe : new PhpModule(List.of(directory.resolve("sbin"), directory.resolve("bin"))).probes()) {
            Process process = new ProcessBuilder(probe.argv()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            probe.parse(process.getInputStream().readAllBytes()).ifPresent(found::add);
            process.waitFor();
        }
        ModuleCatalogue catalogue = ModuleCatalogue.of(found);
        assertEquals(List.of("8.4.1 php8.4", "8.2.36 php-fpm8.2"), catalogue.modules().stream()
            .filter(module -> !module.builtIn())
            .map(module -> module.version() + " " + Path.of(module.file()).getFileName()).toList());
        assertEquals("8.2.36", catalogue.find("php 8.2").orElseThrow().version());
        assertTrue(found.getFirst().mounts().stream()
            .anyMatch(mount -> mount.target().equals(directory.resolve("bin/php8.2").toString())), found.toString());
    }

    @Test
    void theProgramHasTheVersionOfTheModule() throws Exception {
        Path pool = program("sbin/php-fpm8.2", "8.2.36", "fpm-fcgi");
        Path right = program("bin/php8.2", "8.2.36", "cli");
        Path other = program("bin/php8.4", "8.4.1", "cli");
        Path plain = program("bin/php", "8.4.1", "cli");
        assertEquals(right.toString(), launch(module("8.2.36", pool), ",'worker':'w.php'").argv().getFirst());
        assertEquals(other.toString(), launch(module("8.4.1", other), ",'worker':'w.php'").argv().getFirst());
        assertEquals(plain.toString(), launch(module("8.3.1", pool), ",'worker':'w.php'").argv().getFirst(),
            "it says itself whether it is the right one");
        Files.delete(plain);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> launch(module("8.3.1", pool),
            ",'worker':'w.php'")).getMessage().contains("8.3.1 is not installed"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> launch(module("8.4.1", other), ""))
            .getMessage().contains("php-fpm of version 8.4.1 is not installed"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "',''options'':{''file'':''my.ini''}'!-c my.ini",
        "''!-d memory_limit=128M -d display_errors=0 -d log_errors=1",
        "',''options'':{''user'':{''memory_limit'':''1G''}}'!-d memory_limit='1G'",
        "',''options'':{''admin'':{''x.y'':''a;b''}}'!-d x.y='a;b'",
        "''!-d opcache.enable_cli=1"})
    void theInterpreterGetsItsOptions(String members, String expected) throws Exception {
        Path file = program("bin/php8.2", "8.2.36", "cli");
        String all = String.join(" ", launch(module("8.2.36", file), ",'worker':'w.php'" + members).argv());
        assertTrue(all.contains(expected), all);
    }

    @Test
    void theRuntimeIsToldWhatItNeeds() throws Exception {
        Path file = program("bin/php8.2", "8.2.36", "cli");
        Launch launch = launch(module("8.2.36", file), ",'worker':'/sub/../w.php','worker_memory':2000000,"
            + "'limits':{'requests':7},'options':{'admin':{'a.b':'1','output_buffering':'0'}},'stderr':'/e'");
        assertEquals(Map.of("PATH", "/bin"), launch.environment());
        assertEquals(Launch.Prototype.FORKS, launch.prototype());
        String told = new String(launch.resources().getLast().content(), StandardCharsets.UTF_8);
        assertEquals("title\0shop\0requests\0" + 7 + "\0php\08.2.36\0root\0" + directory.toRealPath()
            + "\0worker\0w.php\0stderr\0/e\0worker_memory\0" + "2000000\0admin\0a.b output_buffering\0buffer\0" + "-1",
            told);
        assertThrows(IllegalArgumentException.class, () -> launch(module("8.2.36", file), ",'worker':'../w.php'"));
        assertThrows(IllegalArgumentException.class,
            () -> launch(module("8.2.36", file), ",'worker':'w.php','options':{'user':{'a=b':'c'}}"));
    }

    @Test
    void theWireIsThatOfTheOptions() {
        PhpModule php = new PhpModule();
        assertEquals("port", php.wire(app(",'worker':'w.php'")));
        assertEquals("fastcgi", php.wire(app("")));
        assertTrue(php.encoder(app(",'worker':'w.php'")) instanceof CgiEncoder);
        assertFalse(php.encoder(app("")) instanceof CgiEncoder);
    }
}
