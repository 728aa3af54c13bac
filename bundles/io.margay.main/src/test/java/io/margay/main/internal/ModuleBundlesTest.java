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

    private ModuleBundle install(Path file) throws ModuleException {
        return bundles.install(ModuleJar.read(file));
    }

    private String refused(Path file) {
        int before = osgi.bundles();
        String text = assertThrows(ModuleException.class, () -> install(file)).getMessage();
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
        ModuleBundle module = install(file(jar));
        assertEquals("cobol 1.2.3 cobol", module.name() + " " + module.version() + " " + module.language().type());
        assertArrayEquals(jar, module.jar().bytes());
        assertEquals("cobol", module.bundle().getSymbolicName());
        ModuleBundle other = install(file(Osgi.jar(Osgi.language("fortran"))));
        assertEquals("fortran", other.language().type());
    }

    /** During an update, which may bring other code under the same version. */
    @Test
    void twoOfOneNameAreThereAtATime() throws Exception {
        Path file = file(Osgi.jar(Osgi.language("cobol")));
        ModuleBundle old = install(file);
        ModuleBundle same = install(file);
        assertEquals("cobol 1.2.3, cobol 1.2.3", old.name() + " " + old.version() + ", " + same.name() + " "
            + same.version());
        assertEquals(2, osgi.bundles());
        assertEquals(1, same.revision() - old.revision());
        bundles.uninstall(old);
        assertEquals(1, osgi.bundles());
        assertEquals("cobol", same.language().type());
    }

    @ParameterizedTest
    @CsvSource({"1.2.4, 1.2.3, true", "1.2.3, 1.2.3, false", "1.2, 1.10, false", "2, '', true", "x, 1, false",
        "1.0.0.a, 1.0.0, true"})
    void versionsAreCompared(String one, String other, boolean newer) {
        assertEquals(newer, new ModuleJar("a", one, new byte[0]).isNewerThan(new ModuleJar("a", other, new byte[0])));
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
        assertEquals("bundle cobol offers no language: it registers no service io.margay.lang.Language",
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
