// SPDX-License-Identifier: Apache-2.0
package io.margay.section.schedules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cron expressions: which times they name, and which texts are none. */
class CronTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "* * * * *|UTC|2026-01-01T00:00:00Z|2026-01-01T00:01:00Z",
        "* * * * *|UTC|2026-01-01T00:00:59.999Z|2026-01-01T00:01:00Z",
        "*/15 * * * *|UTC|2026-01-01T00:45:00Z|2026-01-01T01:00:00Z",
        "5/20 * * * *|UTC|2026-01-01T00:05:00Z|2026-01-01T00:25:00Z",
        "10-20/5,50 3 * * *|UTC|2026-01-01T03:20:00Z|2026-01-01T03:50:00Z",
        "0 0 1 1 *|UTC|2026-01-01T00:00:00Z|2027-01-01T00:00:00Z",
        "0 0 29 2 *|UTC|2026-01-01T00:00:00Z|2028-02-29T00:00:00Z",
        "0 0 29 2 *|UTC|2096-03-01T00:00:00Z|2104-02-29T00:00:00Z",
        "0 12 * * MON-fri|UTC|2026-01-02T12:00:00Z|2026-01-05T12:00:00Z",
        "0 12 * * 7|UTC|2026-01-02T12:00:00Z|2026-01-04T12:00:00Z",
        "0 12 * * 0|UTC|2026-01-02T12:00:00Z|2026-01-04T12:00:00Z",
        "0 0 13 * fri|UTC|2026-01-01T00:00:00Z|2026-01-02T00:00:00Z",
        "0 0 */13 * fri|UTC|2026-01-01T00:00:00Z|2026-02-27T00:00:00Z",
        "0 0 * feb,DEC *|UTC|2026-03-01T00:00:00Z|2026-12-01T00:00:00Z",
        "30 2 * * *|Europe/Berlin|2026-03-28T01:30:00Z|2026-03-29T01:30:00Z",
        "30 2 * * *|Europe/Berlin|2026-10-24T00:30:00Z|2026-10-25T00:30:00Z",
        "30 2 * * *|Europe/Berlin|2026-10-25T00:30:00Z|2026-10-26T01:30:00Z",
        "30 2 * * *|Europe/Berlin|2026-10-25T01:10:00Z|2026-10-26T01:30:00Z",
        "0 9 * * *|Asia/Kolkata|2026-01-01T00:00:00Z|2026-01-01T03:30:00Z"})
    void theNextTime(String cron, String zone, String after, String next) {
        assertEquals(Instant.parse(next), Cron.parse(cron).next(Instant.parse(after), ZoneId.of(zone)).orElseThrow());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"* * * *|fields", "* * * * * *|fields", "60 * * * *|minute",
        "* 24 * * *|hour", "* * 0 * *|day of the month", "* * 32 * *|day of the month", "* * * 13 *|month",
        "* * * * 8|day of the week", "5-1 * * * *|minute", "*/0 * * * *|minute", "a * * * *|minute",
        "1, * * * *|minute", "-1 * * * *|minute", "1-2-3 * * * *|minute", "1/2/3 * * * *|minute",
        "0 0 30 2 *|never comes", "''|fields", "jan * * * *|minute", "123456789012 * * * *|minute"})
    void textsThatAreNone(String cron, String reason) {
        String text = assertThrows(IllegalArgumentException.class, () -> Cron.parse(cron)).getMessage();
        assertTrue(text.contains(reason), text);
    }
}
