// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.forwarded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.http.Fields;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteCompiler;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The options {@code forwarded} and {@code client_ip}: spec/routing.md §10. */
class ForwardedFilterTest {

    /** {@code {"who": 1}}: tells address, port and scheme of the client. */
    private static final class Who implements ActionFactory {
        @Override
        public String option() {
            return "who";
        }

        @Override
        public Set<String> options() {
            return Set.of("who");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            return e -> e.respond(200, Fields.NONE, (e.request().remote().text() + "|" + e.request().remote().port()
                + "|" + e.request().scheme()).getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static String ask(String listener, String... fields) {
        RouteSite site = new RouteSite(Extensions.builder().add(new ForwardedFactory(), RouteSite.ORIGIN)
            .add(new ClientIpFactory(), RouteSite.ORIGIN).add(new Who(), RouteSite.ORIGIN),
            RouteSite.conf("{'listeners': {'*:80': {'pass': 'routes', " + listener
                + "}}, 'routes': [{'action': {'who': 1}}]}"));
        String answer = site.ask("GET", "/", Arrays.stream(fields).map(field -> field + "\r\n")
            .toArray(String[]::new));
        return answer.substring(answer.lastIndexOf('\n') + 1);
    }

    /** The peer is a Unix socket. Fields are separated by semicolons. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        unix      | false |                                 | unix:
        unix      | false | 1.2.3.4                         | 1.2.3.4
        1.1.1.1   | false | 1.2.3.4                         | unix:
        []        | false | 1.2.3.4                         | unix:
        !unix     | false | 1.2.3.4                         | unix:
        unix      | false | 1.2.3.4, 5.6.7.8                | 5.6.7.8
        unix      | false | 1.2.3.4 ,5.6.7.8 ,              | 5.6.7.8
        unix      | false | 1.2.3.4;5.6.7.8                 | 5.6.7.8
        unix      | false | 1.2.3.4;                        | 1.2.3.4
        unix      | false | 1.2.3.4;, ,                     | 1.2.3.4
        unix      | false | 2001:DB8::1                     | 2001:db8::1
        unix      | false | [2001:db8::1]:80                | 2001:db8::1
        unix      | false | 1.2.3.4:99                      | 1.2.3.4
        unix      | false | localhost                       | unix:
        unix      | false | 1.2.3                           | unix:
        unix      | false | 1.2.3.4:                        | unix:
        unix      | false | 0.0.0.0                         | unix:
        unix      | false | ::                              | unix:
        unix      | false | *                               | unix:
        unix      | false | unix:/x                         | unix:
        unix      | false | 1.2.3.4, bad                    | unix:
        ['unix','10.0.0.0/8'] | true | 1.2.3.4, 10.0.0.1, 10.0.0.2      | 1.2.3.4
        ['unix','10.0.0.0/8'] | true | 1.1.1.1, 1.2.3.4, 10.0.0.1       | 1.2.3.4
        ['unix','10.0.0.0/8'] | true | 1.2.3.4, bad, 10.0.0.1           | 10.0.0.1
        ['unix','10.0.0.0/8'] | true | 10.0.0.3;10.0.0.2,10.0.0.1       | 10.0.0.3
        ['unix','10.0.0.0/8'] | true | 9.9.9.9;10.0.0.2;10.0.0.1        | 9.9.9.9
        """)
    void addresses(String source, boolean recursive, String fields, String expected) {
        String value = source.startsWith("[") ? source : "'" + source + "'";
        String[] lines = fields == null ? new String[0]
            : Arrays.stream(fields.split(";", -1)).map(field -> "X-F: " + field).toArray(String[]::new);
        for (String option : new String[] {"'forwarded': {'client_ip': 'x-f', ", "'client_ip': {'header': 'x-f', "}) {
            String answer = ask(option + "'source': " + value + ", 'recursive': " + recursive + "}", lines);
            assertEquals(expected, answer.split("\\|")[0], option);
        }
    }

    @Test
    void portsAreKept() {
        assertEquals("1.2.3.4|99|http", ask("'forwarded': {'client_ip': 'X', 'source': 'unix'}", "X: 1.2.3.4:99"));
        assertEquals("1.2.3.4|0|http", ask("'forwarded': {'client_ip': 'X', 'source': 'unix'}", "X: 1.2.3.4"));
        assertEquals("::1|7|http", ask("'forwarded': {'client_ip': 'X', 'source': 'unix'}", "X: [::1]:7"));
    }

    @ParameterizedTest
    @CsvSource({"https,https", "HTTPS,https", "on,https", "On,https", "http,http", "'https, http',http", "x,http",
        "'',http"})
    void schemes(String value, String scheme) {
        assertEquals("unix:|0|" + scheme,
            ask("'forwarded': {'protocol': 'X-P', 'source': 'unix'}", "X-P: " + value));
        assertEquals("unix:|0|http",
            ask("'forwarded': {'protocol': 'X-P', 'source': '1.1.1.1'}", "X-P: " + value));
        assertEquals("unix:|0|" + (value.isEmpty() ? "https" : scheme),
            ask("'forwarded': {'protocol': 'X-P', 'source': 'unix'}", "X-P: " + value, "x-p: https"));
    }

    /** The older option looks at the address that the newer one has found. */
    @Test
    void bothOptions() {
        String both = "'client_ip': {'header': 'Y', 'source': '1.2.3.4'}, "
            + "'forwarded': {'client_ip': 'X', 'source': 'unix'}";
        assertEquals("5.6.7.8|0|http", ask(both, "X: 1.2.3.4", "Y: 5.6.7.8"));
        assertEquals("1.2.3.5|0|http", ask(both, "X: 1.2.3.5", "Y: 5.6.7.8"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'forwarded': {'source': 'unix'} | The \"forwarded\" object must have either \"client_ip\" or \"protocol\" "
            + "option set. | /listeners/*:80/forwarded",
        "'forwarded': {'client_ip': 'X'} | Required parameter \"source\" is missing. | /listeners/*:80/forwarded",
        "'client_ip': {'source': 'unix'} | Required parameter \"header\" is missing. | /listeners/*:80/client_ip",
        "'client_ip': {'header': 'X', 'source': '1.2.3'} | The \"address\" format is invalid. "
            + "| /listeners/*:80/client_ip/source"}, quoteCharacter = '\0')
    void whatIsRefused(String listener, String reason, String pointer) {
        RouteException e = assertThrows(RouteException.class, () -> ask(listener.strip()));
        assertEquals(reason, e.getMessage());
        assertEquals(pointer, e.pointer().replace("~1", "/"));
        assertTrue(pointer.startsWith("/listeners"));
    }

    /** RFC 7239. Fields are separated by {@code ~}. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        for=1.2.3.4                                        | false | 1.2.3.4|0|http
        For="1.2.3.4:99"; proto=https ;by=x                | false | 1.2.3.4|99|https
        for="[2001:DB8::1]:4711"                           | false | 2001:db8::1|4711|http
        for=1.1.1.1;proto=https, for=1.2.3.4;proto=http    | false | 1.2.3.4|0|http
        for=1.1.1.1;proto=http, for=1.2.3.4;proto=HTTPS    | false | 1.2.3.4|0|https
        for=1.1.1.1~for=1.2.3.4                            | false | 1.2.3.4|0|http
        for=1.1.1.1, ,                                     | false | 1.1.1.1|0|http
        for=unknown;proto=https                            | false | unix:|0|http
        for=_hidden                                        | false | unix:|0|http
        for=1.2.3.4:99                                     | false | unix:|0|http
        for=1.2.3.4, for="1.1.1.1                          | false | unix:|0|http
        for                                                | false | unix:|0|http
        for=                                               | false | unix:|0|http
        proto=https                                        | false | unix:|0|http
        for=1.1.1.1 for=2.2.2.2                            | false | unix:|0|http
        for="1\\.2.3.4"                                    | false | 1.2.3.4|0|http
        for=9.9.9.9, for=1.2.3.4;proto=https, for=10.0.0.1 | true  | 1.2.3.4|0|https
        for=10.0.0.2, for=10.0.0.1                         | true  | 10.0.0.2|0|http
        for=1.2.3.4, for=unknown, for=10.0.0.1;proto=https | true  | 10.0.0.1|0|https
        bad=", for=1.2.3.4~for=10.0.0.1                    | true  | 10.0.0.1|0|http
        """)
    void theStandardField(String fields, boolean recursive, String address, int port, String scheme) {
        assertEquals(address + "|" + port + "|" + scheme, ask("'forwarded': {'source': ['unix', '10.0.0.0/8'], "
            + "'client_ip': 'Forwarded', 'protocol': 'forwarded', 'recursive': " + recursive + "}",
            Arrays.stream(fields.split("~")).map(field -> "Forwarded: " + field).toArray(String[]::new)));
    }

    @Test
    void theProtocolOfTheStandardFieldAlone() {
        assertEquals("unix:|0|https", ask("'forwarded': {'source': 'unix', 'protocol': 'Forwarded'}",
            "Forwarded: for=1.1.1.1;proto=http, for=2.2.2.2;proto=https"));
    }
}
