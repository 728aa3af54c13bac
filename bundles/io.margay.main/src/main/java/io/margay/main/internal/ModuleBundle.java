// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.lang.Language;
import org.osgi.framework.Bundle;

/**
 * An installed language bundle.
 *
 * @param jar the bytes that were installed
 * @param revision names this installation, never another one
 * @param bundle in main's framework
 * @param language its service
 */
record ModuleBundle(ModuleJar jar, int revision, Bundle bundle, Language language) {

    /** Symbolic name. */
    String name() {
        return jar.name();
    }

    /** Bundle version as written. */
    String version() {
        return jar.version();
    }
}
