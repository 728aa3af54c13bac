// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.php.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.posix.Signals;
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

class PhpModuleTest {

    private static final InstalledModule PHP = new InstalledModule("php", "8.2.7", "/usr/sbin/php-fpm8.2", List.of());

    @TempDir
    private Path directory;

    static AppSpec app(String name, String json) {
        try {
            return new AppSpec(name,
                (ConfObject) ConfParser.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
        } catch (Exception e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private Launch launch(String members) {
        Launch.Builder launch = Launch.builder(Map.of("PATH", "/bin", "NOTIFY_SOCKET", "/x", "PHPRC", "/y"));
        new PhpModule().launch(app("blog", "{'root':'" + directory + "'" + members + "}"), PHP, launch);
        return launch.build();
    }

    private static String configuration(Launch launch) {
        return new String(launch.resources().getFirst().content(), StandardCharsets.UTF_8);
    }

    private static String program(Probe probe) {
        return probe.argv().get(probe.argv().size() - 2);
    }

    @Test
    void probesEachProgramOnce() throws IOException {
        for (String name : new String[] {"php-fpm8.2", "php-fpm7.4", "php-fpm83", "php8.1-fpm", "php-fpm-x", "phpize",
            "php8.2", "php8.5"}) {
            Files.setPosixFilePermissions(Files.createFile(directory.resolve(name)),
                PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.createSymbolicLink(directory.resolve("php-fpm"), directory.resolve("php-fpm8.2"));
        Files.createFile(directory.resolve("php-fpm8.4"));
        List<Probe> probes = new PhpModule(List.of(directory, directory.resolve("none"))).probes();
        assertEquals(List.of("php-fpm fpm-fcgi", "php-fpm7.4 fpm-fcgi", "php-fpm83 fpm-fcgi", "php8.1-fpm fpm-fcgi",
            "php8.5 cli"), probes.stream().map(probe -> Path.of(program(probe)).getFileName() + " "
            + probe.argv().getLast()).toList());
    }

    @Test
    void understandsItsOwnProbe() throws Exception {
        List<Probe> probes = new PhpModule().probes();
        assertFalse(probes.isEmpty(), "this machine has php-fpm");
        for (Probe probe : probes) {
            Process process = new ProcessBuilder(probe.argv()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            InstalledModule module = probe.parse(process.getInputStream().readAllBytes()).orElseThrow();
            assertEquals(0, process.waitFor());
            assertTrue(module.version().matches("\\d+\\.\\d+\\.\\d+"), module.version());
            assertEquals(program(probe), module.file());
            for (String place : new String[] {"/usr/lib/php", "/etc/php", "/lib", "/dev/null"}) {
                assertTrue(module.mounts().stream().anyMatch(mount -> mount.target().startsWith(place)),
                    place + " in " + module);
            }
        }
    }

    @Test
    void whatIsNoPhpFpmIsNotOffered() throws Exception {
        Path file = directory.resolve("php-fpm");
        Files.writeString(file, "#!/bin/sh\necho 'PHP 5.6.1 (fpm-fcgi)'\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        Probe probe = new PhpModule(List.of(directory)).probes().getFirst();
        Process process = new ProcessBuilder(probe.argv()).start();
        assertEquals(0, process.getInputStream().readAllBytes().length);
        assertEquals(1, process.waitFor());
    }

    @Test
    void startsThePoolWithoutAPrototype() {
        Launch launch = launch(",'options':{'file':'my.ini'},'environment':{'A':'b','PHPRC':'/z'}");
        assertEquals(Map.of("PATH", "/bin", "A", "b", "PHPRC", "/z"), launch.environment());
        assertEquals(List.of("/usr/sbin/php-fpm8.2", "--nodaemonize"), launch.argv().subList(0, 2));
        assertEquals(List.of("-c", "my.ini"), launch.argv().subList(launch.argv().size() - 2, launch.argv().size()));
        assertEquals(Launch.Prototype.NONE, launch.prototype());
        assertEquals(Signals.SIGTERM, launch.orphanSignal());
        assertEquals(Optional.of(9), launch.place("configuration"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "''!pm.max_children = 4",
        ",'processes':3!pm.max_children = 8",
        ",'processes':{'max':10,'spare':2}!pm.max_children = 22",
        ",'limits':{'requests':9}!pm.max_requests = 10",
        "''!security.limit_extensions = '.php'",
        ",'script':'bin/console'!security.limit_extensions = '.php console'",
        ",'index':'index.phtml'!security.limit_extensions = '.php .phtml'",
        "''![blog]",
        "''!listen = /margay/listen",
        "''!env[SERVER_SOFTWARE] = \"Unit/${MARGAY_VERSION}\"",
        ",'options':{'admin':{'memory_limit':'1M'}}!php_admin_value[memory_limit] = '1M'",
        ",'options':{'user':{'x.y':'a;b'}}!php_value[x.y] = 'a;b'"})
    void tellsThePoolItsOptions(String members, String line) {
        String configuration = configuration(launch("''".equals(members) ? "" : members));
        assertTrue(configuration.lines().anyMatch(line::equals), configuration);
    }

    @ParameterizedTest
    @CsvSource({"global, [global_]", "a]b, [a_b]", "x\u00e9 y, [x__y]"})
    void thePoolHasTheNameOfTheApplicationAsFarAsItMay(String name, String expected) {
        assertTrue(FpmConfiguration.of(app(name, "{'root':'/x'}")).contains("\n" + expected + "\n"));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', value = {"``|\"\"", "a|'a'", "it's|'it'\"'\"'s'",
        "'|\"'\"", "a\\b${c}|'a\\b${c}'", "\"q\"|'\"q\"'", "a%b|'a'PHP_EOL\"\"'b'",
        "%%|PHP_EOL\"\"PHP_EOL\"\""})
    void valuesMeanNothingElse(String value, String expected) {
        assertEquals(expected, FpmConfiguration.quoted(value.replace('%', '\n')));
    }

    @Test
    void refusesWhatCannotBeRight() {
        assertThrows(IllegalArgumentException.class, () -> launch(",'options':{'user':{'a]b':'c'}}"));
        assertThrows(IllegalArgumentException.class, () -> launch(",'script':'../x.php'"));
        assertThrows(IllegalArgumentException.class, () -> launch(",'root':'" + directory + "/none'"));
    }

    @Test
    void phpFpmUnderstandsIt() throws Exception {
        String text = configuration(launch(",'options':{'user':{'user_agent':'it\\u0027s\\n${HOME} ;\\\"'}}"));
        Path file = Files.writeString(directory.resolve("fpm.conf"), text.replace("log_limit", "pid = "
            + directory + "/pid\nlog_limit"));
        String program = program(new PhpModule().probes().getFirst());
        ProcessBuilder builder = new ProcessBuilder(program, "-t", "-R", "-y", file.toString())
            .redirectErrorStream(true);
        builder.environment().put("MARGAY_VERSION", "1");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains("test is successful"), output);
    }
}
