// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

/** The module cannot be run. */
final class ModuleStartException extends Exception {

    private static final long serialVersionUID = 1;

    ModuleStartException(String message) {
        super(message);
    }

    ModuleStartException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
