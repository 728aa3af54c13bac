// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns for texts: spec/routing.md §4 and §4.1. Cells of requests: fields end at {@code ~}. */
class PatternTableTest {

    /** Whether a route with this match is taken. */
    static boolean taken(String match, String method, String target, String fields) {
        String answer = Site.steps("{'match': {" + match + "}, 'action': {'text': 'yes'}}")
            .request(method, target, fields == null ? new String[0] : fields.split("~"));
        assertTrue(answer.startsWith("yes ") || answer.equals("404"), answer);
        return !answer.equals("404");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
        # pattern         ; path            ; taken
        # equality, with case
        '/'               ; /               ; true
        '/'               ; /a              ; false
        '/a'              ; /a              ; true
        '/a'              ; /A              ; false
        '/a'              ; /a/             ; false
        '/a'              ; /ab             ; false
        '/a'              ; /               ; false
        ''                ; /               ; false
        '/a'              ; /a?b            ; true
        '/a'              ; /a#b            ; true
        '/a'              ; /b/../a         ; true
        '/a'              ; //a             ; true
        '/a/'             ; /a/.            ; true
        '/a'              ; /%61            ; true
        # one run of any bytes
        '*'               ; /               ; true
        '*'               ; /a/b            ; true
        '/*'              ; /               ; true
        '/*'              ; /a/b            ; true
        '*/'              ; /               ; true
        '*/'              ; /a/             ; true
        '*/'              ; /a              ; false
        '/a*'             ; /a              ; true
        '/a*'             ; /abc            ; true
        '/a*'             ; /a/b            ; true
        '/a*'             ; /b              ; false
        '*.php'           ; /x.php          ; true
        '*.php'           ; /.php           ; true
        '*.php'           ; /x.PHP          ; false
        '*.php'           ; /x.php/         ; false
        '/a*b'            ; /ab             ; true
        '/a*b'            ; /axxb           ; true
        '/a*b'            ; /a              ; false
        '/a*a'            ; /a              ; false
        '/a*a'            ; /aa             ; true
        '/aa*aa'          ; /aaa            ; false
        '/aa*aa'          ; /aaaa           ; true
        # several of them, in their order and without overlap
        '*a*'             ; /a              ; true
        '*a*'             ; /b              ; false
        '*a*b*'           ; /ab             ; true
        '*a*b*'           ; /xaxbx          ; true
        '*a*b*'           ; /ba             ; false
        '*ab*ab*'         ; /ab             ; false
        '*ab*ab*'         ; /abab           ; true
        '*aba*aba*'       ; /ababa          ; false
        '/a*b*c'          ; /abc            ; true
        '/a*b*c'          ; /axbxc          ; true
        '/a*b*c'          ; /acb            ; false
        '/a*c*c'          ; /ac             ; false
        '/*/*/*'          ; /a/b/c          ; true
        '/*/*/*'          ; /a/b            ; false
        '/*/b/*'          ; /a/b/           ; true
        # negation
        '!/a'             ; /a              ; false
        '!/a'             ; /b              ; true
        '!'               ; /               ; true
        '!*'              ; /               ; false
        '!/a*'            ; /abc            ; false
        '!/a*'            ; /b              ; true
        '!!/a'            ; /a              ; true
        # percent sequences; what they stand for is no marker
        '/%61'            ; /a              ; true
        '/%41'            ; /a              ; false
        '/%2A'            ; /*              ; true
        '/%2A'            ; /b              ; false
        '/%2A*'           ; /*b             ; true
        '%21*'            ; /               ; false
        '/%21'            ; /!              ; true
        '/%7Ea'           ; /~a             ; true
        '/%25'            ; /%25            ; true
        '/%2541'          ; /%2541          ; true
        '/%2541'          ; /A              ; false
        '/a%2Fb'          ; /a/b            ; true
        '/a%20b'          ; /a%20b          ; true
        '/a b'            ; /a%20b          ; true
        '/a+b'            ; /a+b            ; true
        '/a+b'            ; /a%20b          ; false
        '/%3F'            ; /%3F            ; true
        '/%C3%A9'         ; /%C3%A9         ; true
        '/%E9'            ; /%E9            ; true
        '/%E9'            ; /%C3%A9         ; false
        # expressions: searched anywhere, with case, in the decoded path
        '~'               ; /               ; true
        '~a'              ; /xax            ; true
        '~a'              ; /A              ; false
        '~^a'             ; /a              ; false
        '~^/a$'           ; /a              ; true
        '~^/a$'           ; /ab             ; false
        '~(?i)a'          ; /A              ; true
        '~^/[0-9]{2,3}$'  ; /123            ; true
        '~^/[0-9]{2,3}$'  ; /1234           ; false
        '~^/(a|b)+$'      ; /abba           ; true
        '~^/(a|b)+$'      ; /abc            ; false
        '~\\\\.(jpg|png)$' ; /x.png         ; true
        '~\\\\.(jpg|png)$' ; /xpng          ; false
        '~^/[[:digit:]]+$' ; /12            ; true
        '~^/[^[:digit:]]+$' ; /12           ; false
        '~^/[[:upper:]][[:lower:]]$' ; /Ab  ; true
        '~(?P<x>..)(?P=x)' ; /abab          ; true
        '~(?P<x>..)(?P=x)' ; /abba          ; false
        '~%61'            ; /a              ; false
        '~%61'            ; /%2561          ; true
        '~ '              ; /a%20b          ; true
        '~\\\\?'          ; /%3F            ; true
        '~a**'            ; /               ; error
        '!~a'             ; /a              ; false
        '!~a'             ; /b              ; true
        '!~'              ; /               ; false
        # arrays
        []                ; /               ; true
        ['/a']            ; /a              ; true
        ['/a', '/b']      ; /b              ; true
        ['/a', '/b']      ; /c              ; false
        ['!/a']           ; /b              ; true
        ['!/a']           ; /a              ; false
        ['!/a', '!/b']    ; /c              ; true
        ['!/a', '!/b']    ; /b              ; false
        ['/*', '!/a']     ; /a              ; false
        ['!/a', '/*']     ; /a              ; false
        ['!/a', '/*']     ; /b              ; true
        ['!/a', '/b']     ; /c              ; false
        ['~a', '!~b']     ; /a              ; true
        ['~a', '!~b']     ; /ab             ; false
        ['', '/']         ; /               ; true
        """)
    void uri(String pattern, String target, String expected) {
        if (expected.equals("error")) {
            org.junit.jupiter.api.Assertions.assertThrows(RouteException.class,
                () -> taken("'uri': " + pattern, "GET", target, null));
        } else {
            assertEquals(Boolean.parseBoolean(expected), taken("'uri': " + pattern, "GET", target, null));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
        # host: the pattern is folded to lower case, the value is without port and last dot
        'host': 'a.b'           ; GET  ; /  ; Host: a.b             ; true
        'host': 'a.b'           ; GET  ; /  ; Host: A.B             ; true
        'host': 'A.B'           ; GET  ; /  ; Host: a.b             ; true
        'host': 'a.b'           ; GET  ; /  ; Host: a.b:8080        ; true
        'host': 'a.b:8080'      ; GET  ; /  ; Host: a.b:8080        ; false
        'host': 'a.b'           ; GET  ; /  ; Host: a.b.            ; true
        'host': 'a.b.'          ; GET  ; /  ; Host: a.b.            ; false
        'host': 'a.b'           ; GET  ; /  ; Host: a.b.:80         ; true
        'host': '*.b'           ; GET  ; /  ; Host: x.a.b           ; true
        'host': '*.b'           ; GET  ; /  ; Host: b               ; false
        'host': 'a.*'           ; GET  ; /  ; Host: a.com           ; true
        'host': '[::1]'         ; GET  ; /  ; Host: [::1]:80        ; true
        'host': '[::1]'         ; GET  ; /  ; Host: [::1]           ; true
        'host': ''              ; GET  ; /  ;                       ; true
        'host': ''              ; GET  ; /  ; Host:                 ; true
        'host': '!'             ; GET  ; /  ;                       ; false
        'host': '!a'            ; GET  ; /  ;                       ; true
        'host': '%61'           ; GET  ; /  ; Host: a               ; false
        'host': '~^a'           ; GET  ; /  ; Host: A.b             ; true
        'host': '~^A'           ; GET  ; /  ; Host: A.b             ; false
        'host': ['a', '*.c']    ; GET  ; /  ; Host: x.c             ; true
        'host': []              ; GET  ; /  ; Host: x               ; true
        # method: the pattern is folded to upper case
        'method': 'GET'         ; GET  ; /  ;                       ; true
        'method': 'get'         ; GET  ; /  ;                       ; true
        'method': 'GET'         ; POST ; /  ;                       ; false
        'method': 'P*'          ; PUT  ; /  ;                       ; true
        'method': 'p*t'         ; POST ; /  ;                       ; true
        'method': '!GET'        ; PUT  ; /  ;                       ; true
        'method': ''            ; GET  ; /  ;                       ; false
        'method': '~^G'         ; GET  ; /  ;                       ; true
        'method': '~^g'         ; GET  ; /  ;                       ; false
        'method': 'X-Y_Z'       ; X-Y_Z ; / ;                       ; true
        'method': ['!GET', '!PUT'] ; POST ; / ;                     ; true
        # scheme
        'scheme': 'http'        ; GET  ; /  ;                       ; true
        'scheme': 'HTTP'        ; GET  ; /  ;                       ; true
        'scheme': 'https'       ; GET  ; /  ;                       ; false
        # query: decoded as a whole, a plus is a blank in both
        'query': 'a=b'          ; GET  ; /?a=b        ;             ; true
        'query': 'a=b'          ; GET  ; /?a=b&c      ;             ; false
        'query': 'a=b&c=d'      ; GET  ; /?a=b&c=d    ;             ; true
        'query': 'A=b'          ; GET  ; /?a=b        ;             ; false
        'query': 'a b'          ; GET  ; /?a+b        ;             ; true
        'query': 'a b'          ; GET  ; /?a%20b      ;             ; true
        'query': 'a+b'          ; GET  ; /?a%20b      ;             ; true
        'query': 'a%2Bb'        ; GET  ; /?a%2Bb      ;             ; true
        'query': 'a%2Bb'        ; GET  ; /?a+b        ;             ; false
        'query': 'a%26b'        ; GET  ; /?a&b        ;             ; true
        'query': '%25'          ; GET  ; /?%25        ;             ; true
        'query': '%25'          ; GET  ; /?%          ;             ; true
        'query': '%25zz'        ; GET  ; /?%zz        ;             ; true
        'query': ''             ; GET  ; /            ;             ; true
        'query': ''             ; GET  ; /?           ;             ; true
        'query': ''             ; GET  ; /?#a         ;             ; true
        'query': '!'            ; GET  ; /?a          ;             ; true
        'query': '*b*'          ; GET  ; /?abc        ;             ; true
        'query': '~^a=[0-9]+$'  ; GET  ; /?a=12       ;             ; true
        'query': '~^a=[0-9]+$'  ; GET  ; /?a=%31%32   ;             ; true
        'query': '~ '           ; GET  ; /?a+b        ;             ; true
        'query': 'a?b'          ; GET  ; /?a?b        ;             ; true
        'query': 'a'            ; GET  ; /?a#b        ;             ; true
        # all that a match has must hold
        'uri': '/', 'method': 'GET'              ; GET ; /   ;         ; true
        'uri': '/', 'method': 'PUT'              ; GET ; /   ;         ; false
        'uri': '/', 'host': 'a', 'query': 'b'    ; GET ; /?b ; Host: a ; true
        'uri': '/', 'host': 'a', 'query': 'c'    ; GET ; /?b ; Host: a ; false
        'uri': [], 'host': [], 'query': [], 'method': [] ; GET ; / ;   ; true
        'uri': null             ; GET  ; /            ;             ; true
        ``                      ; GET  ; /            ;             ; true
        """)
    void properties(String match, String method, String target, String fields, boolean expected) {
        assertEquals(expected, taken(match, method, target, fields));
    }

    private static TextMatch compile(String... patterns) {
        return Patterns.compile(new ConfArray(List.of(patterns).stream().map(ConfString::new)
            .map(io.margay.conf.Conf.class::cast).toList()), TextPattern.Form.EXACT, "x", ConfPointer.ROOT);
    }

    private static AsciiString latin(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Wildcards against an expression of the class library, on texts of few letters. */
    @Test
    void wildcardsAgreeWithExpressions() {
        Random random = new Random(3);
        int hits = 0;
        for (int i = 0; i < 50_000; i++) {
            StringBuilder pattern = new StringBuilder();
            for (int n = random.nextInt(6); n > 0; n--) {
                pattern.append("ab*".charAt(random.nextInt(3)));
            }
            String text = pattern.toString().replaceAll("\\*+", "*");
            StringBuilder value = new StringBuilder();
            for (int n = random.nextInt(7); n > 0; n--) {
                value.append("ab".charAt(random.nextInt(2)));
            }
            boolean expected = Pattern.matches(text.replace("*", ".*"), value);
            hits += expected ? 1 : 0;
            assertEquals(expected, compile(text).test(latin(value.toString())), () -> text + " " + value);
            assertEquals(!expected, compile("!" + text).test(latin(value.toString())), () -> "!" + text + " " + value);
        }
        assertTrue(hits > 5_000 && hits < 45_000, "hits: " + hits);
    }

    /** Values are views of a request: what stands around them does not count. */
    @Test
    void onlyTheValueIsLookedAt() {
        AsciiString view = new AsciiString(latin("xxabxx").array(), 2, 2, false);
        assertTrue(compile("ab").test(view));
        assertTrue(compile("a*").test(view));
        assertTrue(compile("*b").test(view));
        assertTrue(!compile("x*").test(view) && !compile("*x*").test(view) && !compile("abx*").test(view));
        assertTrue(compile("~^ab$").test(view));
        assertTrue(!compile("~x").test(view));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00e9", "\u20ac", "\ud83d\ude00", "\udcff", "\udce9\udc80", "a\udcffb"})
    void bytesAreComparedNotCharacters(String text) {
        AsciiString value = new AsciiString(io.margay.conf.ConfText.encode(text), false);
        assertTrue(compile(text).test(value));
        assertTrue(compile("*" + text).test(value));
        assertTrue(compile(text + "*").test(value));
        assertTrue(compile("~^" + text + "$").test(value), "as an expression");
        assertTrue(!compile("!~" + text).test(value));
        assertTrue(compile("~^.{" + value.length() + "}$").test(value), "a dot is a byte");
    }

    /** The border of steps lies beyond what sensible expressions need on the longest of targets. */
    @ParameterizedTest
    @ValueSource(strings = {"^/[a-z/]+$", "^/([^/]+/)*[^/]*$", "a", "a$", "^/.*/.*/"})
    void sensibleExpressionsMatchLongValues(String regex) {
        assertTrue(compile("~" + regex).test(latin("/" + "a".repeat(4_000) + "/" + "b".repeat(3_000) + "/")
            .concat("a")));
    }

    /** By steps and not by time, so that a busy machine is no reason; without a bound they would take years. */
    @ParameterizedTest
    @Timeout(60)
    @ValueSource(strings = {"^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$"})
    void othersAreGivenUpBeforeTheyBlockALoop(String regex) {
        AsciiString value = latin((regex.contains("x") ? "x" : "a").repeat(3_000) + "!");
        TextMatch match = compile("~" + regex);
        MatchLimitException refusal = assertThrows(MatchLimitException.class, () -> match.test(value));
        assertTrue(refusal.getMessage().contains("takes too many steps for 3001 bytes"), refusal.getMessage());
        assertTrue(refusal.getStackTrace().length == 0, "requests cause it");
    }
}
