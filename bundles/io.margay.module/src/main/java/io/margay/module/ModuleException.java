// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

/** An extension bundle cannot be used; the message says why, in one line. */
public final class ModuleException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Says why. */
    public ModuleException(String message) {
        super(message);
    }

    /** Says why, and what the reason was. */
    public ModuleException(String message, Throwable cause) {
        super(message, cause);
    }
}
