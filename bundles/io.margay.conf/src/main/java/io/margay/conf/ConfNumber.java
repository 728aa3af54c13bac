// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.Objects;

/**
 * A JSON number, kept as it was written ({@code 1e3} stays {@code 1e3}).
 *
 * @param text the number in JSON syntax
 */
public record ConfNumber(String text) implements Conf {

    private static final int SHORT = 15;

    /** Checks the argument. */
    public ConfNumber {
        Objects.requireNonNull(text, "text");
    }

    /** The nearest double. */
    public double doubleValue() {
        return isShort() ? Long.parseLong(text) : Double.parseDouble(text);
    }

    /** An integer that a double holds exactly; most numbers are, and read much faster than others. */
    private boolean isShort() {
        if (text.length() > SHORT) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > '9' || c < '0' && c != '-') {
                return false;
            }
        }
        return true;
    }

    /** The value truncated towards zero and bounded to the range of {@code long}. */
    public long longValue() {
        if (text.length() <= 18 && text.chars().allMatch(c -> c == '-' || c >= '0' && c <= '9')) {
            return Long.parseLong(text);
        }
        return (long) doubleValue();
    }

    /**
     * True when the value has no fraction: {@code 1.0}, {@code 1e3} and {@code -0} are integers. Decided on the digits,
     * so that a fraction too small for a double still counts.
     */
    public boolean isInteger() {
        if (isShort()) {
            return true;
        }
        int digits = 0;
        int beforePoint = -1;
        int lastNonZero = -1;
        int i = 0;
        for (; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                beforePoint = digits;
            } else if (c == 'e' || c == 'E') {
                break;
            } else if (c != '-') {
                if (c != '0') {
                    lastNonZero = digits;
                }
                digits++;
            }
        }
        if (lastNonZero < 0) {
            return true;
        }
        long weight = (beforePoint < 0 ? digits : beforePoint) - 1L - lastNonZero;
        return weight + exponent(i + 1) >= 0;
    }

    private long exponent(int from) {
        long value = 0;
        boolean negative = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '-') {
                negative = true;
            } else if (c != '+') {
                // No text is longer than an int counts, so a larger exponent decides the same.
                value = Math.min(value * 10 + (c - '0'), 1L << 40);
            }
        }
        return negative ? -value : value;
    }
}
