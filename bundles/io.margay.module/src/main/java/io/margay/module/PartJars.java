// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.io.IOException;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/**
 * Tells jars that are newer parts of the server itself from extensions. Such a jar is not installed in main, whose
 * framework could take it for a better provider of what main has already. For any thread.
 */
final class PartJars {

    private final CoreParts parts;

    PartJars(CoreParts parts) {
        this.parts = parts;
    }

    /** A jar that takes the place of a part of the server. */
    record Found(String name, Version version, CoreParts.Part part) {
    }

    /**
     * Looks at a jar; empty for whatever the framework is to judge.
     *
     * @throws ModuleException when it has paths outside of itself, or is a part and cannot be used
     */
    Optional<Found> find(SealedJar jar) {
        Attributes headers;
        try (JarFile file = new JarFile(jar.path(), false)) {
            file.stream().forEach(entry -> inside(entry.getName()));
            Manifest manifest = file.getManifest();
            if (manifest == null) {
                return Optional.empty();
            }
            headers = manifest.getMainAttributes();
        } catch (IOException | SecurityException e) {
            // Not a jar: the framework says so in its own words.
            return Optional.empty();
        }
        String header = headers.getValue(Constants.BUNDLE_SYMBOLICNAME);
        String provided = headers.getValue(Constants.PROVIDE_CAPABILITY);
        if (header == null || provided != null && provided.contains(Extension.NAMESPACE)) {
            return Optional.empty();
        }
        String name = header.split(";", 2)[0].strip();
        return parts.find(name).map(part -> checked(name, headers.getValue(Constants.BUNDLE_VERSION), part));
    }

    /** Nobody unpacks a jar as a whole; whoever takes a file out of one may trust its name. */
    private static void inside(String name) {
        if (name.startsWith("/") || name.indexOf('\\') >= 0 || ("/" + name + "/").contains("/../")) {
            throw new ModuleException("its entry \"" + name + "\" has a path outside of the jar");
        }
    }

    private static Found checked(String name, String text, CoreParts.Part part) {
        Version version;
        try {
            version = Version.parseVersion(text);
        } catch (IllegalArgumentException e) {
            throw new ModuleException("its Bundle-Version is malformed: " + e.getMessage(), e);
        }
        if (part.processes().isEmpty()) {
            throw new ModuleException("bundle " + name + " is a part of main, which no other process can take the "
                + "place of: it comes with a new version of the server");
        }
        if (version.compareTo(part.version()) < 0) {
            throw new ModuleException("version " + version + " of bundle " + name + " is older than " + part.version()
                + ", which the server has");
        }
        return new Found(name, version, part);
    }
}
