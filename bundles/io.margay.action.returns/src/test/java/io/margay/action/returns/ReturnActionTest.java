// SPDX-License-Identifier: Apache-2.0
package io.margay.action.returns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The action {@code return}: spec/routing.md §5.2. */
class ReturnActionTest {
    private static final String SERVER = "Server: Unit/1.35.0\r\nDate: D\r\n";

    private static String ask(String action, String target) {
        return new RouteSite(Extensions.builder().add(new ReturnActionFactory(), RouteSite.ORIGIN),
            "{'action': {" + action + "}}", "{}").ask("GET", target);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"200|200 OK", "204|204 No Content", "0|'000 '", "999|'999 '",
        "304|304 Not Modified",
        "600|'600 '"})
    void emptyBody(int status, String line) {
        assertEquals("HTTP/1.1 " + line + "\r\n" + SERVER + "Content-Length: 0\r\n\r\n",
            ask("'return': " + status, "/"));
        assertEquals("HTTP/1.1 " + line + "\r\nLocation: /x\r\n" + SERVER + "Content-Length: 0\r\n\r\n",
            ask("'return': " + status + ", 'location': '$uri'", "/x"));
    }

    @Test
    void errorPagesHaveNoLocation() {
        assertEquals("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n" + SERVER + "Content-Length: 54\r\n\r\n"
            + "<!DOCTYPE html><title>Error 404</title><p>Error 404.\r\n", ask("'return': 404, 'location': '/x'", "/"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"/a|/a", "https://h/a?b=c#d|https://h/a?b=c#d", "/a%20b|/a%20b", "/a b|/a%20b",
        "/a b%20|/a%20b%2520", "/%zz|/%25zz", "/a?b?c|/a?b%3Fc", "/a#b#c|/a#b%23c", "/a#b?c|/a#b%3Fc",
        "/a?<>|/a?%3C%3E", "$uri|/x%20y", "''|''", "/$arg_a|/1%0D%0AX:"})
    void location(String value, String expected) {
        assertEquals("HTTP/1.1 301 Moved Permanently\r\nLocation: " + expected + "\r\n" + SERVER
            + "Content-Length: 0\r\n\r\n", ask("'return': 301, 'location': '" + value + "'", "/x%20y?a=1%0d%0aX:"));
    }

    @ParameterizedTest
    @CsvSource({"-1", "1000", "1.5", "''"})
    void range(String value) {
        assertThrows(RouteException.class, () -> ask("'return': " + (value.isEmpty() ? "''" : value), "/"));
    }
}
