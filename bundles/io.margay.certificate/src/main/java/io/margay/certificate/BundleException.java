// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

/** A content that is no usable certificate bundle; the message says why, for the one who uploads it. */
public final class BundleException extends Exception {
    private static final long serialVersionUID = 1;

    BundleException(String message) {
        super(message);
    }

    BundleException(String message, Throwable cause) {
        super(message, cause);
    }
}
