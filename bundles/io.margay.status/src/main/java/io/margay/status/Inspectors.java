// SPDX-License-Identifier: Apache-2.0
package io.margay.status;

import io.margay.conf.Conf;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** All inspectors of this process, a service. Safe for all threads. */
@ProviderType
public interface Inspectors {

    /** What may be asked for, in order. */
    List<String> names();

    /** What one inspector shows, or {@code {"error": ...}} when it failed; empty when there is none of this name. */
    Optional<Conf> dump(String name);

    /**
     * What an {@link AskedInspector} answers, or {@code {"error": ...}} when it failed; empty when there is none of
     * this name.
     */
    default Optional<Conf> answer(String name, String question) {
        return Optional.empty();
    }
}
