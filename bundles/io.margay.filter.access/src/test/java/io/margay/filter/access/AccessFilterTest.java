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

/** The option {@code access}; the client is a Unix socket. */
class AccessFilterTest {

    private static String status(String access) {
        String answer = new RouteSite(Extensions.builder().add(new AccessFilterFactory(), RouteSite.ORIGIN)
            .add(new ReturnActionFactory(), RouteSite.ORIGIN), RouteSite.conf("{'listeners': {'*:80': {'pass': "
            + "'routes'}}, 'routes': [{'action': {'return': 200, 'access': " + access + "}}]}")).ask("GET", "/");
        return answer.substring(9, 12);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'allow': 'unix'}                       | 200
        {'allow': ['1.2.3.4', 'unix']}          | 200
        {'allow': '1.2.3.0/24'}                 | 403
        {'allow': []}                           | 403
        {'allow': '!1.2.3.4'}                   | 200
        {'deny': 'unix'}                        | 403
        {'deny': ['1.2.3.4', '::/0']}           | 200
        {'deny': []}                            | 200
        {'allow': 'unix', 'deny': 'unix'}       | 403
        {'allow': null, 'deny': '1.2.3.4'}      | 200
        """, quoteCharacter = '`')
    void clients(String access, String status) {
        assertEquals(status, status(access));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {}                | /routes/0/action/access         | must have either
        {'allow': 1}      | /routes/0/action/access/allow   | must be a string
        {'deny': ['x.y']} | /routes/0/action/access/deny/0  | The "address" format is invalid.
        {'block': 'unix'} | /routes/0/action/access/block   | Unknown parameter "block".
        []                | /routes/0/action/access         | must be an object
        """, quoteCharacter = '`')
    void faults(String access, String pointer, String text) {
        RouteException told = assertThrows(RouteException.class, () -> status(access));
        assertEquals(pointer, told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
