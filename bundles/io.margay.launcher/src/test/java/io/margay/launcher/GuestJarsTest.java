// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

class GuestJarsTest {
    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    @TempDir
    Path directory;
    private Path content;
    private Path data;
    private long modified = 1;
    private int read;

    @BeforeEach
    void bundle() throws IOException {
        content = directory.resolve("content");
        data = directory.resolve("storage/data");
        Files.createDirectories(content.resolve("META-INF"));
        Files.writeString(content.resolve(MANIFEST), "Manifest-Version: 1.0\n\n");
        text("first");
    }

    private void text(String text) throws IOException {
        Files.writeString(content.resolve("text"), text);
    }

    /** A bundle whose entries are the files of a directory. */
    private Bundle seven() {
        return (Bundle) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Bundle.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "getBundleId" -> 7L;
                case "getLastModified" -> modified;
                case "getSymbolicName" -> "seven";
                case "getEntryPaths" -> Collections.enumeration(arguments[0].equals("/")
                    ? List.of("META-INF/", "text") : List.of(MANIFEST));
                case "getEntry" -> {
                    read++;
                    Path file = content.resolve((String) arguments[0]);
                    yield Files.exists(file) ? file.toUri().toURL() : null;
                }
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private GuestJars jars(String run, Path storage) {
        return GuestJars.of(context(run, storage));
    }

    private BundleContext context(String run, Path storage) {
        return (BundleContext) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {BundleContext.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "getProperty" -> arguments[0].equals("org.osgi.framework.uuid") ? run : null;
                case "getDataFile" -> storage == null ? null : new File(storage.toFile(), (String) arguments[0]);
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private String placed(GuestJars jars, String name) throws IOException {
        Path file = directory.resolve(name);
        jars.place(seven(), file);
        try (JarFile jar = new JarFile(file.toFile()); InputStream in = jar.getInputStream(jar.getEntry("text"))) {
            assertEquals(List.of(MANIFEST, "text"), Collections.list(jar.entries()).stream()
                .map(entry -> entry.getName()).toList());
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private List<String> kept() throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(Files::isRegularFile).map(file -> data.relativize(file).toString()).sorted().toList();
        }
    }

    @Test
    void aBundleIsReadOnceInTheLifeOfAFramework() throws IOException {
        assertEquals("first", placed(jars("run", data), "a.jar"));
        assertEquals(2, read);
        // The file that it was installed from may be another one by now.
        text("second");
        assertEquals("first", placed(jars("run", data), "b.jar"));
        assertEquals(2, read);
        assertEquals(List.of("jars/run/7-1.jar"), kept());
    }

    @Test
    void anUpdatedBundleIsReadAgainAndWhatItWasIsRemoved() throws IOException {
        placed(jars("run", data), "a.jar");
        text("second");
        modified = 2;
        assertEquals("second", placed(jars("run", data), "b.jar"));
        assertEquals(List.of("jars/run/7-2.jar"), kept());
    }

    @Test
    void nothingOutlivesTheFramework() throws IOException {
        placed(jars("run", data), "a.jar");
        text("second");
        assertEquals("second", placed(jars("another", data), "b.jar"));
        assertEquals(List.of("jars/another/7-1.jar"), kept());
        GuestJars.remove(context("another", data));
        assertEquals(List.of(), kept());
    }

    @Test
    void aServerThatEndsTakesNothingOfTheNext() throws IOException {
        placed(jars("run", data), "a.jar");
        Files.delete(directory.resolve("a.jar"));
        assertEquals("first", placed(jars("run", data), "b.jar"));
        assertEquals(2, read);
    }

    @Test
    void withoutStorageEachServerHasItsOwn() throws IOException {
        assertEquals("first", placed(jars("run", null), "a.jar"));
        assertEquals("first", placed(jars(null, data), "b.jar"));
        Files.createDirectories(data);
        assertEquals(List.of(), kept());
        // A file is where the folder would be.
        Path file = Files.writeString(directory.resolve("file"), "");
        assertEquals("first", placed(jars("run", file), "c.jar"));
        assertEquals(6, read);
        GuestJars.remove(context("run", null));
    }

    @Test
    void aBundleThatCannotBeReadIsToldOfAndLeavesNothing() throws IOException {
        Files.delete(content.resolve("text"));
        IOException failure = assertThrows(IOException.class, () -> placed(jars("run", data), "a.jar"));
        assertEquals("bundle seven has no entry \"text\"", failure.getMessage());
        assertEquals(List.of(), kept());
        text("second");
        Files.deleteIfExists(directory.resolve("a.jar"));
        assertEquals("second", placed(jars("run", data), "a.jar"));
        assertFalse(kept().isEmpty());
    }
}
