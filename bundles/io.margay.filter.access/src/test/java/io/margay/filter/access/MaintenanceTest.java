// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.action.returns.ReturnActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code maintenance}; the client is a Unix socket. */
class MaintenanceTest {

    private static String ask(String options) {
        return new RouteSite(Extensions.builder().add(new MaintenanceFactory(), RouteSite.ORIGIN)
            .add(new ReturnActionFactory(), RouteSite.ORIGIN), "{'action': {'return': 200, 'maintenance': " + options
            + "}}", "{}").ask("GET", "/");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {}                                           | 503 | -
        {'retry_after': 60}                          | 503 | 60
        {'enabled': true, 'allow': '10.0.0.0/8'}     | 503 | -
        {'allow': [], 'retry_after': 1}              | 503 | 1
        {'allow': 'unix', 'retry_after': 60}         | 200 | -
        {'enabled': false, 'retry_after': 60}        | 200 | -
        """, quoteCharacter = '`')
    void who(String options, String status, String retryAfter) {
        String answer = ask(options);
        assertEquals(status, answer.substring(9, 12));
        assertEquals(!retryAfter.equals("-"), answer.contains("\r\nRetry-After: " + retryAfter + "\r\n"), answer);
        assertEquals(!retryAfter.equals("-"), answer.contains("Retry-After"), answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        true                   |                | must be an object
        {'enabled': 'yes'}     | /enabled       | must be a boolean
        {'retry_after': 0}     | /retry_after   | from 1 to 31536000
        {'retry_after': 1.5}   | /retry_after   | must be an integer
        {'allow': 'x.y'}       | /allow         | The "address" format is invalid.
        {'deny': 'unix'}       | /deny          | Unknown parameter "deny".
        """, quoteCharacter = '`')
    void faults(String options, String pointer, String text) {
        RouteException told = assertThrows(RouteException.class, () -> ask(options));
        assertEquals("/routes/0/action/maintenance" + (pointer == null ? "" : pointer), told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
