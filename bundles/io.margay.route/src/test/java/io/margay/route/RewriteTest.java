// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Percent;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rewritten paths, encoded locations, steps and what is written about them: spec/routing.md §3, §5, http.md §13. */
class RewriteTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # rewrite            | target         | path, raw target, argument a
        /x                   | /a             | /x /a -
        /x                   | /a?a=1         | /x /a?a=1 -1
        /x$uri               | /a             | /x/a /a -
        $uri.html            | /a             | /a.html /a -
        # a value is read like a target
        /x/../y              | /a             | /y /a -
        /x//y                | /a             | /x/y /a -
        /./x                 | /a             | /x /a -
        /x/..                | /a             | / /a -
        /%41                 | /a             | /A /a -
        /%2541               | /a             | /%41 /a -
        /a b                 | /a             | /a b /a -
        # its query and fragment are dropped, those of the request stay
        /x?a=2               | /a?a=1         | /x /a?a=1 -1
        /x?a=2               | /a             | /x /a -
        /x#y                 | /a?a=1         | /x /a?a=1 -1
        /x?                  | /a             | /x /a -
        # what a request brings is read again
        /$arg_a              | /?a=x          | /x /?a=x -x
        /$arg_a              | /?a=%2541      | /A /?a=%2541 -%41
        /$arg_a              | /?a=..%2Fy     | 500
        /d/$arg_a            | /?a=..%2Fy     | /y /?a=..%2Fy -../y
        /$arg_a              | /?a=b%3Fc      | /b /?a=b%3Fc -b?c
        # an empty one gives an empty path
        $arg_x               | /a             | ` /a -`
        `x`                  | /a             | x /a -
        # what cannot be one
        /..                  | /a             | 500
        /x/../../y           | /a             | 500
        /%                   | /a             | 500
        /%zz                 | /a             | 500
        /%00                 | /a             | 500
        /$arg_a              | /?a=%00        | 500
        /$arg_a              | /?a=%0A        | 500
        /$arg_a              | /?a=%0D        | 500
        /$arg_a              | /?a=%25        | 500
        """)
    void rewritten(String rewrite, String target, String expected) {
        Site site = Site.steps("{'action': {'rewrite': '" + rewrite + "', 'text': '$request_uri -$arg_a|'}}");
        String answer = site.get(target);
        int bar = answer.indexOf("| ");
        // The action writes the path last.
        assertEquals(expected, bar < 0 ? answer : answer.substring(bar + 2) + " " + answer.substring(0, bar));
    }

    @Test
    void theStepsBehindSeeTheNewPath() {
        Site site = new Site("{'listeners': {'*:80': {'pass': 'routes/one'}}, 'routes': {"
            + "'one': [{'match': {'uri': '/a*'}, 'action': {'rewrite': '/new$uri', 'pass': 'routes/two'}},"
            + "{'action': {'pass': 'routes/two'}}],"
            + "'two': [{'match': {'uri': '/new/*'}, 'action': {'text': 'new'}}, {'action': {'text': 'old'}}]}}");
        assertEquals("new /new/abc", site.get("/abc"));
        assertEquals("old /b", site.get("/b"));
        // Once for each action that was chosen, in their order.
        Site twice = new Site("{'listeners': {'*:80': {'pass': 'routes/one'}}, 'routes': {"
            + "'one': [{'action': {'rewrite': '/1$uri', 'pass': 'routes/two'}}],"
            + "'two': [{'action': {'rewrite': '/2$uri', 'pass': 'routes/${arg_x}three'}}],"
            + "'three': [{'action': {'rewrite': '/3$uri', 'text': 't'}}]}}");
        assertEquals("t /3/2/1/a", twice.get("/a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "[]", "{}", "true"})
    void aRewriteIsAText(String value) {
        RouteException e = assertThrows(RouteException.class, () -> Site.steps("{'action': {'rewrite': " + value
            + ", 'text': ''}}"));
        assertEquals("The \"rewrite\" value must be a string.", e.getMessage());
        assertEquals("/routes/0/action/rewrite", e.pointer());
        assertEquals("a /", Site.steps("{'action': {'rewrite': null, 'text': 'a'}}").get("/"));
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, true", "255, true", "256, true", "257, false", "300, false"})
    void hopsAreBounded(int hops, boolean good) {
        StringBuilder routes = new StringBuilder();
        for (int i = 1; i < hops; i++) {
            routes.append("'r").append(i).append("': [{'action': {'pass': 'routes/r").append(i + 1).append("'}}],");
        }
        routes.append("'r").append(hops).append("': [{'action': {'text': 'yes'}}]");
        Site site = new Site("{'listeners': {'*:80': {'pass': 'routes/r1'}}, 'routes': {" + routes + "}}");
        assertEquals(good ? "yes /" : "500", site.get("/"));
        assertEquals(good ? List.of() : List.of("error a request was passed on more than 256 times"), site.lines());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # raw              | as a path               | as a whole URI
        /                  | /                       | /
        /a/b.c-d_e~f       | /a/b.c-d_e~f            | /a/b.c-d_e~f
        /!$&'()*+,;=:@     | /!$&'()*+,;=:@          | /!$&'()*+,;=:@
        /[]                | /[]                     | /[]
        /a b               | /a%20b                  | /a%20b
        /"                 | /%22                    | /%22
        /<>                | /%3C%3E                 | /%3C%3E
        /\\^`{}            | /%5C%5E%60%7B%7D        | /%5C%5E%60%7B%7D
        /a%41              | /a%2541                 | /a%41
        /a%                | /a%25                   | /a%25
        /a%4               | /a%254                  | /a%254
        /a%zz              | /a%25zz                 | /a%25zz
        /a%41 b            | /a%2541%20b             | /a%2541%20b
        /a?b               | /a%3Fb                  | /a?b
        /a?b?c             | /a%3Fb%3Fc              | /a?b%3Fc
        /a#b               | /a%23b                  | /a#b
        /a#b#c             | /a%23b%23c              | /a#b%23c
        /a?b#c             | /a%3Fb%23c              | /a?b#c
        /a#b?c             | /a%23b%3Fc              | /a#b%3Fc
        /a?b c#d e         | /a%3Fb%20c%23d%20e      | /a?b%20c#d%20e
        http://h/a?b=c%20d | http://h/a%3Fb=c%2520d  | http://h/a?b=c%20d
        http://h/a b       | http://h/a%20b          | http://h/a%20b
        \u00e9             | %E9                     | %E9
        \u007f             | %7F                     | %7F
        %C3%A9             | %25C3%25A9              | %C3%A9
        """)
    void locations(String raw, String path, String uri) {
        AsciiString text = new AsciiString(raw.getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(path, UriEncoding.path(text).toString());
        assertEquals(uri, UriEncoding.uri(text).toString());
    }

    @Test
    void controlsAndNulAreEncodedEverywhere() {
        for (int c = 0; c < 0x21; c++) {
            for (String before : List.of("/", "/a?", "/a#", "/a?b#")) {
                AsciiString text = new AsciiString((before + (char) c + "z").getBytes(StandardCharsets.ISO_8859_1));
                String expected = before + String.format("%%%02Xz", c);
                assertEquals(expected, UriEncoding.uri(text).toString());
                assertTrue(UriEncoding.path(text).toString().endsWith(String.format("%%%02Xz", c)));
            }
        }
    }

    /** Decoding gives back what was encoded, and what is encoded stays. */
    @Test
    void encodingIsUndoneByDecoding() {
        Random random = new Random(8);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(20)];
            random.nextBytes(bytes);
            AsciiString text = new AsciiString(bytes, false);
            byte[] path = UriEncoding.path(text).toByteArray();
            int end = Percent.decode(path, 0, path.length, false, false);
            assertEquals(text, new AsciiString(path, 0, end, false));
            AsciiString uri = UriEncoding.uri(text);
            assertEquals(uri, UriEncoding.uri(uri), "it is encoded already");
            AsciiString view = new AsciiString(text.concat("%zz ").toByteArray(), 0, bytes.length, false);
            assertEquals(uri, UriEncoding.uri(view), "nothing behind a view counts");
        }
    }

    @Test
    void routingIsLoggedWhenAskedFor() {
        Site site = new Site("{'settings': {'http': {'log_route': true}}, 'listeners': {'*:80': {'pass': "
            + "'routes/main'}}, 'routes': {'main': [{'match': {'uri': '/x'}, 'action': {'text': 'x'}},"
            + "{'match': {'uri': '/r'}, 'action': {'rewrite': '/new', 'pass': 'routes/a%2Fb'}}],"
            + "'a/b': [{'action': {'text': 'end'}}]}}");
        site.get("/x");
        assertEquals(List.of("notice http request line \"GET /x HTTP/1.1\"", "notice \"routes/main/0\" selected"),
            site.lines());
        site.lines().clear();
        site.get("/r?q");
        assertEquals(List.of("notice http request line \"GET /r?q HTTP/1.1\"", "info \"routes/main/0\" discarded",
            "notice \"routes/main/1\" selected", "notice URI rewritten to \"/new\"",
            "notice \"routes/a/b/0\" selected"), site.lines());
        site.lines().clear();
        assertEquals("404", site.get("/none"));
        assertEquals(List.of("notice http request line \"GET /none HTTP/1.1\"", "info \"routes/main/0\" discarded",
            "info \"routes/main/1\" discarded"), site.lines());
    }

    @Test
    void theOnlyRouteIsNamedWithoutAName() {
        Site site = new Site("{'settings': {'http': {'log_route': true}}, 'listeners': {'*:80': {'pass': 'routes'}}, "
            + "'routes': [{'match': {'uri': '/x'}, 'action': {'text': 'x'}}]}");
        site.get("/y");
        assertEquals("info \"routes/0\" discarded", site.lines().getLast());
        Site silent = Site.steps("{'action': {'text': 'x'}}");
        silent.get("/");
        assertEquals(List.of(), silent.lines());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'*:80': {'pass': 'routes'}}                        | []            | 404
        {'*:80': {'pass': 'routes/a'}}                      | {'a': []}     | 404
        {'*:80': {'pass': 'applications/x'}}                | []            | app x /
        {'*:80': {'pass': 'applications/x/y'}}              | []            | app x/y /
        {'*:80': {'application': 'x'}}                      | []            | app x /
        {'*:80': {'pass': 'applications/y', 'application': 'x'}} | []       | app y /
        {'*:80': {'pass': 'applications/y', 'application': null}} | []      | app y /
        """)
    void listeners(String listeners, String routes, String answer) {
        assertEquals(answer, new Site("{'listeners': " + listeners + ", 'routes': " + routes + "}").get("/"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'*:80': {}}                             | /listeners/*:80             | The listener must have the "pass" \
        option set.
        {'*:80': {'pass': null}}                 | /listeners/*:80             | The listener must have the "pass" \
        option set.
        {'*:80': 5}                              | /listeners/*:80             | The "*:80" value must be an object.
        {'*:80': {'pass': 5}}                    | /listeners/*:80/pass        | The "pass" value must be a string.
        {'*:80': {'application': 'none'}}        | /listeners/*:80/application | Listening socket is assigned for a \
        non existing application "none".
        {'*:80': {'pass': 'routes/none'}}        | /listeners/*:80/pass        | Request "pass" points to invalid \
        location "routes/none".
        {'*:80': {'pass': 'x'}}                  | /listeners/*:80/pass        | Request "pass" value "x" is invalid.
        {'*:80': {'pass': 'upstreams/u'}}        | /listeners/*:80/pass        | No installed bundle supports \
        "upstreams".
        """)
    void wrongListeners(String listeners, String pointer, String reason) {
        RouteException e = assertThrows(RouteException.class, () -> new Site("{'listeners': " + listeners + "}"));
        assertEquals(reason, e.getMessage());
        assertEquals(pointer, e.pointer());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'a': {}}                                | /routes/a           | A route must be an array of steps.
        {'a': [5]}                               | /routes/a/0         | A route step must be an object.
        [5]                                      | /routes/0           | A route step must be an object.
        [{}]                                     | /routes/0           | A route step must have the "action" object.
        [{'action': 5}]                          | /routes/0           | A route step must have the "action" object.
        [{'action': null}]                       | /routes/0           | A route step must have the "action" object.
        [{'action': {'text': 'a'}, 'x': 1}]      | /routes/0/x         | No installed bundle supports "x".
        [{'action': {'pass': 5}}]                | /routes/0/action/pass | The "pass" value must be a string.
        [{'action': {'return': 200}}]            | /routes/0/action/return | No installed bundle supports "return".
        [{'action': {'share': '/'}}]             | /routes/0/action/share | No installed bundle supports "share".
        """)
    void wrongRoutes(String routes, String pointer, String reason) {
        RouteException e = assertThrows(RouteException.class, () -> new Site("{'routes': " + routes + "}"));
        assertEquals(reason, e.getMessage());
        assertEquals(pointer, e.pointer());
    }
}
