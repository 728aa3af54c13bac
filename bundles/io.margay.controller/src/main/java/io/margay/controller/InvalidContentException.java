// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

/** An uploaded content that cannot be used; the message says why, for the client. */
final class InvalidContentException extends Exception {
    private static final long serialVersionUID = 1;

    InvalidContentException(String message, Throwable cause) {
        super(message, cause);
    }

    InvalidContentException(String message) {
        super(message);
    }
}
