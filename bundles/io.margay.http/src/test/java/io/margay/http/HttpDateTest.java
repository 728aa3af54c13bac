// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.codec.DateFormatter;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Date;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Dates as RFC 9110 §5.6.7 wants them to be made, at each edge of the calendar. */
class HttpDateTest {

    private static String text(long seconds) {
        byte[] out = new byte[HttpDate.LENGTH];
        HttpDate.write(seconds, out, 0);
        return new String(out, StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0            | Thu, 01 Jan 1970 00:00:00 GMT
        1            | Thu, 01 Jan 1970 00:00:01 GMT
        59           | Thu, 01 Jan 1970 00:00:59 GMT
        60           | Thu, 01 Jan 1970 00:01:00 GMT
        3599         | Thu, 01 Jan 1970 00:59:59 GMT
        3600         | Thu, 01 Jan 1970 01:00:00 GMT
        86399        | Thu, 01 Jan 1970 23:59:59 GMT
        86400        | Fri, 02 Jan 1970 00:00:00 GMT
        536431200    | Wed, 31 Dec 1986 16:40:00 GMT
        784111777    | Sun, 06 Nov 1994 08:49:37 GMT
        951782399    | Mon, 28 Feb 2000 23:59:59 GMT
        951782400    | Tue, 29 Feb 2000 00:00:00 GMT
        951868800    | Wed, 01 Mar 2000 00:00:00 GMT
        2147483647   | Tue, 19 Jan 2038 03:14:07 GMT
        2147483648   | Tue, 19 Jan 2038 03:14:08 GMT
        4107542399   | Sun, 28 Feb 2100 23:59:59 GMT
        4107542400   | Mon, 01 Mar 2100 00:00:00 GMT
        4294967296   | Sun, 07 Feb 2106 06:28:16 GMT
        253402300798 | Fri, 31 Dec 9999 23:59:58 GMT
        253402300799 | Fri, 31 Dec 9999 23:59:59 GMT
        253402300800 | Fri, 31 Dec 9999 23:59:59 GMT
        9223372036854775807  | Fri, 31 Dec 9999 23:59:59 GMT
        -1                   | Thu, 01 Jan 1970 00:00:00 GMT
        -9223372036854775808 | Thu, 01 Jan 1970 00:00:00 GMT
        """)
    void edges(long seconds, String wanted) {
        assertEquals(wanted, text(seconds));
    }

    static IntStream years() {
        return IntStream.of(1970, 1972, 1999, 2000, 2001, 2004, 2026, 2100, 2104, 2399, 2400, 2800, 9996, 9999);
    }

    @ParameterizedTest
    @MethodSource("years")
    void eachDayOfAYear(int year) {
        String[] months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        String[] days = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
        for (LocalDate day = LocalDate.of(year, 1, 1); day.getYear() == year; day = day.plusDays(1)) {
            String wanted = String.format("%s, %02d %s %04d 12:34:56 GMT", days[day.getDayOfWeek().ordinal()],
                day.getDayOfMonth(), months[day.getMonthValue() - 1], year);
            assertEquals(wanted, text(day.atTime(12, 34, 56).toEpochSecond(ZoneOffset.UTC)));
        }
    }

    @Test
    void othersReadWhatWasMeant() {
        Random random = new Random(1);
        for (int i = 0; i < 5000; i++) {
            long seconds = Math.floorMod(random.nextLong(), 253402300800L);
            Date read = DateFormatter.parseHttpDate(text(seconds));
            assertEquals(seconds * 1000, read.getTime(), text(seconds));
        }
    }

    @Test
    void nothingElseIsTouched() {
        for (int at = 0; at < 4; at++) {
            byte[] out = new byte[at + HttpDate.LENGTH + 3];
            Arrays.fill(out, (byte) 7);
            HttpDate.write(784111777, out, at);
            assertEquals("Sun, 06 Nov 1994 08:49:37 GMT", new String(out, at, HttpDate.LENGTH,
                StandardCharsets.US_ASCII));
            byte[] rest = Arrays.copyOfRange(out, at + HttpDate.LENGTH, out.length);
            assertArrayEquals(new byte[] {7, 7, 7}, rest);
            for (int i = 0; i < at; i++) {
                assertEquals(7, out[i]);
            }
        }
    }
}
