// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/** Collects the kinds of processes in main. A service of this bundle. */
@ProviderType
public interface ProcessKindCollector {

    /**
     * Looks at what the bundles bring now: the {@link ProcessKind} services, and the files of bundles that are only
     * installed. Called once for each start of the server.
     *
     * @param refused takes a line for each that is refused
     */
    ProcessKinds freeze(Consumer<String> refused);
}
