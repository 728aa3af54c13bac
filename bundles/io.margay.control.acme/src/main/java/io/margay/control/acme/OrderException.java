// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.time.Duration;

/** Why there is no certificate this time; the message is for the user. */
final class OrderException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_TEXT = 500;

    private final Duration retryAfter;

    OrderException(String message) {
        this(message, null, Duration.ZERO);
    }

    OrderException(String message, Throwable cause) {
        this(message, cause, Duration.ZERO);
    }

    /**
     * What an authority says.
     *
     * @param retryAfter how long it wants to be left alone
     */
    OrderException(String message, Throwable cause, Duration retryAfter) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    Duration retryAfter() {
        return retryAfter;
    }

    /** What strangers have written, for the log. */
    static String shown(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", " ");
        return plain.length() <= LONGEST_TEXT ? plain : plain.substring(0, LONGEST_TEXT);
    }
}
