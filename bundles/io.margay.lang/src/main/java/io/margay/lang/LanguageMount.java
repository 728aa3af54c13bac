// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.util.Objects;

/**
 * A file or directory of the host that the language needs inside an application's root.
 *
 * @param source absolute path on the host
 * @param target absolute path inside the root
 */
public record LanguageMount(String source, String target) {

    /** Refuses relative paths. */
    public LanguageMount {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(target, "target");
        if (!source.startsWith("/") || !target.startsWith("/")) {
            throw new IllegalArgumentException("mount of \"" + source + "\" on \"" + target + "\" is not absolute");
        }
    }
}
