// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;

/** A user, a group or the rights of this process could not be found out. The message is the text for the log. */
public final class AccountException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message the line for the log, at level alert
     */
    public AccountException(String message) {
        super(message);
    }

    /**
     * Makes the exception.
     *
     * @param message the line for the log, at level alert
     * @param cause what happened below
     */
    public AccountException(String message, Throwable cause) {
        super(message, cause);
    }
}
