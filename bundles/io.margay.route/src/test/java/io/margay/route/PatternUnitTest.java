// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfPointer;
import io.margay.route.TextPattern.Form;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Patterns and what they are compared with, byte by byte ({@code spec/routing.md §4.1}). */
class PatternUnitTest {

    /** A value that stands in the middle of others, as those of requests do. */
    private static AsciiString view(String text) {
        byte[] a = ("%4*" + text + "*1%").getBytes(StandardCharsets.ISO_8859_1);
        return new AsciiString(a, 3, text.length(), false);
    }

    private static String text(AsciiString value) {
        return Bytes.latin(value);
    }

    /** With a line for each space. */
    private static String shown(AsciiString value) {
        return text(value).replace(' ', '_');
    }

    private static TextPattern pattern(String text, Form form) {
        return TextPattern.wildcards(Bytes.of(text), form).orElseThrow();
    }

    static IntStream everyByte() {
        return IntStream.range(0, 256);
    }

    // ---- decoding -----------------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        ''        | ''    | ''    | ''
        abc       | abc   | abc   | abc
        a+b       | a+b   | a_b   | a_b
        +         | +     | _     | _
        %41       | A     | A     | A
        %2b       | +     | +     | +
        %2B+      | ++    | +_    | +_
        %25       | %     | %     | %
        %2541     | %41   | %41   | %41
        %         | -     | -     | %
        %4        | -     | -     | %4
        a%        | -     | -     | a%
        %4g       | -     | -     | %4g
        %g4       | -     | -     | %g4
        %%41      | -     | -     | %A
        %41%      | -     | -     | A%
        a+%zz+b   | -     | -     | a_%zz_b
        %C3%a9    | \u00c3\u00a9 | \u00c3\u00a9 | \u00c3\u00a9
        \u00ff%ff | \u00ff\u00ff | \u00ff\u00ff | \u00ff\u00ff
        """)
    void percentForms(String in, String plain, String plus, String kept) {
        assertEquals(Optional.ofNullable(plain), Bytes.decode(view(in), false).map(PatternUnitTest::shown));
        assertEquals(Optional.ofNullable(plus), Bytes.decode(view(in), true).map(PatternUnitTest::shown));
        assertEquals(kept, shown(Bytes.decodeOrKeep(view(in))));
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void everyByteCanBeEncoded(int c) {
        String wanted = "a" + (char) c + "b";
        for (String hex : new String[] {String.format("%02x", c), String.format("%02X", c)}) {
            assertEquals(wanted, text(Bytes.decode(view("a%" + hex + "b"), false).orElseThrow()));
            assertEquals(wanted, text(Bytes.decodeOrKeep(view("a%" + hex + "b"))));
        }
        if (c != '%' && c != '+') {
            AsciiString plain = view(wanted);
            assertSame(plain, Bytes.decodeOrKeep(plain), "nothing to decode, nothing to copy");
        }
        boolean hex = Character.digit(c, 16) >= 0 && c < 0x80;
        assertEquals(hex, Bytes.decode(view("%4" + (char) c), false).isPresent());
        assertEquals(hex, Bytes.decode(view("%" + (char) c + "4"), false).isPresent());
    }

    @Test
    void aSequenceDoesNotReachBeyondItsView() {
        byte[] a = "%41".getBytes(StandardCharsets.US_ASCII);
        for (int end = 1; end < 3; end++) {
            AsciiString cut = new AsciiString(a, 0, end, false);
            assertEquals(Optional.empty(), Bytes.decode(cut, false));
            assertEquals("%4".substring(0, end), text(Bytes.decodeOrKeep(cut)));
        }
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void onlyAsciiLettersAreFolded(int c) {
        int wanted = c >= 'A' && c <= 'Z' ? c + 32 : c;
        assertEquals((byte) wanted, Bytes.lower((byte) c));
    }

    // ---- literal patterns ---------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''       | ''        | true
        ''       | a         | false
        a        | a         | true
        a        | A         | false
        a        | ab        | false
        a        | ''        | false
        *        | ''        | true
        *        | anything  | true
        a*       | a         | true
        a*       | ab        | true
        a*       | ba        | false
        *a       | a         | true
        *a       | ba        | true
        *a       | ab        | false
        a*a      | a         | false
        a*a      | aa        | true
        a*a      | aba       | true
        ab*ba    | aba       | false
        ab*ba    | abba      | true
        *a*      | ''        | false
        *a*      | bab       | true
        *ab*     | aab       | true
        a*b*c    | abc       | true
        a*b*c    | aXbYc     | true
        a*b*c    | ac        | false
        a*b*c    | acb       | false
        a*bb*c   | abc       | false
        a*bb*c   | abbc      | true
        *a*a*    | a         | false
        *a*a*    | aa        | true
        *ab*ab*  | aab       | false
        *ab*ab*  | abab      | true
        *aab*    | aaab      | true
        a*b*b    | ab        | false
        a*b*b    | abb       | true
        """)
    void wildcards(String pattern, String value, boolean hit) {
        for (Form form : new Form[] {Form.EXACT, Form.URI, Form.QUERY}) {
            assertEquals(hit, pattern(pattern, form).hits(view(value)), form + " of " + pattern);
        }
        // Without letter case the same holds for all spellings.
        boolean folded = hit || pattern.equals("a") && value.equals("A");
        assertEquals(folded, pattern(pattern.toUpperCase(Locale.ROOT), Form.ANY_CASE).hits(view(value)));
        assertEquals(folded, pattern(pattern, Form.ANY_CASE).hits(view(value.toUpperCase(Locale.ROOT))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        abc      | EXACT    | abc | abc
        aBc      | LOWER    | abc | abc
        aBc      | UPPER    | ABC | ABC
        aBc      | ANY_CASE | abc | abc
        a%42c    | EXACT    | a%42c | a%42c
        a%42c    | URI      | aBc | aBc
        a+c      | URI      | a+c | a+c
        a+c      | QUERY    | 'a c' | 'a c'
        %2A      | URI      | *   | *
        a*c      | EXACT    | -   | a
        *c       | EXACT    | -   | ''
        %61*     | URI      | -   | a
        *        | EXACT    | -   | ''
        ''       | EXACT    | ''  | ''
        """)
    void whatIsKnownOfTheirValues(String text, Form form, String exact, String prefix) {
        TextPattern pattern = pattern(text, form);
        assertEquals(Optional.ofNullable(exact), pattern.exact().map(PatternUnitTest::text));
        assertEquals(prefix, text(pattern.prefix()));
        if (exact != null) {
            assertTrue(pattern.hits(view(exact)));
        }
    }

    @ParameterizedTest
    @EnumSource(value = Form.class, names = {"URI", "QUERY"})
    void brokenEncodingIsNoPattern(Form form) {
        for (String text : new String[] {"%", "%4", "%zz", "a*%", "%4*1", "*%zz*"}) {
            assertEquals(Optional.empty(), TextPattern.wildcards(Bytes.of(text), form), text);
            assertTrue(TextPattern.wildcards(Bytes.of(text), Form.EXACT).isPresent(), text);
        }
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void everyByteStandsForItself(int c) {
        String value = "" + (char) c;
        TextPattern encoded = pattern(String.format("%%%02x", c), Form.URI);
        for (int other = 0; other < 256; other++) {
            assertEquals(c == other, encoded.hits(view("" + (char) other)), c + " and " + other);
        }
        TextPattern any = pattern("*%" + String.format("%02x", c) + "*", Form.QUERY);
        assertTrue(any.hits(view("xx" + value + "yy")));
        assertFalse(any.hits(view("")));
    }

    // ---- several ------------------------------------------------------

    private static TextMatch match(String patterns, Form form) {
        Conf value = Site.conf("{'p': " + patterns + "}").get("p").orElseThrow();
        return Patterns.compile(value, form, "test", ConfPointer.ROOT.child("p"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        'a'             | a | true
        'a'             | b | false
        '!a'            | a | false
        '!a'            | b | true
        '!'             | '' | false
        '!'             | a | true
        ''              | '' | true
        ''              | a | false
        []              | a | true
        []              | '' | true
        ['a', 'b']      | b | true
        ['a', 'b']      | c | false
        ['!a', '!b']    | c | true
        ['!a', '!b']    | b | false
        ['a*', '!ab']   | ab | false
        ['!ab', 'a*']   | ab | false
        ['!ab', 'a*']   | ac | true
        ['!ab', 'a*']   | b | false
        '~^a'           | abc | true
        '~^a'           | ba | false
        '!~^a'          | ba | true
        '!~^a'          | ab | false
        '~'             | x | true
        '!!a'           | '!a' | false
        '!!a'           | a | true
        '!~'            | x | false
        """)
    void combine(String patterns, String value, boolean hit) {
        assertEquals(hit, match(patterns.startsWith("[") ? patterns : "'" + patterns + "'", Form.EXACT)
            .test(view(value)));
    }

    @Test
    void theDecisiveOneIsKnown() {
        TextMatch match = match("['a', '!b', 'c*', '!d', '~e']", Form.EXACT);
        assertEquals("0 -1", match.positive(view("a")) + " " + match.negated(view("a")));
        assertEquals("-1 0", match.positive(view("b")) + " " + match.negated(view("b")));
        assertEquals("1 -1", match.positive(view("cx")) + " " + match.negated(view("cx")));
        assertEquals("-1 1", match.positive(view("d")) + " " + match.negated(view("d")));
        assertEquals("2 -1", match.positive(view("xey")) + " " + match.negated(view("xey")));
        assertEquals(3, match.positive().size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1             | /p   | The "match" pattern for "test" must be a string.
        true          | /p   | The "match" pattern for "test" must be a string.
        null          | /p   | The "match" pattern for "test" must be a string.
        {}            | /p   | The "match" pattern for "test" must be a string.
        ['a', 1]      | /p/1 | The "match" pattern for "test" must be a string.
        ['a', ['b']]  | /p/1 | The "match" pattern for "test" must be a string.
        'a**b'        | /p   | The "match" pattern must not contain double "*" markers.
        '!**'         | /p   | The "match" pattern must not contain double "*" markers.
        ['a', '**']   | /p/1 | The "match" pattern must not contain double "*" markers.
        '%zz'         | /p   | The "match" pattern for "test" is encoded but is invalid.
        ['a', '!%4']  | /p/1 | The "match" pattern for "test" is encoded but is invalid.
        '~%zz'        | /p   | The "match" pattern for "test" is encoded but is invalid.
        '~['          | /p   | Invalid regular expression: Unclosed character class at offset 0
        ['a', '~a(b'] | /p/1 | Invalid regular expression: Unclosed group at offset 3
        '!~*'         | /p   | Invalid regular expression: quantifier does not follow a repeatable item at offset 0
        """)
    void errorsHaveTheirPlace(String patterns, String pointer, String reason) {
        RouteException e = assertThrows(RouteException.class,
            () -> match(patterns.equals("''") ? "'!'" : patterns.startsWith("[") || patterns.startsWith("{")
                || !patterns.matches("[!~%a*].*") ? patterns : "'" + patterns + "'", Form.URI));
        assertEquals(reason, e.getMessage());
        assertEquals(pointer, e.pointer());
    }
}
