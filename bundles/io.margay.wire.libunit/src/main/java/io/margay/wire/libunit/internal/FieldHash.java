// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.netty.util.AsciiString;

/** The hash of a field's name, by which libunit groups fields ({@code spec/ports.md §11}). */
final class FieldHash {

    private static final int SEED = 159_406;
    private static final int STEP = 17;

    private FieldHash() {
    }

    static int of(AsciiString name) {
        int hash = SEED;
        for (int i = 0; i < name.length(); i++) {
            int c = name.byteAt(i) & 0xFF;
            hash = hash * STEP + (c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
        }
        return (hash ^ hash >>> 16) & 0xFFFF;
    }
}
