// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A language, registered as a service by its bundle. Methods are called by any thread and do not block, except
 * {@link #probes} and {@link #prototype}, which may look at the file system.
 */
@ConsumerType
public interface LanguageModule {

    /** The word in the configuration's {@code type}, {@code python}. */
    String type();

    /** How requests travel. */
    Wire wire();

    /** One probe for each candidate that exists on this machine, best first; none when the language is missing. */
    List<Probe> probes();

    /**
     * Describes the start of a prototype.
     *
     * @param app the application
     * @param module the version to use
     * @param inherited the server's own environment, which applications inherit ({@code spec/isolation.md §10})
     */
    PrototypeLaunch prototype(AppSpec app, InstalledModule module, Map<String, String> inherited);

    /** A new encoder for the requests of an application, to be used by one thread. */
    RequestEncoder encoder(AppSpec app);
}
