// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import org.osgi.annotation.versioning.ProviderType;

/** Service: the extensions that bundles offer to routes at this moment. Safe for all threads. */
@ProviderType
public interface ExtensionSource {

    /** The extensions of this moment, as an immutable snapshot: the same object until something changes. */
    Extensions current();

    /**
     * Has an action run after each change, on the thread that changed something: it must return at once, and takes
     * what there is then by {@link #current}. Several changes may be followed by one run for each.
     *
     * @return ends it
     */
    AutoCloseable onChange(Runnable action);
}
