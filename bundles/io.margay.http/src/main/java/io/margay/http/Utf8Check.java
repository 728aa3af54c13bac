// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/** Tells byte by byte whether a text can still become UTF-8 (RFC 3629): no surrogates, nothing longer than need be. */
final class Utf8Check {
    private static final int FIRST = 0x80;
    private static final int LAST = 0xbf;

    /** Bytes that the character still needs. */
    private int need;
    private int lowest = FIRST;
    private int highest = LAST;

    /** Begins a text. */
    void reset() {
        need = 0;
        lowest = FIRST;
        highest = LAST;
    }

    /** Takes the next byte; false if no text has it here. */
    boolean take(int b) {
        if (need == 0) {
            return b < FIRST || begin(b);
        }
        boolean good = b >= lowest && b <= highest;
        lowest = FIRST;
        highest = LAST;
        need--;
        return good;
    }

    private boolean begin(int b) {
        if (b < 0xc2 || b > 0xf4) {
            return false;
        }
        need = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
        switch (b) {
            case 0xe0 -> lowest = 0xa0;
            case 0xed -> highest = 0x9f;
            case 0xf0 -> lowest = 0x90;
            case 0xf4 -> highest = 0x8f;
            default -> {
                // Any second byte makes a character.
            }
        }
        return true;
    }

    /** Whether no character is cut. */
    boolean isComplete() {
        return need == 0;
    }
}
