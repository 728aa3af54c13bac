// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes as text without loss, percent sequences and the spelling of regular expressions. */
class ConfTextTest {

    /** Each byte that belongs to no well-formed sequence becomes DC00 and that byte. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # well-formed, with the borders of each length
        00          | 0
        41          | 41
        7f          | 7f
        c280        | 80
        dfbf        | 7ff
        e0a080      | 800
        ed9fbf      | d7ff
        ee8080      | e000
        efbfbf      | ffff
        f0908080    | 10000
        f48fbfbf    | 10ffff
        # bytes that begin nothing
        80          | dc80
        bf          | dcbf
        c0          | dcc0
        c1          | dcc1
        f5          | dcf5
        ff          | dcff
        # overlong forms
        c080        | dcc0 dc80
        c1bf        | dcc1 dcbf
        e08080      | dce0 dc80 dc80
        e09fbf      | dce0 dc9f dcbf
        f0808080    | dcf0 dc80 dc80 dc80
        f08fbfbf    | dcf0 dc8f dcbf dcbf
        # surrogates, and beyond the last code point
        eda080      | dced dca0 dc80
        edbfbf      | dced dcbf dcbf
        f4908080    | dcf4 dc90 dc80 dc80
        f7bfbfbf    | dcf7 dcbf dcbf dcbf
        # cut short, by the end or by another byte
        c2          | dcc2
        e0a0        | dce0 dca0
        f09080      | dcf0 dc90 dc80
        c241        | dcc2 41
        e0a041      | dce0 dca0 41
        f0908041    | dcf0 dc90 dc80 41
        c2c280      | dcc2 80
        e282c3a9    | dce2 dc82 e9
        # mixed
        61c3a962    | 61 e9 62
        61e962      | 61 dce9 62
        c3a9c3      | e9 dcc3
        """)
    void decoded(String hex, String points) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        String text = ConfText.decode(bytes);
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(point -> shown.append(shown.isEmpty() ? "" : " ").append(Integer.toHexString(point)));
        assertEquals(points, shown.toString());
        assertArrayEquals(bytes, ConfText.encode(text));
    }

    @Test
    void wellFormedTextIsThatOfTheClassLibrary() {
        Random random = new Random(3);
        for (int i = 0; i < 5_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(8); n > 0; n--) {
                int point = random.nextInt(random.nextBoolean() ? 0x110000 : 0x900);
                text.appendCodePoint(point >= 0xD800 && point <= 0xDFFF ? 0x20AC : point);
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            assertEquals(text.toString(), ConfText.decode(bytes));
            assertArrayEquals(bytes, ConfText.encode(text.toString()));
        }
    }

    @Test
    void anyBytesComeBack() {
        Random random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            assertArrayEquals(bytes, ConfText.encode(ConfText.decode(bytes)));
        }
    }

    @Test
    void rangesAreRanges() {
        byte[] bytes = "xx\u00e9yy".getBytes(StandardCharsets.UTF_8);
        assertEquals("\u00e9", ConfText.decode(bytes, 2, 4));
        assertEquals("\udcc3", ConfText.decode(bytes, 2, 3));
        assertEquals("\udca9y", ConfText.decode(bytes, 3, 5));
        assertEquals("", ConfText.decode(bytes, 2, 2));
        assertEquals("xx", ConfText.decode(bytes, 0, 2));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # cell | decoded | with + as a blank
        abc      | abc     | abc
        a+b      | a+b     | `a b`
        +        | +       | ` `
        ++       | ++      | `  `
        %20      | ` `     | ` `
        %2B      | +       | +
        %2b      | +       | +
        %2F      | /       | /
        %25      | %       | %
        %2525    | %25     | %25
        %41%42   | AB      | AB
        x%41y    | xAy     | xAy
        %41+%42  | A+B     | `A B`
        %C3%A9   | \u00e9  | \u00e9
        %c3%a9   | \u00e9  | \u00e9
        %C3      | \udcc3  | \udcc3
        %FF      | \udcff  | \udcff
        """)
    void percentSequences(String text, String decoded, String withBlanks) {
        assertEquals(decoded, Percent.decode(text, false).orElseThrow());
        assertEquals(withBlanks, Percent.decode(text, true).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%%", "%2", "a%", "a%2", "%g0", "%0g", "%-1", "% 1", "%1 ", "%u0041", "%41%", "%41%4",
        "%%41", "%\u00e9", "%+1", "%x41"})
    void brokenPercentSequences(String text) {
        assertTrue(Percent.decode(text, false).isEmpty());
        assertTrue(Percent.decode(text, true).isEmpty());
        byte[] bytes = ConfText.encode(text);
        assertEquals(-1, Percent.decode(bytes.clone(), 0, bytes.length, true, false));
        byte[] kept = bytes.clone();
        int end = Percent.decode(kept, 0, kept.length, false, true);
        assertEquals(text.replace("%41", "A"), ConfText.decode(kept, 0, end));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
        # expression | matches | does not
        a.b             ; axb       ; ab
        (?P<x>a)(?P=x)  ; aa        ; ab
        (?P<n1>.)-(?P=n1) ; x-x     ; x-y
        [[:alpha:]]     ; q         ; 1
        [[:digit:]]     ; 7         ; q
        [[:alnum:]]     ; 7         ; -
        [[:upper:]]     ; Q         ; q
        [[:lower:]]     ; q         ; Q
        [[:space:]]     ; `\t`      ; q
        [[:punct:]]     ; !         ; q
        [[:xdigit:]]    ; f         ; g
        [[:word:]]      ; _         ; -
        [^[:digit:]]    ; q         ; 7
        [[:alpha:]_]    ; _         ; 1
        (?<y>a)\\k<y>   ; aa        ; ab
        \\d{2,3}        ; 123       ; 1
        (?i)abc         ; ABC       ; abd
        (?:a|b)+        ; abab      ; c
        """)
    void expressionsOfPcre(String regex, String yes, String no) {
        Pattern pattern = Pattern.compile(ConfRegex.forJava(regex));
        assertTrue(pattern.matcher(yes).matches(), regex);
        assertTrue(!pattern.matcher(no).matches(), regex);
    }

    @Test
    void aSyntaxErrorCarriesItsPlace() {
        ConfSyntaxException e = new ConfSyntaxException("why", 7, 2, 3);
        assertEquals("why 7 2 3", e.detail() + " " + e.offset() + " " + e.line() + " " + e.column());
        assertThrows(NullPointerException.class, () -> ConfParser.parse(null));
    }
}
