// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.lang.LanguageModule;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarInputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/** Installs language bundles into main's own framework, each from bytes that were read once and checked. */
final class ModuleBundles {

    /** A bundle holds a runtime shim and a few classes; far more is a mistake. */
    private static final long MAX_SIZE = 32L << 20;

    private final BundleContext context;

    ModuleBundles(BundleContext context) {
        this.context = context;
    }

    /**
     * Installs and starts a bundle.
     *
     * @param file the jar
     * @param others what is installed already
     * @throws ModuleException with the reason; nothing stays behind
     */
    ModuleBundle install(Path file, List<ModuleBundle> others) throws ModuleException {
        byte[] jar = read(file);
        Manifest manifest = manifest(jar);
        String name = header(manifest, Constants.BUNDLE_SYMBOLICNAME).split(";", 2)[0].strip();
        if (name.isEmpty()) {
            throw new ModuleException("it is no OSGi bundle: its manifest has no " + Constants.BUNDLE_SYMBOLICNAME);
        }
        String version = header(manifest, Constants.BUNDLE_VERSION);
        for (ModuleBundle other : others) {
            if (other.name().equals(name)) {
                throw new ModuleException("bundle " + name + " " + other.version()
                    + " is installed already; version " + version
                    + " takes its place when only one of the two files is there at the next start");
            }
        }
        Bundle bundle;
        try {
            bundle = context.installBundle("module:" + name, new ByteArrayInputStream(jar));
        } catch (BundleException e) {
            throw new ModuleException(reason(e), e);
        }
        try {
            bundle.start();
            return new ModuleBundle(name, version, jar, language(bundle));
        } catch (BundleException e) {
            remove(bundle, e);
            throw new ModuleException(reason(e), e);
        } catch (ModuleException e) {
            remove(bundle, e);
            throw e;
        }
    }

    private static byte[] read(Path file) throws ModuleException {
        try {
            if (Files.size(file) > MAX_SIZE) {
                throw new ModuleException("it is larger than " + MAX_SIZE + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new ModuleException("it cannot be read: " + e, e);
        }
    }

    private static Manifest manifest(byte[] jar) throws ModuleException {
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar))) {
            Manifest manifest = in.getManifest();
            if (manifest == null) {
                throw new ModuleException("it is no jar file with a manifest at its beginning");
            }
            return manifest;
        } catch (IOException e) {
            throw new ModuleException("it is no jar file: " + e.getMessage(), e);
        }
    }

    private static String header(Manifest manifest, String name) {
        String value = manifest.getMainAttributes().getValue(name);
        return value == null ? "" : value;
    }

    private LanguageModule language(Bundle bundle) throws ModuleException {
        ServiceReference<?>[] references = bundle.getRegisteredServices();
        if (references != null) {
            for (ServiceReference<?> reference : references) {
                if (context.getService(reference) instanceof LanguageModule language) {
                    return language;
                }
            }
        }
        throw new ModuleException("bundle " + bundle.getSymbolicName() + " offers no language: it registers no service "
            + LanguageModule.class.getName());
    }

    private static void remove(Bundle bundle, Exception cause) {
        try {
            bundle.uninstall();
        } catch (BundleException e) {
            cause.addSuppressed(e);
        }
    }

    /** The framework's text names the missing package, its cause a fault in the bundle; the log has one line for it. */
    private static String reason(BundleException e) {
        Throwable deepest = e;
        while (deepest.getCause() instanceof BundleException cause) {
            deepest = cause;
        }
        Throwable cause = deepest.getCause();
        String text = deepest.getMessage() + (cause == null ? "" : " (" + cause + ")");
        return text.replaceAll("\\s+", " ");
    }
}
