// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import java.io.Serial;

/** The server cannot start; the message is the alert to log before it ends with status 1. */
public final class StartException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Says why.
     *
     * @param text one line
     */
    public StartException(String text) {
        super(text);
    }

    /**
     * Says why, with the fault below.
     *
     * @param text one line
     * @param cause the fault
     */
    public StartException(String text, Throwable cause) {
        super(text, cause);
    }
}
