// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.php.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.lang.ShimSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The runtime of resident workers knows the interpreter before it writes into it. */
@Timeout(60)
class SapiLayoutTest {

    private static final Path PHP = Path.of("/usr/bin/php");
    /** Gives the check copies of the interpreter's structures, changed by what the test says. */
    private static final String CHECK = """
        $class = new ReflectionClass('Margay\\Sapi');
        $c = FFI::cdef($class->getConstant('C'));
        $copy = function (string $type, $from) use ($c) {
            $to = $c->new($type);
            FFI::memcpy($to, $from, FFI::sizeof($to));
            return $to;
        };
        $module = $copy('struct module', $c->sapi_module);
        $globals = $copy('struct globals', $c->sapi_globals);
        $found = $c->zend_hash_str_find(FFI::addr($c->module_registry), 'standard', 8);
        $part = $copy('struct part', $found->part[0]);
        $any = $c->cast('void*', FFI::addr($module));
        CHANGE;
        echo Margay\\Sapi::fault($c, $module, $globals, $part) ?? 'good';
        """;

    @TempDir
    private Path directory;

    private String php(String code) throws Exception {
        assumeTrue(Files.isExecutable(PHP), "PHP is not installed");
        String runtime = new String(ShimSource.read(PhpWorker.class, "margay_sapi.php"), StandardCharsets.UTF_8);
        Path library = Files.writeString(directory.resolve("library.php"), runtime);
        Path script = Files.writeString(directory.resolve("script.php"), "<?php\n" + code);
        // From -r, as workers are started.
        Process process = new ProcessBuilder(List.of(PHP.toString(), "-d", "ffi.enable=1", "-r",
            "if (!class_exists('FFI')) { echo 'none'; exit; } require '" + library + "'; require '"
            + script + "';"))
            .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assumeTrue(!output.equals("none"), "the extension FFI is not installed");
        return output.strip();
    }

    @ParameterizedTest
    @CsvSource({
        "'', good",
        "$module->first[3] = $any, sapi_module.activate",
        "$module->ub_write = null, sapi_module.ub_write",
        "$module->second[2] = null, sapi_module.sapi_error",
        "$globals->query_string = $c->cast('char*'; $any), sapi_globals.query_string",
        "$globals->content_length = 5, sapi_globals.content_length",
        "$globals->path_translated = null, sapi_globals.path_translated",
        "$part->size = 176, zend_module_entry.size",
        "$part->zts = 1, zend_module_entry.zts"})
    void whatIsLaidOutInAnotherWayIsNamed(String change, String fault) throws Exception {
        assertEquals(fault, php(CHECK.replace("CHANGE", change.replace(';', ','))));
    }

    @Test
    void buffersAreThoseOfTheOption() {
        for (String all : List.of("On", "on", "yes", "true", "1")) {
            assertEquals(0, PhpWorker.buffer("user", all), all);
        }
        for (String none : List.of("", "0", "Off", "no", "false", "None")) {
            assertEquals(-1, PhpWorker.buffer("user", none), none);
        }
        assertEquals(4096, PhpWorker.buffer("user", " 4096 "));
        assertEquals(8 << 10, PhpWorker.buffer("user", "8K"));
        assertEquals(2 << 20, PhpWorker.buffer("user", "2m"));
        for (String bad : List.of("maybe", "-1", "1.5", "8KB", "99999999999")) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> PhpWorker.buffer("admin", bad)).getMessage()
                .startsWith("\"options/admin/output_buffering\" is neither"), bad);
        }
    }
}
