// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

/** A module broke the rules; what it did is told as Unit tells it. */
final class AbiException extends RuntimeException {

    private static final long serialVersionUID = 1;

    AbiException(String message) {
        super(message);
    }
}
