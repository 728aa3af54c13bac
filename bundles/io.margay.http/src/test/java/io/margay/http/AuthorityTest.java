// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts as routes match them ({@code spec/http.md §6}), and what is sent on to others of a request. */
class AuthorityTest {

    static IntStream everyByte() {
        return IntStream.range(0, 256);
    }

    private static String host(String text) {
        // In the middle of an array: what stands around it means nothing.
        byte[] a = ("/.:" + text + ".:]/").getBytes(StandardCharsets.ISO_8859_1);
        byte[] out = new byte[text.length()];
        int length = Authority.host(a, 3, 3 + text.length(), out);
        return length < 0 ? "400" : new String(out, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static boolean isValid(String text) {
        byte[] a = ("[" + text + ":1").getBytes(StandardCharsets.ISO_8859_1);
        return Authority.isValid(a, 1, 1 + text.length());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        ''                 | ''
        a                  | a
        Example.COM        | example.com
        example.com.       | example.com
        example.com.:80    | example.com
        a:80               | a
        a:                 | a
        a:b:c              | a
        :                  | ''
        :80                | ''
        .                  | ''
        .:80               | ''
        .a                 | .a
        ..                 | 400
        a..                | 400
        a..:80             | 400
        a..b               | 400
        a:b..c             | 400
        /                  | 400
        a/                 | 400
        a:80/              | 400
        [::1]              | [::1]
        [::1]:80           | [::1]
        [::1]:             | [::1]
        [2001:DB8::A]:80   | [2001:db8::a]
        [::1               | [::1
        [                  | [
        []                 | []
        []:80              | []
        [a]b               | [a]
        [::1].             | [::1]
        [::1]x:80          | [::1]
        [a]b]c             | [a]
        a[b]:80            | a[b]
        a]:80              | a]
        a b#c?d            | a b#c?d
        """)
    void ofAField(String text, String wanted) {
        assertEquals(wanted, host(text));
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void everyByteOfAHost(int c) {
        char letter = (char) c;
        String wanted = switch (letter) {
            case '/' -> "400";
            case ':' -> "a";
            default -> "a" + (letter >= 'A' && letter <= 'Z' ? (char) (letter + 32) : letter) + "b";
        };
        assertEquals(wanted, host("a" + letter + "b"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        a                | true
        example.com      | true
        A-b_c~1          | true
        !$&'()*+,;=      | true
        a:               | true
        a:0              | true
        a:80             | true
        a:65535          | true
        a:65536          | false
        a:000065535      | true
        a:0000065535     | false
        a:99999999999999999999 | false
        a:-1             | false
        a:+1             | false
        a:8x             | false
        a:80:90          | false
        a:b              | false
        ''               | false
        :                | false
        :80              | false
        80               | true
        [::1]            | true
        [::1]:80         | true
        [::1]:           | true
        [::1]:65536      | false
        [v1.x:y]         | true
        []               | false
        []:80            | false
        [                | false
        ]                | false
        [::1             | false
        ::1              | false
        [::1]80          | false
        [[::1]]          | false
        [a]b]            | false
        a[b]             | false
        user@host        | false
        a%41             | false
        a/b              | false
        a?b              | false
        a#b              | false
        a b              | false
        'a '             | false
        ' a'             | false
        """)
    void isWrittenInOneWayOnly(String text, boolean valid) {
        assertEquals(valid, isValid(text));
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void everyByteOfAValidOne(int c) {
        boolean may = c < 0x80 && (Character.isLetterOrDigit(c) || "-._~!$&'()*+,;=:[]".indexOf(c) >= 0);
        assertEquals(may, Authority.mayHave((byte) c));
        assertEquals(may && ":[]".indexOf(c) < 0, isValid("a" + (char) c + "b"));
    }

    // ---- targets for other servers ------------------------------------

    private static String written(String target, String path, String query) {
        ByteBuf out = Unpooled.buffer();
        // Views with an offset, as those of requests are.
        new RequestTarget().write(out, view(target), view(path), view(query));
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static AsciiString view(String text) {
        byte[] a = ("?#%" + text + " HTTP").getBytes(StandardCharsets.ISO_8859_1);
        return new AsciiString(a, 3, text.length(), false);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
        /|/||/
        /a?b|/a|b|/a?b
        /a?|/a||/a?
        /%61?b|/a|b|/%61?b
        /a/../b|/b||/a/../b
        //a|/a||//a
        /a b?c d|/a b|c d|/a%20b?c%20d
        /a#frag|/a||/a
        /a?b#frag|/a|b|/a?b
        /a#b?c|/a||/a
        /a%23b|/a#b||/a%23b
        /a|/rewritten||/rewritten
        /a?b|/rewritten|b|/rewritten?b
        /a?b|/a?b|b|/a%3Fb?b
        /a?b c|/x|b c|/x?b%20c
        /a|/x%y||/x%25y
        /a|/#||/%23
        /a|x||/x
        /a|||/
        /a|*||*
        /a|**||/**
        *|*||*
        ||q|/?q
        /%zz|/a b||/a%20b
        http://h/a|/a||/a
        /a|/-._~!$&'()*+,;=:@/||/-._~!$&'()*+,;=:@/
        /a|/\\"<>^`{}[]||/%5C%22%3C%3E%5E%60%7B%7D%5B%5D
        """)
    void isSentAsRoutesHaveMatchedIt(String target, String path, String query, String wanted) {
        assertEquals(wanted, written(target == null ? "" : target, path == null ? "" : path,
            query == null ? "" : query));
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void noByteEndsTheRequestLine(int c) {
        char letter = (char) c;
        boolean blank = c <= ' ' || c == 0x7f;
        String quoted = String.format("%%%02X", c);
        if (c != 0 && c != '#' && c != '%') {
            // Neither path nor query need it, so that the target stays; or it is the question mark itself.
            String path = c == '?' ? "/a" : "/a" + (c == '/' ? "/b" : letter + "b");
            String query = c == '?' ? "b?x" : "x";
            assertEquals("/a" + (blank ? quoted : letter) + "b?x", written("/a" + letter + "b?x", path, query));
        }
        boolean safe = c < 0x80 && (Character.isLetterOrDigit(c) || "-._~!$&'()*+,;=:@/".indexOf(c) >= 0);
        assertEquals("/n" + (safe ? letter : quoted), written("/o", "/n" + letter, ""), "of a new path");
        assertEquals("/n?" + (blank ? quoted : letter), written("/o", "/n", "" + letter), "of a query");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a b", "/\u00e9", "/a?b", "/%", "/a//b", "/a/./b", "/\0\r\n"})
    void aNewPathIsReadAsItWasMeant(String path) {
        String text = written("/other", path, "q=1");
        TargetPath parsed = new TargetPath();
        byte[] a = text.getBytes(StandardCharsets.ISO_8859_1);
        boolean good = parsed.parse(a, 0, a.length);
        if (path.indexOf('\0') < 0) {
            assertTrue(good, text);
            String read = new String(parsed.path(), parsed.pathStart(), parsed.pathEnd() - parsed.pathStart(),
                StandardCharsets.ISO_8859_1);
            assertEquals(path.replace("//", "/").replace("/./", "/"), read);
        }
        assertTrue(text.chars().noneMatch(c -> c <= ' '), text);
    }

    @Test
    void oneWritesManyInTurn() {
        RequestTarget target = new RequestTarget();
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < 3; i++) {
            target.write(out.clear(), view("/%41/" + "x".repeat(100 * i)), view("/A/" + "x".repeat(100 * i)), view(""));
            assertEquals("/%41/" + "x".repeat(100 * i), out.toString(StandardCharsets.ISO_8859_1));
            target.write(out.clear(), view("/b"), view("/b"), view(""));
            assertEquals("/b", out.toString(StandardCharsets.ISO_8859_1));
        }
    }
}
