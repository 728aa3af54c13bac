// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

/** A command has not done what it was to do; the message says why. */
final class ShellException extends Exception {
    /** Something was refused, or has failed. */
    static final int FAILED = 1;
    /** The command was called in a wrong way. */
    static final int USAGE = 2;

    private static final long serialVersionUID = 1L;

    private final int status;

    ShellException(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    /** {@return the exit status of the command} */
    int status() {
        return status;
    }
}
