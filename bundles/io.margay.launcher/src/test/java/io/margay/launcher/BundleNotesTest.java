// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.apache.felix.framework.Felix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;

/** Notes say of the same jars what the jars say, and nothing of others. */
class BundleNotesTest {
    private static final String VERSION = "[1.0,2)";

    @TempDir
    private Path home;
    private Felix framework;
    private int starts;

    @BeforeEach
    void jars() throws IOException {
        jar("a", "Export-Package: a.x;uses:=\"a.y,a.z\";version=\"1.1\",a.y;version=\"1.2\"\n"
            + "Provide-Capability: osgi.service;objectClass:List<String>=\"a.b,c\",io.margay.extension;kind=action\n"
            + "Private-Package: a.p");
        jar("b", "Import-Package: a.x;version=\"" + VERSION + "\",a.y;resolution:=optional;version=\"" + VERSION
            + "\"\nRequire-Capability: osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=25))\"\nMargay-Schema: b.json");
        jar(BundleNotes.RUNTIME, "Bundle-Version: 2.2");
    }

    private void jar(String name, String headers) throws IOException {
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file(name)))) {
            out.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
            out.write(("Manifest-Version: 1.0\nBundle-ManifestVersion: 2\nBundle-SymbolicName: " + name + "\n" + headers
                + "\n\n").getBytes(StandardCharsets.UTF_8));
            out.putNextEntry(new ZipEntry("some.txt"));
        }
    }

    private Path file(String name) {
        return home.resolve(name + ".jar");
    }

    private List<Bundle> start(Optional<BundleNotes> notes, String... names) throws BundleException {
        Map<String, Object> settings = new HashMap<>();
        settings.put(Constants.FRAMEWORK_STORAGE, home.resolve("storage" + starts++).toString());
        settings.put("felix.cache.locking", "false");
        framework = new Felix(settings, new ClassPathModules(List.of(home), NewerParts.of(""), notes));
        framework.start();
        List<Bundle> bundles = new ArrayList<>();
        for (String name : names) {
            bundles.add(framework.getBundleContext().installBundle(ClassPathModules.SCHEME + file(name)));
        }
        for (Bundle bundle : bundles) {
            bundle.start();
        }
        return bundles;
    }

    @AfterEach
    void stop() throws BundleException, InterruptedException {
        framework.stop();
        framework.waitForStop(5_000);
    }

    private static byte[] store(Bundle bundle) {
        return ByteBuffer.allocate(40).putInt(7).putLong(bundle.getBundleId()).putInt(3)
            .putLong(bundle.getLastModified()).putLong(99).array();
    }

    /** A start that writes notes, and one of another moment that has them. */
    private BundleNotes noted() throws Exception {
        List<Bundle> bundles = start(Optional.empty(), "a", "b", BundleNotes.RUNTIME);
        Files.write(bundles.get(2).getDataFile(BundleNotes.STORE).toPath(), store(bundles.get(1)));
        Path file = home.resolve("notes");
        BundleNotesWriter.write(framework.getBundleContext(), file);
        stop();
        return BundleNotes.read(file).orElseThrow();
    }

    private void awaitNextMillisecond(long moment) {
        while (System.currentTimeMillis() <= moment) {
            Thread.onSpinWait();
        }
    }

    @Test
    void sameJars() throws Exception {
        BundleNotes notes = noted();
        awaitNextMillisecond(System.currentTimeMillis());
        List<Bundle> bundles = start(Optional.of(notes), "a", "b", BundleNotes.RUNTIME);
        assertEquals("a.x;version=\"1.1\",a.y;version=\"1.2\"", bundles.get(0).getHeaders("").get("Export-Package"));
        assertEquals("a.x,a.y;resolution:=optional", bundles.get(1).getHeaders("").get("Import-Package"));
        assertEquals("b.json", bundles.get(1).getHeaders("").get("Margay-Schema"));
        assertEquals(Bundle.ACTIVE, bundles.get(1).getState());
        assertTrue(bundles.get(0).getEntry("some.txt") != null);
        notes.giveComponents(framework.getBundleContext());
        Path store = bundles.get(2).getDataFile(BundleNotes.STORE).toPath();
        assertEquals(ByteBuffer.wrap(store(bundles.get(1))), ByteBuffer.wrap(Files.readAllBytes(store)));
    }

    @Test
    void otherBundlesInBetween() throws Exception {
        BundleNotes notes = noted();
        awaitNextMillisecond(System.currentTimeMillis());
        List<Bundle> bundles = start(Optional.of(notes), "a", BundleNotes.RUNTIME, "b");
        notes.giveComponents(framework.getBundleContext());
        ByteBuffer store = ByteBuffer.wrap(Files.readAllBytes(
            bundles.get(1).getDataFile(BundleNotes.STORE).toPath()));
        assertNotEquals(framework.getBundleContext().getBundle(store.getLong(4)).getLastModified(), store.getLong(16),
            "the runtime would take another bundle for it");
    }

    @Test
    void aJarThatHasChanged() throws Exception {
        BundleNotes notes = noted();
        Files.setLastModifiedTime(file("b"), FileTime.fromMillis(1_000_000));
        List<Bundle> bundles = start(Optional.of(notes), "a", "b", BundleNotes.RUNTIME);
        assertEquals("a.x;version=\"" + VERSION + "\",a.y;resolution:=optional;version=\"" + VERSION + "\"",
            bundles.get(1).getHeaders("").get("Import-Package"));
        notes.giveComponents(framework.getBundleContext());
        assertFalse(bundles.get(2).getDataFile(BundleNotes.STORE).exists());
    }

    @Test
    void aJarThatIsReplacedWhileTheServerRuns() throws Exception {
        List<Bundle> bundles = start(Optional.of(noted()), "a", "b", BundleNotes.RUNTIME);
        jar("a", "Bundle-Version: 9");
        Files.setLastModifiedTime(file("a"), FileTime.fromMillis(1_000_000));
        UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> bundles.get(0).getEntry("some.txt"));
        assertTrue(e.getMessage().contains("it has been replaced since the start"), e.getMessage());
    }

    @Test
    void noNotes() throws Exception {
        start(Optional.empty());
        Path file = home.resolve("broken");
        assertFalse(BundleNotes.read(file).isPresent());
        Files.write(file, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        assertFalse(BundleNotes.read(file).isPresent(), "of another format");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Import-Package | a;version='[1,2)',b;resolution:=optional;version='1' | a,b;resolution:=optional",
        "Export-Package | a;uses:='b,c;d';version='1.0',e | a;version='1.0',e",
        "Provide-Capability | osgi.service;objectClass:List<String>='a,b',io.x;name='c,d' | io.x;name='c,d'",
        "Require-Capability | osgi.ee;filter:='(a=b)',osgi.service;effective:=active |",
        "Bundle-Version | 1.0.0 | 1.0.0",
        "Margay-Process | a.json | a.json",
        "Bundle-NativeCode | a.so;osname=linux | a.so;osname=linux",
        "Private-Package | a.b |",
    })
    void leanHeaders(String name, String value, String expected) throws Exception {
        start(Optional.empty());
        Dictionary<String, String> headers = new Hashtable<>(Map.of(name, value.replace('\'', '"')));
        assertEquals(expected == null ? Map.of() : Map.of(name, expected.replace('\'', '"')), LeanHeaders.of(headers));
    }
}
