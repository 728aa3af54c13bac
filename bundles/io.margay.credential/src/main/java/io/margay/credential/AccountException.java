// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;

/** A user or group that cannot be resolved, or rights that cannot be found out. The message is the log's text. */
public final class AccountException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Takes the text for the log. */
    public AccountException(String message) {
        super(message);
    }
}
