// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** The languages that prototypes can be started in; main's modules implement it. Used on main's loop. */
@ConsumerType
public interface Languages {

    /**
     * Finds the newest module for a configured type.
     *
     * @param type as written, like {@code python 3.11}
     */
    Optional<InstalledModule> module(String type);

    /**
     * Finds the language of a module.
     *
     * @param word the type word, like {@code python}
     * @param revision the installation of its bundle that the router uses; during an update there are two
     */
    Optional<Language> language(String word, int revision);
}
