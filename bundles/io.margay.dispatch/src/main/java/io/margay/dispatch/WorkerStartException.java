// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

/** A prototype or worker did not become ready. */
public final class WorkerStartException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** The message is one line for the log. */
    public WorkerStartException(String message) {
        super(message);
    }

    /** The cause says more than the line for the log. */
    public WorkerStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
