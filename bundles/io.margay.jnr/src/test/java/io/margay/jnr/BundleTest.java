// SPDX-License-Identifier: Apache-2.0
package io.margay.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/** Runs jnr in a framework, from the content of the bundle, with nothing of it on the class path of the framework. */
class BundleTest {
    @TempDir
    Path directory;
    private Framework framework;
    private Bundle bundle;

    @BeforeEach
    void start() throws Exception {
        Path jar = directory.resolve("jnr.jar");
        pack(Path.of("target", "classes"), jar);
        FrameworkFactory factory = ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow();
        framework = factory.newFramework(Map.of("org.osgi.framework.storage", directory.resolve("cache").toString(),
            "felix.log.level", "1"));
        framework.start();
        bundle = framework.getBundleContext().installBundle(jar.toUri().toString());
        bundle.start();
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    @Test
    void posixCallsTheKernel() throws Exception {
        Class<?> factory = bundle.loadClass("jnr.posix.POSIXFactory");
        Object posix = factory.getMethod("getNativePOSIX").invoke(null);
        Class<?> api = bundle.loadClass("jnr.posix.POSIX");
        assertEquals((int) ProcessHandle.current().pid(), api.getMethod("getpid").invoke(posix));
        Object root = api.getMethod("getpwnam", String.class).invoke(posix, "root");
        assertEquals(0L, bundle.loadClass("jnr.posix.Passwd").getMethod("getUID").invoke(root));
        assertNull(api.getMethod("getpwnam", String.class).invoke(posix, "no-such-user-here"));
        assertEquals(bundle, FrameworkUtil.getBundle(posix.getClass()));
    }

    @Test
    void unixSocketClassesResolve() throws Exception {
        for (String name : List.of("jnr.unixsocket.UnixSocketChannel", "jnr.enxio.channels.NativeSelectorProvider",
            "jnr.ffi.provider.jffi.NativeClosureProxy", "jnr.x86asm.Assembler", "jnr.a64asm.Assembler_A64",
            "com.kenai.jffi.Foreign", "jnr.constants.platform.Errno")) {
            assertEquals(bundle, FrameworkUtil.getBundle(bundle.loadClass(name)), name);
        }
        Class<?> channel = bundle.loadClass("jnr.unixsocket.UnixSocketChannel");
        Object open = channel.getMethod("open").invoke(null);
        channel.getMethod("close").invoke(open);
    }

    @Test
    void holdsTheNativesOfBothMachinesOnly() {
        assertNotNull(bundle.getEntry("jni/x86_64-Linux/libjffi-1.2.so"));
        assertNotNull(bundle.getEntry("jni/aarch64-Linux/libjffi-1.2.so"));
        assertNull(bundle.getEntry("jni/i386-Linux/libjffi-1.2.so"));
        String imports = bundle.getHeaders().get("Import-Package");
        assertTrue(imports == null || !imports.contains("jnr."), imports);
    }

    /** Tests run before the jar is packed, from the same content. */
    private static void pack(Path content, Path jar) throws IOException {
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar)); Stream<Path> all =
            Files.walk(content)) {
            Path manifest = content.resolve("META-INF/MANIFEST.MF");
            out.putNextEntry(new JarEntry("META-INF/MANIFEST.MF"));
            Files.copy(manifest, out);
            for (Path file : all.filter(Files::isRegularFile).filter(file -> !file.equals(manifest)).toList()) {
                out.putNextEntry(new JarEntry(content.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
    }
}
