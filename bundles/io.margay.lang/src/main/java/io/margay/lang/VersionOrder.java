// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.util.Comparator;

/** The order of glibc's {@code strverscmp()}: digit runs compare as numbers, those with leading zeros as fractions. */
final class VersionOrder implements Comparator<String> {

    static final VersionOrder INSTANCE = new VersionOrder();

    private VersionOrder() {
    }

    @Override
    public int compare(String a, String b) {
        int common = Math.min(a.length(), b.length());
        int at = 0;
        while (at < common && a.charAt(at) == b.charAt(at)) {
            at++;
        }
        if (at == a.length() && at == b.length()) {
            return 0;
        }
        int run = at;
        while (run > 0 && digit(a, run - 1)) {
            run--;
        }
        boolean inRun = run < at;
        if (inRun ? !digit(a, at) && !digit(b, at) : !digit(a, at) || !digit(b, at)) {
            return difference(a, b, at);
        }
        if (zeros(a, run, at) || zeros(b, run, at)) {
            return fraction(a, b, run, at);
        }
        int lengthA = runLength(a, at);
        int lengthB = runLength(b, at);
        return lengthA != lengthB ? Integer.compare(lengthA, lengthB) : difference(a, b, at);
    }

    /** Whether the run that begins at {@code run} has a leading zero, seen from the difference at {@code at}. */
    private static boolean zeros(String s, int run, int at) {
        if (run < at) {
            return s.charAt(run) == '0';
        }
        return digit(s, at) && s.charAt(at) == '0';
    }

    private static int fraction(String a, String b, int run, int at) {
        boolean onlyZeros = true;
        for (int i = run; i < at; i++) {
            onlyZeros &= a.charAt(i) == '0';
        }
        if (onlyZeros && digit(a, at) != digit(b, at)) {
            // One run ends here and is all zeros; more zeros or digits behind zeros are smaller than that.
            return digit(a, at) ? -1 : 1;
        }
        return difference(a, b, at);
    }

    private static int runLength(String s, int from) {
        int end = from;
        while (digit(s, end)) {
            end++;
        }
        return end - from;
    }

    private static int difference(String a, String b, int at) {
        int x = at < a.length() ? a.charAt(at) : 0;
        int y = at < b.length() ? b.charAt(at) : 0;
        return Integer.compare(x, y);
    }

    private static boolean digit(String s, int at) {
        return at < s.length() && s.charAt(at) >= '0' && s.charAt(at) <= '9';
    }
}
