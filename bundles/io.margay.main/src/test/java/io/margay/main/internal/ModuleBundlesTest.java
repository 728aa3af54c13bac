// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real framework and real jars. */
@Timeout(60)
class ModuleBundlesTest {

    @TempDir
    private Path directory;
    private Osgi osgi;
    private ModuleBundles bundles;

    @BeforeEach
    void start() throws Exception {
        osgi = new Osgi(directory.resolve("cache"));
        bundles = new ModuleBundles(osgi.context());
    }

    @AfterEach
    void stop() {
        osgi.close();
    }

    private String refused(Path file, ModuleBundle... others) {
        int before = osgi.bundles();
        String text = assertThrows(ModuleException.class, () -> bundles.install(file, List.of(others))).getMessage();
        assertEquals(before, osgi.bundles(), "nothing stays behind");
        assertEquals(1, text.lines().count(), text);
        return text;
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(Files.createTempFile(directory, "m", ".jar"), content);
    }

    @Test
    void aGoodOneIsInstalledAndStarted() throws Exception {
        byte[] jar = Osgi.jar(Osgi.language("cobol;singleton:=true"));
        ModuleBundle module = bundles.install(file(jar), List.of());
        assertEquals("cobol 1.2.3 cobol", module.name() + " " + module.version() + " " + module.language().type());
        assertArrayEquals(jar, module.jar());
        assertEquals("cobol", osgi.context().getBundle("module:cobol").getSymbolicName());
        ModuleBundle other = bundles.install(file(Osgi.jar(Osgi.language("fortran"))), List.of(module));
        assertEquals("fortran", other.language().type());
    }

    @Test
    void aDuplicateIsRefused() throws Exception {
        ModuleBundle module = bundles.install(file(Osgi.jar(Osgi.language("cobol"))), List.of());
        Map<String, String> newer = new HashMap<>(Osgi.language("cobol"));
        newer.put("Bundle-Version", "2.0.0");
        String text = refused(file(Osgi.jar(newer)), module);
        assertTrue(text.startsWith("bundle cobol 1.2.3 is installed already; version 2.0.0 takes its place"), text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "Import-Package!org.osgi.framework,io.margay.lang,io.margay.missing!io.margay.missing",
        "Bundle-Activator!io.margay.Missing!Not found: io.margay.Missing",
        "Bundle-SymbolicName!faulty!(java.lang.IllegalStateException: no luck)",
        "Bundle-SymbolicName!!it is no OSGi bundle: its manifest has no Bundle-SymbolicName",
        "Bundle-Version!one!(java.lang.IllegalArgumentException: "})
    void wrongHeadersAreNamed(String header, String value, String reason) throws IOException {
        Map<String, String> headers = new HashMap<>(Osgi.language("cobol"));
        headers.put(header, value == null ? "" : value);
        String text = refused(file(Osgi.jar(headers)));
        assertTrue(text.contains(reason), text);
    }

    @Test
    void aBundleWithoutALanguageIsRefused() throws IOException {
        Map<String, String> headers = new HashMap<>(Osgi.language("cobol"));
        headers.remove("Bundle-Activator");
        assertEquals("bundle cobol offers no language: it registers no service io.margay.lang.LanguageModule",
            refused(file(Osgi.jar(headers))));
        // A good one of the same name may follow.
        assertEquals(0, osgi.bundles());
    }

    @Test
    void whatIsNoJarIsRefused() throws IOException {
        assertEquals("it is no jar file with a manifest at its beginning", refused(file(new byte[0])));
        assertEquals("it is no jar file with a manifest at its beginning",
            refused(file("text".getBytes(StandardCharsets.US_ASCII))));
        byte[] jar = Osgi.jar(Osgi.language("cobol"));
        byte[] cut = Arrays.copyOf(jar, 60);
        assertTrue(refused(file(cut)).startsWith("it is no jar file"), "cut");
        assertTrue(refused(directory.resolve("none.jar")).startsWith("it cannot be read: "), "missing");
    }

    @Test
    void sizeIsBounded() throws IOException {
        Path large = directory.resolve("large.jar");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength((32L << 20) + 1);
        }
        assertEquals("it is larger than 33554432 bytes", refused(large));
    }
}
