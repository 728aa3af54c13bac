// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/** Thrown for a filter that has failed after its fault was reported. */
public final class ReportedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Creates an exception. */
    public ReportedException(Throwable cause) {
        super("a filter failed", cause);
    }
}
