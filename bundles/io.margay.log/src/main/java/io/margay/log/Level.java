// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

import java.util.Locale;
import java.util.Optional;

/** How much a line matters, the most important first ({@code spec/control-api.md §17}). */
public enum Level {
    /** The server or a part of it is broken. */
    ALERT,
    /** An operation has failed. */
    ERROR,
    /** It works, but not as somebody may expect. */
    WARN,
    /** Worth knowing. */
    NOTICE,
    /** A step in the life of the server. */
    INFO,
    /** For those who look for a fault. */
    DEBUG;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The word in the log. */
    public String word() {
        return word;
    }

    /** The level of a word; empty when there is none. */
    public static Optional<Level> of(String word) {
        for (Level level : values()) {
            if (level.word.equals(word)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }
}
