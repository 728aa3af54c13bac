// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.action.returns.ReturnActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import io.netty.util.AsciiString;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The options {@code limit_req} and {@code limit_conn}. */
class LimitFilterTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static RouteSite site(String option) {
        return new RouteSite(Extensions.builder().add(new LimitReqFactory(), RouteSite.ORIGIN)
            .add(new LimitConnFactory(), RouteSite.ORIGIN).add(new ReturnActionFactory(), RouteSite.ORIGIN),
            RouteSite.conf("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'return': 204, "
                + option + "}}]}"));
    }

    private static String ask(RouteSite site, String... fields) {
        return site.ask("GET", "/", fields).substring(9, 12);
    }

    @Test
    void keysAreCountedApart() {
        RouteSite site = site("'limit_req': {'key': '$header_k', 'rate': 0.001, 'burst': 1}");
        for (String key : new String[] {"a", "b", "x".repeat(500)}) {
            String field = "K: " + key + "\r\n";
            assertEquals("204", ask(site, field));
            assertEquals("204", ask(site, field));
            String refused = site.ask("GET", "/", field);
            assertTrue(refused.startsWith("HTTP/1.1 429 "), refused);
            assertTrue(refused.matches("(?s).*\r\nRetry-After: (999|1000)\r\n.*"), refused);
        }
        for (int i = 0; i < 9; i++) {
            assertEquals("204", ask(site), "no key, no limit");
        }
    }

    @Test
    void theNextConfigurationCountsAnew() {
        assertEquals("204", ask(site("'limit_req': {'rate': 0.001}")));
        assertEquals("204", ask(site("'limit_req': {'rate': 0.001}")));
    }

    /** Requests that are over are not under way. */
    @Test
    void endedRequestsMakeRoom() {
        RouteSite site = site("'limit_conn': {'connections': 1}");
        for (int i = 0; i < 5; i++) {
            assertEquals("204", ask(site));
        }
    }

    @Test
    void ratesAreEven() {
        RateTable table = new RateTable(2, 3, 10);
        AsciiString key = AsciiString.of("k");
        long now = Long.MAX_VALUE - SECOND;
        for (int i = 0; i < 4; i++) {
            assertEquals(0, table.take(key, now));
        }
        assertEquals(1, table.take(key, now));
        // The clock runs over: only differences count.
        now += 3 * SECOND / 2;
        for (int i = 0; i < 3; i++) {
            assertEquals(0, table.take(key, now));
        }
        assertEquals(1, table.take(key, now));
        assertEquals(0, table.take(key, now + 100 * SECOND));
        assertEquals(10, new RateTable(0.1, 0, 10).take(key, 0) + retry(new RateTable(0.1, 0, 10)));
    }

    /** A loop whose turn takes long asks with an old time; those of others have used a later one. */
    @Test
    void aLoopThatIsLateRefusesNobody() {
        RateTable table = new RateTable(1000, 0, 10);
        AsciiString key = AsciiString.of("k");
        long millisecond = SECOND / 1000;
        assertEquals(0, table.take(key, 500 * millisecond, () -> 500 * millisecond));
        assertEquals(0, table.take(key, 0, () -> 501 * millisecond));
        assertEquals(1, table.take(key, 0, () -> 501 * millisecond), "as fast as that nobody may be");
        assertEquals(0, table.take(key, 502 * millisecond, () -> 502 * millisecond));
    }

    private static long retry(RateTable table) {
        table.take(AsciiString.of("k"), 0);
        return table.take(AsciiString.of("k"), 0);
    }

    @Test
    void theTableIsBounded() {
        RateTable table = new RateTable(1, 0, 100);
        for (int i = 0; i < 1000; i++) {
            table.take(AsciiString.of("k" + i), 0);
        }
        assertEquals(100, table.size());
        assertEquals(1, table.take(AsciiString.of("new"), 0), "those without room share one count");
        assertEquals(0, table.take(AsciiString.of("new"), 2 * SECOND), "what is over makes room");
        assertEquals(1, table.size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        'limit_req': {}                              | /limit_req             | Required parameter "rate" is missing.
        'limit_req': {'rate': 0}                     | /limit_req/rate        | must be a number from
        'limit_req': {'rate': 'x'}                   | /limit_req/rate        | must be a number from
        'limit_req': {'rate': 1, 'burst': -1}        | /limit_req/burst       | must be a number from
        'limit_req': {'rate': 1, 'key': 1}           | /limit_req/key         | must be a string
        'limit_req': {'rate': 1, 'key': '$nothing'}  | /limit_req/key         | Unknown variable "nothing"
        'limit_req': {'rate': 1, 'nodelay': true}    | /limit_req/nodelay     | Unknown parameter "nodelay".
        'limit_req': 1                               | /limit_req             | must be an object
        'limit_conn': {}                             | /limit_conn            | Required parameter "connections"
        'limit_conn': {'connections': 0}             | /limit_conn/connections | must be a number from
        """, quoteCharacter = '`')
    void faults(String option, String pointer, String text) {
        RouteException told = assertThrows(RouteException.class, () -> site(option));
        assertEquals("/routes/0/action" + pointer, told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
