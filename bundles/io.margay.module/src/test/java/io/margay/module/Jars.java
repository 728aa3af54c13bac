// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.BundleException;
import org.osgi.framework.launch.Framework;

/** Jars of extensions, and frameworks to install them in. */
final class Jars {

    private static final String LANGUAGE = "io.margay.extension;kind=lang;name=cobol;api:Version=\"1.0\"";

    private Jars() {
    }

    /** A good one. */
    static Map<String, String> headers(String name, String version) {
        return new HashMap<>(Map.of("Bundle-ManifestVersion", "2", "Bundle-SymbolicName", name, "Bundle-Version",
            version, "Bundle-Activator", TestExtension.class.getName(), "Import-Package",
            "org.osgi.framework,io.margay.lang", "Provide-Capability", LANGUAGE));
    }

    /** With other headers; an empty value removes one. */
    static byte[] jar(String name, String version, String... changes) {
        Map<String, String> headers = headers(name, version);
        for (int i = 0; i < changes.length; i += 2) {
            headers.put(changes[i], changes[i + 1]);
        }
        headers.values().removeIf(String::isEmpty);
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.forEach(attributes::putValue);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            for (String suffix : new String[] {"", "$1"}) {
                String file = TestExtension.class.getName().replace('.', '/') + suffix + ".class";
                try (InputStream code = TestExtension.class.getClassLoader().getResourceAsStream(file)) {
                    JarEntry entry = new JarEntry(file);
                    entry.setTime(0);
                    jar.putNextEntry(entry);
                    jar.write(code.readAllBytes());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** A copy that has one more entry. */
    static byte[] with(byte[] jar, String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(jar));
                ZipOutputStream copy = new ZipOutputStream(out)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                copy.putNextEntry(new ZipEntry(entry.getName()));
                in.transferTo(copy);
            }
            copy.putNextEntry(new ZipEntry(name));
            copy.write(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Puts a file there in one step, as a package manager does. */
    static void put(Path directory, String name, byte[] content) {
        try {
            Path aside = Files.write(directory.resolveSibling("aside"), content);
            Files.move(aside, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Framework framework(Path cache) throws BundleException {
        Framework framework = new FrameworkFactory().newFramework(Map.of("org.osgi.framework.storage",
            cache.toString(), "org.osgi.framework.storage.clean", "onFirstInit",
            "org.osgi.framework.bsnversion", "multiple",
            "org.osgi.framework.system.packages.extra", "io.margay.lang;version=1.0.0"));
        framework.start();
        return framework;
    }

    static void stop(Framework framework) {
        try {
            framework.stop();
            framework.waitForStop(20_000);
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
