// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.nio.charset.StandardCharsets;

/** Reads numbers and keeps them as written ({@code spec/configuration.md §1.2}). */
final class NumberReader {
    private static final String INVALID = "The number is invalid.  ";
    private static final double LIMIT = 0x1p63;
    /** No integer of so many digits is beyond the limit. */
    private static final int SMALL = 18;

    private final Cursor at;
    private final String valueExpected;

    NumberReader(Cursor at, String valueExpected) {
        this.at = at;
        this.valueExpected = valueExpected;
    }

    /** Reads the number at the cursor, which is at a minus or a digit. */
    ConfNumber read() throws ConfSyntaxException {
        int first = at.position;
        int digits = at.in[first] == '-' ? first + 1 : first;
        int end = digitsEnd(digits);
        if (end == digits) {
            throw at.error(valueExpected);
        }
        // A sign hides leading zeros from this check; existing configurations may rely on it.
        if (digits == first && end - digits > 1 && at.in[digits] == '0') {
            throw error(digits, INVALID + "Leading zeros are not allowed in JSON numbers.");
        }
        boolean small = end - digits <= SMALL && !is(end, '.') && !is(end, 'e') && !is(end, 'E');
        if (is(end, '.')) {
            int fraction = end + 1;
            end = digitsEnd(fraction);
            if (end == fraction) {
                throw error(digits, INVALID + "A fraction part in JSON numbers must contain at least one digit.");
            }
        }
        if (is(end, 'e') || is(end, 'E')) {
            int exponent = is(end + 1, '+') || is(end + 1, '-') ? end + 2 : end + 1;
            end = digitsEnd(exponent);
            if (end == exponent) {
                throw error(first, INVALID + "An exponent part in JSON numbers must contain at least one digit.");
            }
        }
        if (end < at.in.length && " \t\n\r,}]{[\"/".indexOf(at.in[end]) < 0) {
            throw at.error(valueExpected);
        }
        ConfNumber number = new ConfNumber(new String(at.in, first, end - first, StandardCharsets.ISO_8859_1));
        if (!small && Math.abs(number.doubleValue()) > LIMIT) {
            throw at.error("The number is out of representable range.  Such JSON number value is not supported.");
        }
        at.position = end;
        return number;
    }

    private boolean is(int index, char c) {
        return index < at.in.length && at.in[index] == c;
    }

    private int digitsEnd(int from) {
        int i = from;
        while (i < at.in.length && at.in[i] >= '0' && at.in[i] <= '9') {
            i++;
        }
        return i;
    }

    private ConfSyntaxException error(int position, String detail) {
        at.position = position;
        return at.error(detail);
    }
}
