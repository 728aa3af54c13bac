// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Where requests go: spec/routing.md §2 to §6. */
class RouteTest {

    private static boolean matches(String match, String method, String target, String... fields) {
        String answer = Site.steps("{'match': {" + match + "}, 'action': {'text': 'yes'}}")
            .request(method, target, fields);
        assertTrue(answer.startsWith("yes ") || answer.equals("404"), answer);
        return !answer.equals("404");
    }

    static Stream<Object[]> uris() {
        return Stream.of(new Object[][] {
            {"'/a'", "/a", true}, {"'/a'", "/a/", false}, {"'/a'", "/A", false}, {"'*'", "/", true},
            {"'/*.php'", "/x.php", true}, {"'/*.php'", "/x.php/", false}, {"'*/b/*'", "/a/b/c", true},
            {"'/a*a'", "/a", false}, {"'/a*a'", "/aa", true}, {"'*a*a*'", "/ba", false}, {"'*a*a*'", "/aba", true},
            {"'!/a'", "/b", true}, {"'!/a'", "/a", false}, {"'!'", "/", true}, {"''", "/", false},
            {"'/%61'", "/a", true}, {"'/%2A'", "/*", true}, {"'/%2A'", "/b", false}, {"'/a b'", "/a%20b", true},
            {"'~^/[0-9]+$'", "/12", true}, {"'~^/[0-9]+$'", "/12a", false}, {"'!~b'", "/a", true},
            {"'~^/[[:alpha:]_]+$'", "/a_B", true}, {"'~^/[[:alpha:]_]+$'", "/a:1", false},
            {"'~(?P<c>a)(?P=c)'", "/aa", true}, {"'~(?P<c>a)(?P=c)'", "/ab", false},
            {"'~'", "/", true}, {"['/a', '/b']", "/b", true}, {"['/a', '/b']", "/c", false},
            {"['/*', '!/a']", "/a", false}, {"['/*', '!/a']", "/b", true}, {"['!/a', '!/b']", "/c", true},
            {"[]", "/", true}, {"'/\u00e9'", "/%C3%A9", true}, {"'~\u00e9'", "/%C3%A9", true},
        });
    }

    @ParameterizedTest
    @MethodSource("uris")
    void uri(String pattern, String path, boolean expected) {
        assertEquals(expected, matches("'uri': " + pattern, "GET", path));
    }

    static Stream<Object[]> others() {
        return Stream.of(new Object[][] {
            {"'method': 'get'", "/", "", true}, {"'method': ['!GET']", "/", "", false},
            {"'method': 'P*'", "/", "", false},
            {"'host': 'Example.COM'", "/", "Host: example.com:80", true}, {"'host': ''", "/", "", true},
            {"'host': '*.a'", "/", "Host: b.A.", true}, {"'host': '!x'", "/", "", true},
            {"'scheme': 'http'", "/", "", true}, {"'scheme': 'HTTPS'", "/", "", false},
            {"'headers': {'X-A': 'b*'}", "/", "x-a: BC", true}, {"'headers': {'X-A': '!b'}", "/", "", false},
            {"'headers': {'X-A': 'b'}", "/", "X-A: b\r\nX-A: c", false},
            {"'headers': {'X-A': []}", "/", "X-A: q", true},
            {"'headers': {'A': '1', 'B': '2'}", "/", "A: 1", false},
            {"'headers': [{'A': '1'}, {'B': '2'}]", "/", "B: 2", true}, {"'headers': {}", "/", "", true},
            {"'headers': []", "/", "", true}, {"'headers': {'A': '~b'}", "/", "A: aB", false},
            {"'arguments': {'a': '1'}", "/?b=2&a=1", "", true}, {"'arguments': {'a': '1'}", "/?a=1&a=2", "", false},
            {"'arguments': {'a b': 'c d'}", "/?a+b=c%20d", "", true}, {"'arguments': {'a%20b': ''}", "/?a+b", "", true},
            {"'arguments': {'a': '!1'}", "/?b=1", "", false}, {"'arguments': {'a': '1=2'}", "/?a=1=2", "", true},
            {"'arguments': {'%25': '%25'}", "/?%=%", "", true}, {"'arguments': {'%25': '%25'}", "/?%25=%25", "", true},
            {"'arguments': {'%251': '%252'}", "/?%1=%2", "", true},
            {"'arguments': {'a': '%25zz b'}", "/?a=%zz%20b", "", true},
            {"'arguments': {'a%25': 'x'}", "/?a%=x", "", true}, {"'query': '%25=a b'", "/?%=a+b", "", true},
            {"'cookies': {'a': 'b c'}", "/", "Cookie: x=y;  a=b c ; z", true},
            {"'cookies': {'a': 'b'}", "/", "Cookie: a=b\r\nCookie: a=c", false},
            {"'cookies': {'z': '*'}", "/", "Cookie: x=y; z", false},
            {"'query': 'a=b c'", "/?a=b+%63", "", true}, {"'query': ''", "/", "", true},
            {"'query': '!'", "/", "", false},
            {"'if': '$arg_a'", "/?a=1", "", true}, {"'if': '$arg_a'", "/?a=0", "", false},
            {"'if': '!$arg_a'", "/", "", true},
            {"'if': ''", "/", "", false}, {"'if': '!'", "/", "", true}, {"'if': 'null'", "/", "", false},
            {"'uri': '/', 'method': 'POST'", "/", "", false}, {"'source': 'unix'", "/", "", true},
            {"'source': '!127.0.0.1'", "/", "", true}, {"'source': []", "/", "", false},
            {"'destination': '*:80'", "/", "", false},
        });
    }

