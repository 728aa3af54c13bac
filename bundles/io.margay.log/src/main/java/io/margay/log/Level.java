// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

/** How grave an event is, gravest first. */
public enum Level {
    /** The server or an application cannot do its work. */
    ALERT,
    /** One request or action failed. */
    ERROR,
    /** Something is not as it should be. */
    WARN,
    /** Worth noticing. */
    NOTICE,
    /** Ordinary events. */
    INFO,
    /** Details for development. */
    DEBUG;

    private final String text = name().toLowerCase(java.util.Locale.ROOT);

    /** The word in a log line. */
    public String text() {
        return text;
    }
}
