// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

/** A configuration was not stored; who should have done it has said why, and has logged it. */
public final class StoreRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Takes the reason for the client. */
    public StoreRefused(String reason) {
        super(reason);
    }
}
