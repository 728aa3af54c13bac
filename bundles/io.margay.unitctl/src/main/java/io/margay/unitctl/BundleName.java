// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.jar.JarInputStream;
import java.util.jar.Manifest;

/**
 * Which bundle a jar is, as far as a path needs it; whether it is a good one is for the server to say.
 *
 * @param text the symbolic name
 * @param extension whether it says that it adds something; else it can only be a part of the server
 */
record BundleName(String text, boolean extension) {

    /**
     * {@return the bundle in a jar}
     *
     * @param from names the jar in errors
     * @throws ToolException when it is no bundle
     */
    static BundleName of(byte[] jar, String from) throws ToolException {
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar), false)) {
            Manifest manifest = in.getManifest();
            String name = manifest == null ? null : manifest.getMainAttributes().getValue("Bundle-SymbolicName");
            if (name != null && !name.isBlank()) {
                int directives = name.indexOf(';');
                String provided = manifest.getMainAttributes().getValue("Provide-Capability");
                return new BundleName((directives < 0 ? name : name.substring(0, directives)).strip(),
                    provided != null && provided.contains("io.margay.extension"));
            }
        } catch (IOException e) {
            throw ToolException.local("\"" + from + "\" is no jar: " + e.getMessage(), e);
        }
        throw ToolException.usage("\"" + from + "\" is no OSGi bundle: its manifest has no Bundle-SymbolicName, "
            + "or is not the first entry");
    }
}
