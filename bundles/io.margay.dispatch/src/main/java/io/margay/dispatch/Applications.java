// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.route.Section;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** The section {@code /applications} of a plan. Used on the control thread. */
@ProviderType
public interface Applications extends Section {

    /** What serves the applications, by their names in the order of the configuration; those left out are missing. */
    Map<String, AppPool> pools();

    /**
     * The applications whose workers do not start with the newest version of their language module, and which go on
     * with the version before, with the reason; none in most plans.
     */
    Map<String, String> staying();
}
