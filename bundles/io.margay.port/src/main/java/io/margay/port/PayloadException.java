// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.io.Serial;

/**
 * A payload does not have the form that its type demands. The sender is at fault; the receiver logs the text, answers
 * with an error where an answer is due, and goes on.
 */
public final class PayloadException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Describes the fault.
     *
     * @param text one line for the log
     */
    public PayloadException(String text) {
        super(text);
    }
}
