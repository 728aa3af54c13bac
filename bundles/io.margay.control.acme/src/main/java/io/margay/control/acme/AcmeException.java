// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.time.Duration;

/** Why there is no certificate this time; the message is for the user. */
final class AcmeException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String type;
    private final Duration retryAfter;

    AcmeException(String message) {
        this(message, "", Duration.ZERO);
    }

    /**
     * What an authority says.
     *
     * @param type of its problem, the last word of the URN; empty if there is none
     * @param retryAfter how long it wants to be left alone
     */
    AcmeException(String message, String type, Duration retryAfter) {
        super(message);
        this.type = type;
        this.retryAfter = retryAfter;
    }

    AcmeException(String message, Throwable cause) {
        super(message, cause);
        this.type = "";
        this.retryAfter = Duration.ZERO;
    }

    String type() {
        return type;
    }

    Duration retryAfter() {
        return retryAfter;
    }
}
