// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

/** The application has sent what no record is. The message completes the sentence "it sent". */
final class RecordException extends Exception {

    private static final long serialVersionUID = 1;

    RecordException(String what) {
        super(what);
    }
}
