// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

/** A configuration cannot be applied; the message is the reason for the client. */
final class ApplyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String application;

    ApplyException(String message) {
        this("", message);
    }

    /** Blames one application. */
    ApplyException(String application, String message) {
        super(message);
        this.application = application;
    }

    /** The application to blame; empty when it is none. */
    String application() {
        return application;
    }
}
