// SPDX-License-Identifier: Apache-2.0
package io.margay.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import org.apache.felix.framework.FrameworkFactory;
import org.apache.felix.framework.util.manifestparser.ManifestParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;

/** The content that becomes the jar, read as files and run in a framework of its own. */
class JnrBundleTest {
    private static final Path CONTENT = Path.of("target", "classes");
    private static final String BOOT_PATH = "jffi.boot.library.path";
    private static final long STOP_MILLIS = 10_000;

    @TempDir
    private Path temp;

    @ParameterizedTest
    @CsvSource({
        "jnr.posix, 3.",
        "jnr.posix.util, 3.",
        "jnr.unixsocket, 0.39",
        "jnr.enxio.channels, 0.33",
        "jnr.ffi, 2.",
        "jnr.ffi.annotations, 2.",
        "jnr.ffi.byref, 2.",
        "jnr.ffi.mapper, 2.",
        "jnr.ffi.provider.jffi, 2.",
        "jnr.ffi.provider.jffi.platform.x86_64.linux, 2.",
        "jnr.ffi.provider.jffi.platform.aarch64.linux, 2.",
        "jnr.ffi.types, 2.",
        "jnr.constants, 0.11",
        "jnr.constants.platform, 0.11",
        "jnr.constants.platform.linux, 0.11",
        "jnr.constants.platform.linux.aarch64, 0.11",
        "com.kenai.jffi, 1.4",
    })
    void exportsWithVersion(String name, String version) throws IOException {
        String exports = manifest().getValue(Constants.EXPORT_PACKAGE);
        List<String> clauses = ManifestParser.parseDelimitedString(exports, ",");
        String clause = clauses.stream().filter(c -> c.startsWith(name + ";")).findFirst().orElse("");
        assertTrue(clause.contains("version=\"" + version), () -> name + " in " + clauses);
    }

    @Test
    void importsNothingThatMayLack() throws IOException {
        assertEquals("sun.misc;resolution:=optional", manifest().getValue(Constants.IMPORT_PACKAGE));
        assertNull(manifest().getValue(Constants.BUNDLE_CLASSPATH));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "META-INF/versions", "module-info.class", "META-INF/services",
        "jnr/constants/platform/darwin", "jnr/ffi/provider/jffi/platform/x86_64/darwin", "com/kenai/jnr",
    })
    void leavesOut(String name) {
        assertFalse(Files.exists(CONTENT.resolve(name)), name);
    }

    @Test
    void holdsTheLibrariesOfTwoArchitectures() throws IOException {
        Path root = CONTENT.resolve("jni");
        try (Stream<Path> files = Files.walk(root)) {
            assertEquals(List.of("aarch64-Linux/libjffi-1.2.so", "x86_64-Linux/libjffi-1.2.so"),
                files.filter(Files::isRegularFile).map(file -> root.relativize(file).toString()).sorted().toList());
        }
    }

    @Test
    void worksOnAClassPath() {
        POSIX posix = POSIXFactory.getPOSIX();
        assertTrue(posix.isNative());
        assertEquals(ProcessHandle.current().pid(), posix.getpid());
        assertEquals("root", posix.getpwnam("root").getLoginName());
    }

    /** By the library that the jar holds, and by the one in the directory of a distribution. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void worksInAFramework(boolean unpacked) throws Exception {
        Path library = temp.resolve("native");
        String before = System.getProperty(BOOT_PATH);
        if (unpacked) {
            Files.createDirectories(library);
            String arch = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
            Files.copy(CONTENT.resolve("jni").resolve(arch + "-Linux").resolve("libjffi-1.2.so"),
                library.resolve("libjffi-1.2.so"));
            System.setProperty(BOOT_PATH, library.toString());
        } else {
            System.clearProperty(BOOT_PATH);
        }
        Framework framework = new FrameworkFactory().newFramework(Map.of(
            Constants.FRAMEWORK_STORAGE, temp.resolve("cache").toString(),
            Constants.FRAMEWORK_SYSTEMPACKAGES, "org.osgi.framework;version=\"1.10\",sun.misc",
            "felix.cache.locking", "false",
            "felix.log.level", "1"));
        try {
            framework.start();
            Bundle bundle = framework.getBundleContext()
                .installBundle("reference:" + CONTENT.toAbsolutePath().toUri());
            bundle.start();
            assertEquals(Bundle.ACTIVE, bundle.getState());
            usePosix(bundle);
            assertEquals(unpacked, mapped().contains(library.toString()));
        } finally {
            framework.stop();
            framework.waitForStop(STOP_MILLIS);
            restore(before);
        }
    }

    /** By reflection: the bundle's classes are not those of the test's class path. */
    private static void usePosix(Bundle bundle) throws Exception {
        Object posix = bundle.loadClass("jnr.posix.POSIXFactory").getMethod("getPOSIX").invoke(null);
        Class<?> api = bundle.loadClass("jnr.posix.POSIX");
        assertTrue(api.isInstance(posix));
        assertEquals(true, api.getMethod("isNative").invoke(posix));
        assertEquals((int) ProcessHandle.current().pid(), api.getMethod("getpid").invoke(posix));
        Object root = api.getMethod("getpwnam", String.class).invoke(posix, "root");
        assertNotNull(root);
        assertEquals(0L, bundle.loadClass("jnr.posix.Passwd").getMethod("getUID").invoke(root));
        Class<?> channel = bundle.loadClass("jnr.unixsocket.UnixSocketChannel");
        try (AutoCloseable open = (AutoCloseable) channel.getMethod("open").invoke(null)) {
            assertNotNull(open);
        }
    }

    private static String mapped() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("jffi")).collect(Collectors.joining("\n"));
        }
    }

    private static void restore(String before) {
        if (before == null) {
            System.clearProperty(BOOT_PATH);
        } else {
            System.setProperty(BOOT_PATH, before);
        }
    }

    private static Attributes manifest() throws IOException {
        try (InputStream in = Files.newInputStream(CONTENT.resolve("META-INF/MANIFEST.MF"))) {
            return new Manifest(in).getMainAttributes();
        }
    }
}
