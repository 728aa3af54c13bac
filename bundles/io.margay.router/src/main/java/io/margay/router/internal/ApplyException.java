// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

/** A configuration cannot be applied; the message is the reason for the client. */
final class ApplyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ApplyException(String message) {
        super(message);
    }
}
