// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.jar.JarInputStream;
import java.util.jar.Manifest;

/** Finds out which bundle a jar is, as far as a path needs it; whether it is a good one is for the server to say. */
final class BundleName {
    private BundleName() {
    }

    /**
     * {@return the symbolic name}
     *
     * @param from names the jar in errors
     * @throws ToolException when it is no bundle
     */
    static String of(byte[] jar, String from) throws ToolException {
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar), false)) {
            Manifest manifest = in.getManifest();
            String name = manifest == null ? null : manifest.getMainAttributes().getValue("Bundle-SymbolicName");
            if (name != null && !name.isBlank()) {
                int directives = name.indexOf(';');
                return (directives < 0 ? name : name.substring(0, directives)).strip();
            }
        } catch (IOException e) {
            throw ToolException.local("\"" + from + "\" is no jar: " + e.getMessage(), e);
        }
        throw ToolException.usage("\"" + from + "\" is no OSGi bundle: its manifest has no Bundle-SymbolicName, "
            + "or is not the first entry");
    }
}
