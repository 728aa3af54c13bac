// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

/** Characters in UTF-8 (RFC 3629 §4), without an object for each. */
final class Utf8 {
    private static final int NEXT_BITS = 6;
    private static final int NEXT_MASK = 0x3f;
    private static final int SURROGATES = 0xd800;
    private static final int BEHIND_SURROGATES = 0xe000;
    /** The first characters that need two, three and four bytes, and the first number that is none. */
    private static final int[] FIRST = {0, 0, 0x80, 0x800, 0x1_0000, 0x11_0000};

    private Utf8() {
    }

    /** How many bytes, 2 to 4, the character has that begins with a byte above 0x7f; 0 if none does. */
    static int size(byte[] a, int start, int end) {
        int first = a[start] & 0xff;
        int size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        if (first < 0xc2 || first > 0xf4 || end - start < size) {
            return 0;
        }
        int value = first & 0x7f >> size;
        for (int i = 1; i < size; i++) {
            if ((a[start + i] & 0xc0) != 0x80) {
                return 0;
            }
            value = value << NEXT_BITS | a[start + i] & NEXT_MASK;
        }
        boolean surrogate = value >= SURROGATES && value < BEHIND_SURROGATES;
        return value < FIRST[size] || value >= FIRST[5] || surrogate ? 0 : size;
    }
}