    @ParameterizedTest
    @MethodSource("others")
    void other(String match, String target, String field, boolean expected) {
        String[] fields = field.isEmpty() ? new String[0] : new String[] {field};
        assertEquals(expected, matches(match, "GET", target, fields));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/a?b=%41+c&b=2#x | $uri-$request_uri-$arg_b | /a-/a?b=%41+c&b=2#x-2",
        "/ | ${method}$dollar$arg_none.x | GET$.x",
        "/ | $host | h.x", "/ | $header_x_y-$header_host | 1-H.x:1", "/ | $cookie_c$cookie_C | 3",
        "/ | $request_line | GET / HTTP/1.1", "/ | $remote_addr | unix:", "/ | $status$body_bytes_sent | 0000",
        "/ | plain | plain", "/ | ${header_user_agent}$header_referer | agent"})
    void template(String target, String text, String expected) {
        assertEquals(expected + " " + target.replaceAll("\\?.*", ""),
            Site.steps("{'action': {'text': '" + text + "'}}").get(target, "Host: H.x:1", "X-Y: 1", "X-Y: 2",
                "Cookie: b=1; c=3; c=4", "User-Agent: agent"));
    }

    @Test
    void timesAndIdentity() {
        Site site = Site.steps("{'action': {'text': '$request_id $request_id $request_time $time_local'}}");
        String text = site.get("/");
        assertTrue(text.matches("([0-9a-f]{32}) \\1 0\\.\\d{3} \\d\\d/[A-Z][a-z]{2}/\\d{4}(:\\d\\d){3} [+-]\\d{4} /"),
            text);
    }

    @Test
    void stepsAndPasses() {
        Site site = new Site("{'listeners': {'*:80': {'pass': 'routes/main'}}, 'routes': {"
            + "'main': [{'match': {'uri': '/one'}, 'action': {'text': '1'}},"
            + " {'match': {'uri': '/app'}, 'action': {'pass': 'applications/a%2Fb/t'}},"
            + " {'match': {'uri': '/loop'}, 'action': {'pass': 'routes/loop'}},"
            + " {'match': {'uri': '/empty'}, 'action': {'pass': 'routes/empty'}},"
            + " {'match': {'uri': '/to/*'}, 'action': {'pass': '$arg_where'}},"
            + " {'match': {'uri': '/re/*'}, 'action': {'rewrite': '/x%20$arg_to/../y?z', 'pass': 'routes/after'}},"
            + " {'match': {'uri': '/bad'}, 'action': {'rewrite': '/../x', 'text': 'n'}}],"
            + "'loop': [{'action': {'pass': 'routes/loop'}}], 'empty': [],"
            + "'after': [{'match': {'uri': '/y'}, 'action': {'text': 'after$request_uri?$arg_to'}}]}}");
        assertEquals("1 /one", site.get("/one"));
        assertEquals("app a/b/t /app", site.get("/app"));
        assertEquals("500", site.get("/loop"));
        assertEquals("404", site.get("/empty"));
        assertEquals("404", site.get("/none"));
        assertEquals("app x /to/", site.get("/to/?where=applications/x"));
        assertEquals("404", site.get("/to/?where=applications/none"));
        assertEquals("404", site.get("/to/?where=nowhere"));
        assertEquals("404", site.get("/to/?where=routes"));
        assertEquals("1 /one", site.get("/one?"));
        assertEquals("after/re/?to=q?q /y", site.get("/re/?to=q"));
        assertEquals("500", site.get("/bad"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"^/(a|aa)+$; 6000", "^/(.*a){12}$; 40"})
    void expressionsThatTakeTooLongAreGivenUp(String regex, int length) {
        Site site = new Site("{'settings': {'http': {'large_header_buffer_size': 1000000}}, 'listeners': {'*:80': "
            + "{'pass': 'routes'}}, 'routes': [{'match': {'uri': '~" + regex + "'}, 'action': {'text': 'a'}}]}");
        assertEquals("500", site.get("/" + "a".repeat(length) + "!"));
        assertEquals(List.of("error \"routes/0\" could not be matched: the regular expression \"" + regex
            + "\" takes too many steps for " + (length + 2) + " bytes"), site.lines());
    }

    static Stream<String[]> errors() {
        return Stream.of(new String[][] {
            {"{'match': {'uri': 'a**'}, 'action': {'text': ''}}", "/routes/0/match/uri",
                "The \"match\" pattern must not contain double \"*\" markers."},
            {"{'match': {'uri': '%zz'}, 'action': {'text': ''}}", "/routes/0/match/uri",
                "The \"match\" pattern for \"uri\" is encoded but is invalid."},
            {"{'match': {'uri': ['a', '~(']}, 'action': {'text': ''}}", "/routes/0/match/uri/1",
                "Invalid regular expression: Unclosed group at offset 1"},
            {"{'match': {'arguments': {'a': '%zz'}}, 'action': {'text': ''}}", "/routes/0/match/arguments/a",
                "The \"match\" pattern for \"arguments\" is encoded but is invalid."},
            {"{'match': {'arguments': {'': 'a'}}, 'action': {'text': ''}}", "/routes/0/match/arguments",
                "The \"match\" pattern objects must not contain empty member names."},
            {"{'match': {'color': 'a'}, 'action': {'text': ''}}", "/routes/0/match", "Unknown parameter \"color\"."},
            {"{'match': {'source': 'x'}, 'action': {'text': ''}}", "/routes/0/match/source",
                "The \"address\" is too short."},
            {"{'match': {}}", "/routes/0", "A route step must have the \"action\" object."},
            {"{'action': {}}", "/routes/0/action", "The \"action\" object must have either \"pass\", \"return\", "
                    + "\"share\", \"proxy\", or \"text\" option set."},
            {"{'action': {'pass': 'routes', 'return': 1}}", "/routes/0/action",
                "The \"action\" object must have just one "
                    + "of \"pass\", \"return\", \"share\", \"proxy\", or \"text\" options set."},
            {"{'action': {'proxy': 'http://127.0.0.1'}}", "/routes/0/action/proxy",
                "No installed bundle supports \"proxy\"."},
            {"{'action': {'pass': 'routes/x'}}", "/routes/0/action/pass",
                "Request \"pass\" points to invalid location \"routes/x\"."},
            {"{'action': {'pass': 'a/b/c/d'}}", "/routes/0/action/pass",
                "Request \"pass\" value \"a/b/c/d\" is invalid."},
            {"{'action': {'pass': 'applications/none'}}", "/routes/0/action/pass",
                "Request \"pass\" points to invalid location \"applications/none\"."},
            {"{'action': {'text': '$x1'}}", "/routes/0/action/text", "Unknown variable \"x\" in the \"text\" value."},
            {"{'action': {'text': 'a$'}}", "/routes/0/action/text",
                "Invalid variable at position 1 in the \"text\" value."},
            {"{'action': {'text': '${uri'}}", "/routes/0/action/text",
                "Invalid variable at position 0 in the \"text\" value."},
            {"{'action': {'text': '`a`'}}", "/routes/0/action/text",
                "JavaScript templates are not supported in the \"text\" value."},
            {"{'action': {'text': 'a', 'color': 1}}", "/routes/0/action/color",
                "No installed bundle supports \"color\"."},
        });
    }

    @ParameterizedTest
    @MethodSource("errors")
    void error(String step, String pointer, String reason) {
        RouteException e = assertThrows(RouteException.class, () -> Site.steps(step));
        assertEquals(reason, e.getMessage());
        assertEquals(pointer, e.pointer());
    }

    @Test
    void unsupportedListenerOptionsAreRefused() {
        RouteException e = assertThrows(RouteException.class, () -> new Site(
            "{'listeners': {'*:80': {'pass': 'routes', 'forwarded': {'source': []}}}, 'routes': []}"));
        assertEquals("/listeners/*:80/forwarded", e.pointer());
        assertEquals("No installed bundle supports \"forwarded\".", e.getMessage());
    }
}
