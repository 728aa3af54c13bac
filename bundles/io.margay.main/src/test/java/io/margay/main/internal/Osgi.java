// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.launch.Framework;

/** A framework for one test, and jars to install there. */
final class Osgi implements AutoCloseable {

    private static final long STOP_MILLIS = 20_000;

    private final Framework framework;

    Osgi(Path cache) throws BundleException {
        framework = new FrameworkFactory().newFramework(Map.of("org.osgi.framework.storage", cache.toString(),
            "org.osgi.framework.storage.clean", "onFirstInit",
            "org.osgi.framework.bsnversion", "multiple",
            "org.osgi.framework.system.packages.extra", "io.margay.lang;version=1.0.0"));
        framework.start();
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    /** Bundles besides the framework. */
    int bundles() {
        return context().getBundles().length - 1;
    }

    /** A jar with a language as its activator, unless the headers say otherwise. */
    static byte[] jar(Map<String, String> headers) {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.forEach(attributes::putValue);
        String name = LanguageActivator.class.getName().replace('.', '/') + ".class";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest);
            InputStream code = LanguageActivator.class.getClassLoader().getResourceAsStream(name)) {
            jar.putNextEntry(new JarEntry(name));
            jar.write(code.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static Map<String, String> language(String name) {
        return Map.of("Bundle-ManifestVersion", "2", "Bundle-SymbolicName", name, "Bundle-Version", "1.2.3",
            "Bundle-Activator", LanguageActivator.class.getName(),
            "Import-Package", "org.osgi.framework,io.margay.lang");
    }

    @Override
    public void close() {
        try {
            framework.stop();
            framework.waitForStop(STOP_MILLIS);
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
