// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.jar.JarInputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/**
 * The jar of a language bundle, read once: what was looked at is what is installed.
 *
 * @param name symbolic name
 * @param version bundle version as written, may be empty
 * @param bytes the content; not to be changed
 */
record ModuleJar(String name, String version, byte[] bytes) {

    /** A bundle holds a runtime shim and a few classes; far more is a mistake. */
    private static final long MAX_SIZE = 32L << 20;

    /**
     * Reads a file.
     *
     * @throws ModuleException when it is no bundle
     */
    static ModuleJar read(Path file) throws ModuleException {
        byte[] bytes = bytes(file);
        Manifest manifest = manifest(bytes);
        String name = header(manifest, Constants.BUNDLE_SYMBOLICNAME).split(";", 2)[0].strip();
        if (name.isEmpty()) {
            throw new ModuleException("it is no OSGi bundle: its manifest has no " + Constants.BUNDLE_SYMBOLICNAME);
        }
        return new ModuleJar(name, header(manifest, Constants.BUNDLE_VERSION), bytes);
    }

    /** Whether it has a higher version; one that cannot be read is none. */
    boolean isNewerThan(ModuleJar other) {
        try {
            return Version.parseVersion(version).compareTo(Version.parseVersion(other.version)) > 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Whether both have the same content. */
    boolean sameAs(ModuleJar other) {
        return Arrays.equals(bytes, other.bytes);
    }

    private static byte[] bytes(Path file) throws ModuleException {
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
        return value == null ? "" : value.strip();
    }
}
