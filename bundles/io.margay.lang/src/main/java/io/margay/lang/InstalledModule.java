// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.util.List;
import java.util.Objects;

/**
 * One version of one language as found on this machine.
 *
 * @param type the type word, {@code python}
 * @param version the version, {@code 3.11.2}; empty for built-in types
 * @param file what provides it: path of the interpreter; empty for built-in types
 * @param mounts what an application's own root needs of the host
 */
public record InstalledModule(String type, String version, String file, List<LanguageMount> mounts) {

    /** The type that needs nothing installed. */
    public static final InstalledModule EXTERNAL = new InstalledModule("external", "", "", List.of());

    /** Copies the list. */
    public InstalledModule {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(file, "file");
        mounts = List.copyOf(mounts);
    }

    /** Whether it comes with the server itself; such types are not listed in the status. */
    public boolean builtIn() {
        return file.isEmpty();
    }
}
