// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

/** A file of the modules directory cannot be used; the message says why. */
final class ModuleException extends Exception {

    private static final long serialVersionUID = 1L;

    ModuleException(String message) {
        super(message);
    }

    ModuleException(String message, Throwable cause) {
        super(message, cause);
    }
}
