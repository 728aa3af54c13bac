// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/** What a server sent is no response; the message says why and is for the log. */
public final class BadResponseException extends Exception {

    private static final long serialVersionUID = 1;

    BadResponseException(String message) {
        super(message, null, false, false);
    }
}
