// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.jar.JarInputStream;
import java.util.jar.Manifest;

/** What a jar says of itself before the server looks at it. */
final class ModuleJar {
    /** Longest that is read. */
    static final int MOST = 16 << 20;

    private ModuleJar() {
    }

    /**
     * {@return the symbolic name}
     *
     * @throws ShellException when it has none
     */
    static String name(byte[] jar) throws ShellException {
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar), false)) {
            Manifest manifest = in.getManifest();
            String name = manifest == null ? null : manifest.getMainAttributes().getValue("Bundle-SymbolicName");
            return Optional.ofNullable(name).map(text -> text.split(";")[0].strip()).filter(text -> !text.isEmpty())
                .orElseThrow(() -> new ShellException(ShellException.FAILED, "the file is no bundle"));
        } catch (IOException e) {
            throw new ShellException(ShellException.FAILED, "the file is no jar: " + e.getMessage());
        }
    }
}
