// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

/** Options or certificates that cannot serve; the message names the one at fault. */
public final class TlsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TlsException(String message) {
        super(message);
    }

    TlsException(String message, Throwable cause) {
        super(message, cause);
    }
}
