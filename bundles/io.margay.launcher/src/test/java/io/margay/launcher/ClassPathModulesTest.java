// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
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
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;

/** The bundles of the distribution share the class path's loader, and are bundles in all else. */
class ClassPathModulesTest {
    @TempDir
    private Path home;
    private Framework framework;
    private BundleContext context;

    @BeforeEach
    void start() throws BundleException {
        Map<String, Object> settings = new HashMap<>();
        settings.put(Constants.FRAMEWORK_STORAGE, home.resolve("bundles").toString());
        settings.put("felix.cache.locking", "false");
        framework = new Felix(settings, new ClassPathModules(List.of(home), NewerParts.of(""), Optional.empty()));
        framework.start();
        context = framework.getBundleContext();
    }

    @AfterEach
    void stop() throws BundleException, InterruptedException {
        framework.stop();
        framework.waitForStop(5_000);
    }

    private Path jar(String name, String... headers) throws IOException {
        Path jar = home.resolve(name + ".jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
            out.write(("Manifest-Version: 1.0\nBundle-ManifestVersion: 2\nBundle-SymbolicName: " + name + "\n"
                + String.join("\n", headers) + "\n\n").getBytes(StandardCharsets.UTF_8));
            out.putNextEntry(new ZipEntry("OSGI-INF/some.txt"));
            out.write("some text".getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }

    private Bundle install(Path jar) throws BundleException {
        return context.installBundle(ClassPathModules.SCHEME + jar);
    }

    @Test
    void classesOfTheDistributionComeFromTheClassPath() throws Exception {
        Bundle bundle = install(jar("a", "Bundle-Version: 1.2.3", "Export-Package: io.margay.launcher"));
        bundle.start();
        assertEquals(Bundle.ACTIVE, bundle.getState());
        assertEquals("1.2.3", bundle.getVersion().toString());
        assertSame(ClassPathModules.class, bundle.loadClass(ClassPathModules.class.getName()));
    }

    @Test
    void entriesAreThoseOfTheJarAlone() throws Exception {
        Bundle bundle = install(jar("a"));
        try (InputStream in = bundle.getEntry("OSGI-INF/some.txt").openStream()) {
            assertEquals("some text", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        assertTrue(bundle.findEntries("OSGI-INF", "*", false).hasMoreElements());
        assertEquals(null, bundle.getEntry("io/margay/launcher/ClassPathModules.class"));
    }

    @Test
    void whatImportsNothingThatIsThereDoesNotResolve() throws Exception {
        Bundle bundle = install(jar("a", "Import-Package: not.there"));
        try {
            bundle.start();
        } catch (BundleException e) {
            assertEquals(BundleException.RESOLVE_ERROR, e.getType());
            return;
        }
        throw new AssertionError("started");
    }

    @Test
    void otherBundlesHaveLoadersOfTheirOwn() throws Exception {
        install(jar("a", "Export-Package: io.margay.launcher")).start();
        Path other = jar("b", "Import-Package: io.margay.launcher");
        Bundle bundle = context.installBundle("module:b", new ByteArrayInputStream(Files.readAllBytes(other)));
        bundle.start();
        // What it imports is the same, what it does not import is not there.
        assertSame(ClassPathModules.class, bundle.loadClass(ClassPathModules.class.getName()));
        assertNotSame(ClassPathModules.class.getClassLoader(),
            bundle.adapt(org.osgi.framework.wiring.BundleWiring.class).getClassLoader());
    }

    @Test
    void updateReadsTheJarAgain() throws Exception {
        Bundle bundle = install(jar("a", "Bundle-Version: 1"));
        jar("a", "Bundle-Version: 2");
        bundle.update();
        assertEquals("2.0.0", bundle.getVersion().toString());
    }
}
