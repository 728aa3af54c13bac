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

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "200 | hello                     | ''                              | hello",
        "200 | ''                        | ''                              | ''",
        "404 | no $uri                   | ''                              | no /<b>\"&",
        "503 | <p>$uri &amp; ${host}</p> | text/html                       | <p>/&lt;b&gt;&#34;&amp; &amp; h</p>",
        "200 | <a>$uri</a>               | application/atom+xml            | <a>/&lt;b&gt;&#34;&amp;</a>",
        "200 | x=^$uri^                  | Application/JSON; charset=utf-8 | x=^/\\u003cb\\u003e\\u0022\\u0026^",
        "200 | f(^$uri^)                 | text/javascript                 | f(^/\\u003cb\\u003e\\u0022\\u0026^)",
        "200 | $status $arg_none.        | text/csv                        | 000 ."})
    void body(int status, String body, String type, String expected) {
        String answer = new RouteSite(Extensions.builder().add(new ReturnActionFactory(), RouteSite.ORIGIN),
            "{'action': {'return': " + status + ", 'body': '" + body + "'"
                + (type.isEmpty() ? "" : ", 'content_type': '" + type + "'") + "}}", "{}")
            .ask("GET", "/%3cb%3e%22&", "Host: h\r\n");
        assertEquals("Content-Type: " + (type.isEmpty() ? "text/plain; charset=utf-8" : type) + "\r\n" + SERVER
            + "Content-Length: " + expected.length() + "\r\n\r\n" + expected,
            answer.substring(answer.indexOf("\r\n") + 2));
        assertEquals("HTTP/1.1 " + status, answer.substring(0, 12));
    }

    @Test
    void bodyAndLocation() {
        assertEquals("HTTP/1.1 302 Found\r\nContent-Type: text/plain; charset=utf-8\r\nLocation: /to/x\r\n" + SERVER
            + "Content-Length: 2\r\n\r\nGo", ask("'return': 302, 'location': '/to$uri', 'body': 'Go'", "/x"));
        assertEquals("HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\n" + SERVER
            + "Content-Length: 2\r\n\r\nNo", ask("'return': 403, 'location': '/to', 'body': 'No'", "/x"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "200, 'body': 5                            | /routes/0/action/body",
        "200, 'body': '$nope'                      | /routes/0/action/body",
        "204, 'body': 'x'                          | /routes/0/action/body",
        "304, 'body': 'x'                          | /routes/0/action/body",
        "101, 'body': 'x'                          | /routes/0/action/body",
        "200, 'content_type': 'text/html'          | /routes/0/action/content_type",
        "200, 'body': 'x', 'content_type': 'a\\nb' | /routes/0/action/content_type",
        "200, 'body': 'x', 'content_type': ''      | /routes/0/action/content_type",
        "200, 'body': 'x', 'location': 5           | /routes/0/action/location"})
    void badBody(String action, String place) {
        RouteException refused = assertThrows(RouteException.class, () -> ask("'return': " + action, "/"));
        assertEquals(place, refused.pointer().toString());
    }
}
