// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/** The application has sent what no record is. The message completes the sentence "it sent". */
public final class RecordException extends Exception {

    private static final long serialVersionUID = 1;

    /** With what was sent. */
    public RecordException(String what) {
        super(what, null, false, false);
    }
}
