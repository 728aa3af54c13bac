// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

/** A process has broken the rules of the protocol; the message completes the sentence "it is killed: ...". */
final class Broken extends RuntimeException {

    private static final long serialVersionUID = 1;

    Broken(String how) {
        super(how, null, false, false);
    }
}
