// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each byte that a client may send, through whole requests: in variables, in matches and in rewritten paths. */
class HostileBytesTest {
    private static final Site VARIABLES = Site.steps("{'action': {'text': "
        + "'$request_uri|$arg_a|$header_x|$cookie_c|$request_line|'}}");
    private static final Site REWRITTEN = Site.steps("{'action': {'rewrite': '/r/$arg_a', 'text': '|'}}");

    static IntStream everyByte() {
        return IntStream.range(0, 256);
    }

    private static boolean mayBeInValue(int c) {
        return c >= ' ' || c == '\t';
    }

    // ---- variables ----------------------------------------------------

    @ParameterizedTest
    @MethodSource("everyByte")
    void ofAField(int c) {
        String value = "v" + (char) c + "w";
        String answer = VARIABLES.get("/", "X: " + value);
        assertEquals(mayBeInValue(c) ? "/||" + value + "||GET / HTTP/1.1| /" : "400", answer,
            "a line ends there, and the next is no field");
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void ofACookie(int c) {
        String answer = VARIABLES.get("/", "Cookie: b=1; c=v" + (char) c + "w; d=2");
        String value = c == ';' ? "v" : "v" + (char) c + "w";
        assertEquals(mayBeInValue(c) ? "/|||" + value + "|GET / HTTP/1.1| /" : "400", answer,
            "a line ends there, and the next is no field");
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void ofATarget(int c) {
        String target = "/p?a=v" + (char) c + "w";
        String value = switch (c) {
            case '&', '#' -> "v";
            case '+' -> "v w";
            default -> "v" + (char) c + "w";
        };
        boolean bad = c == 0 || c == '\r' || c == '\n';
        assertEquals(bad ? "400" : target + "|" + value + "|||GET " + target + " HTTP/1.1| /p", VARIABLES.get(target));
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void ofAnEncodedArgument(int c) {
        for (String hex : new String[] {"%%%02x", "%%%02X"}) {
            String target = "/p?a=" + String.format(hex, c);
            assertEquals(target + "|" + (char) c + "|||GET " + target + " HTTP/1.1| /p", VARIABLES.get(target));
        }
    }

    // ---- paths --------------------------------------------------------

    @ParameterizedTest
    @MethodSource("everyByte")
    void ofAnEncodedPath(int c) {
        String target = "/a" + String.format("%%%02X", c) + "b";
        String path = c == '/' ? "/a/b" : "/a" + (char) c + "b";
        assertEquals(c == 0 ? "400" : target + "||||GET " + target + " HTTP/1.1| " + path, VARIABLES.get(target));
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void ofARewrittenPath(int c) {
        // What an argument brings is read as a target once more: its end, its query and its fragment as well.
        String answer = REWRITTEN.get("/?a=x" + String.format("%%%02X", c) + "y");
        String wanted = switch (c) {
            case 0, '\r', '\n', '%' -> "500";
            case '?', '#' -> "| /r/x";
            default -> "| /r/x" + (char) c + "y";
        };
        assertEquals(wanted, answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ../up            | /up
        ..               | /
        ../..            | 500
        .                | /r/
        ./x              | /r/x
        //x              | /r/x
        %2e%2e/up        | /up
        %252e%252e/up    | /up
        %25              | 500
        %2525            | /r/%
        x%3Fy            | /r/x
        x%23y            | /r/x
        """)
    void aRewriteIsReadAsATarget(String argument, String path) {
        String answer = REWRITTEN.get("/?a=" + argument);
        assertEquals(path.equals("500") ? "500" : "| " + path, answer);
    }

    // ---- matches ------------------------------------------------------

    private static final Site FIELD = Site.steps("{'match': {'headers': {'x': '*k*'}}, 'action': {'text': 'yes'}}");
    private static final Site COOKIE = Site.steps("{'match': {'cookies': {'x': 'k'}}, 'action': {'text': 'yes'}}");
    private static final Site ARGUMENT = Site.steps("{'match': {'arguments': {'x': '%6b'}}, 'action': "
        + "{'text': 'yes'}}");
    private static final Site PATH = Site.steps("{'match': {'uri': '/%6B'}, 'action': {'text': 'yes'}}");

    @ParameterizedTest
    @MethodSource("everyByte")
    void onlyAsciiLettersHaveTwoForms(int c) {
        boolean same = c == 'k';
        boolean folded = same || c == 'K';
        if (mayBeInValue(c)) {
            assertEquals(folded, FIELD.get("/", "X: a" + (char) c + "b").startsWith("yes"), "fields");
        }
        if (mayBeInValue(c) && c != ' ' && c != '\t') {
            assertEquals(same, COOKIE.get("/", "Cookie: x=" + (char) c).startsWith("yes"), "cookies");
        }
        String encoded = String.format("%%%02x", c);
        assertEquals(same, ARGUMENT.get("/?x=" + encoded).startsWith("yes"), "arguments");
        assertEquals(same, PATH.get("/" + encoded).startsWith("yes"), "paths");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 9, 100, 4000})
    void manyOfAName(int count) {
        Site all = Site.steps("{'match': {'arguments': {'a': ['x*', '!xx']}}, 'action': {'text': 'yes'}}");
        String good = "&a=x1".repeat(count / (count > 1000 ? 4 : 1));
        assertTrue(all.get("/?" + good.substring(1)).startsWith("yes"));
        assertEquals("404", all.get("/?" + good.substring(1) + "&a=xx"), "each of them must match");
        assertEquals("404", all.get("/?a=xx" + good));
        assertEquals("404", all.get("/?a" + good), "an empty value is one as well");
        assertTrue(all.get("/?A=xx&b=xx" + good).startsWith("yes"), "names have letter case");
    }

    @Test
    void aConfigurationMayHaveAnyBytes() {
        Site site = Site.steps("{'match': {'headers': {'x': '\u20ac*'}}, 'action': {'text': '\u00e9$header_x'}}");
        String euro = new String("\u20ac".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        String answer = site.get("/", "X: " + euro + "1");
        assertEquals("\u00c3\u00a9" + euro + "1 /", answer, "UTF-8 on both sides");
        assertEquals("404", site.get("/", "X: \u00801"));
    }
}
