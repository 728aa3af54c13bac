// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets to paths and queries: spec/http.md §4. */
class TargetPathTest {
    private final TargetPath target = new TargetPath();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private boolean parse(String text) {
        byte[] all = bytes("<" + text + ">");
        return target.parse(all, 1, all.length - 1);
    }

    private String path() {
        return new String(target.path(), target.pathStart(), target.pathEnd() - target.pathStart(),
            StandardCharsets.ISO_8859_1);
    }

    private String query(String text) {
        return ("<" + text + ">").substring(target.queryStart(), target.queryEnd());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # target            | path        | query   | simple
        /                   | /           | -       | true
        /a                  | /a          | -       | true
        /a/                 | /a/         | -       | true
        /a/b/c              | /a/b/c      | -       | true
        /a.b                | /a.b        | -       | true
        /a..b/c.            | /a..b/c.    | -       | true
        /a b                | /a b        | -       | true
        /\u00e9\u007f        | /\u00e9\u007f | -      | true
        /~!$&'()*+,;=:@     | /~!$&'()*+,;=:@ | - | true
        /"<>\\^`{}          | /"<>\\^`{}  | -       | true
        /a?                 | /a          | ``      | true
        /?                  | /           | ``      | true
        /a?b                | /a          | b       | true
        /a?b=c&d=e          | /a          | b=c&d=e | true
        /a?b?c              | /a          | b?c     | true
        /a?/../b            | /a          | /../b   | true
        /a?%zz              | /a          | %zz     | true
        /a?%00              | /a          | %00     | true
        /a?//.              | /a          | //.     | true
        /a?b#c              | /a          | b       | true
        /a?#c               | /a          | ``      | true
        /a?b#c?d            | /a          | b       | true
        `/a? b `            | /a          | ` b `   | true
        # slashes that follow each other
        //                  | /           | -       | false
        ///                 | /           | -       | false
        //a                 | /a          | -       | false
        /a//b               | /a/b        | -       | false
        /a///b//            | /a/b/       | -       | false
        /a%2Fb              | /a/b        | -       | false
        /a/%2Fb             | /a/b        | -       | false
        /a%2F%2fb           | /a/b        | -       | false
        %2Fa                | /a          | -       | false
        # single dots
        /.                  | /           | -       | false
        /./                 | /           | -       | false
        /./a                | /a          | -       | false
        /a/.                | /a/         | -       | false
        /a/./               | /a/         | -       | false
        /a/./b              | /a/b        | -       | false
        /a/././b/.          | /a/b/       | -       | false
        /%2e                | /           | -       | false
        /a/%2E/b            | /a/b        | -       | false
        /.a                 | /.a         | -       | false
        /a/.b/c             | /a/.b/c     | -       | false
        /...                | /...        | -       | false
        /a/.../b            | /a/.../b    | -       | false
        /.%2ea              | /..a        | -       | false
        # double dots
        /a/..               | /           | -       | false
        /a/../              | /           | -       | false
        /a/../b             | /b          | -       | false
        /a/b/..             | /a/         | -       | false
        /a/b/../            | /a/         | -       | false
        /a/b/../c           | /a/c        | -       | false
        /a/b/../../c        | /c          | -       | false
        /a/./../b           | /b          | -       | false
        /a//../b            | /b          | -       | false
        /a/b/.././../c      | /c          | -       | false
        /a/%2e%2e/b         | /b          | -       | false
        /a/.%2E/b           | /b          | -       | false
        /a%2F..%2Fb         | /b          | -       | false
        /a/..b/..           | /a/         | -       | false
        /..a                | /..a        | -       | false
        /a/..b              | /a/..b      | -       | false
        # percent sequences, decoded once
        /%41                | /A          | -       | false
        /%61%62%63          | /abc        | -       | false
        /%C3%A9             | /\u00c3\u00a9 | -     | false
        /%ff                | /\u00ff     | -       | false
        /%20                | `/ `        | -       | false
        /%25                | /%          | -       | false
        /%2541              | /%41        | -       | false
        /%252e%252e/a       | /%2e%2e/a   | -       | false
        /%3F                | /?          | -       | false
        /%3f?a              | /?          | a       | false
        /%23                | /#          | -       | false
        /%23#a              | /#          | -       | false
        /a%2Eb              | /a.b        | -       | false
        /%41?%41            | /A          | %41     | false
        /+                  | /+          | -       | true
        /%2B                | /+          | -       | false
        # fragments end all
        /#                  | /           | -       | false
        /a#b                | /a          | -       | false
        /a#?b               | /a          | -       | false
        /a/#/../..          | /a/         | -       | false
        /a/..#b             | /           | -       | false
        /%41#%zz            | /A          | -       | false
        /a/../b?c#d         | /b          | c       | false
        //?                 | /           | ``      | false
        # of rewritten paths, which may begin with anything
        ``                  | ``          | -       | true
        a                   | a           | -       | true
        a/b                 | a/b         | -       | true
        ?a                  | ``          | a       | true
        a/../b              | b           | -       | false
        a//b                | a/b         | -       | false
        """)
    void targets(String text, String path, String query, boolean simple) {
        String cell = text.replace("\\\\", "\\");
        assertTrue(parse(cell));
        assertEquals(path, path());
        assertEquals(query.equals("-") ? "" : query, query(cell));
        assertEquals(!query.equals("-"), target.hasQuery());
        assertEquals(simple, target.isSimple());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/..", "/../", "/../a", "/a/../..", "/a/../../", "/a/../../b", "/./..", "//..", "/..//",
        "/%2e%2e", "/%2e.", "/a/..%2f..", "/..#", "/..?a", "/a/b/../../..", "/.././a", "%2F.."})
    void nobodyClimbsAboveTheRoot(String text) {
        assertFalse(parse(text), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%", "/%4", "/%zz", "/%4z", "/%z4", "/a%", "/a%4", "/%%41", "/%41%", "/% 41", "/%+4",
        "/%-1", "/%0x", "/%?41", "/%4?1", "/%#41", "/%4#1", "/%\u00e94", "/%u0041"})
    void brokenSequencesAreRefused(String text) {
        assertFalse(parse(text), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%00", "/a%00", "/a/%00/b", "/%00a", "/..%00"})
    void aNulEndsNoPath(String text) {
        assertFalse(parse(text), text);
    }

    @Test
    void everyByteIsDecodedAndStandsForItself() {
        for (int c = 1; c < 256; c++) {
            if (c == '/' || c == '.') {
                continue;
            }
            assertTrue(parse(String.format("/x%%%02x", c)));
            assertEquals("/x" + (char) c, path());
            assertTrue(parse(String.format("/x%%%02X/y", c)));
            assertEquals("/x" + (char) c + "/y", path());
            if (c != '%' && c != '?' && c != '#') {
                assertTrue(parse("/x" + (char) c));
                assertEquals("/x" + (char) c, path());
                assertTrue(target.isSimple());
            }
        }
    }

    @Test
    void theSimpleCaseCopiesNothing() {
        byte[] all = bytes("GET /a/b?c HTTP/1.1");
        assertTrue(target.parse(all, 4, 10));
        assertSame(all, target.path());
        assertEquals(4, target.pathStart());
        assertEquals(8, target.pathEnd());
        assertEquals(9, target.queryStart());
        assertEquals(10, target.queryEnd());
    }

    @Test
    void isReusedWithoutARest() {
        assertTrue(parse("/a/../" + "x".repeat(5000) + "?q"));
        assertEquals(5001, path().length());
        assertTrue(parse("/%41"));
        assertEquals("/A", path());
        assertFalse(target.hasQuery());
        assertFalse(parse("/.."));
        assertTrue(parse("/b"));
        assertEquals("/b", path());
        assertTrue(target.isSimple());
        assertEquals("", query("/b"));
    }

    /** The same by segments and a stack. */
    private static Optional<String> slowly(String text) {
        String raw = text.split("[?#]", 2)[0];
        ByteArrayOutputStream decoded = new ByteArrayOutputStream();
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) != '%') {
                decoded.write(raw.charAt(i));
                continue;
            }
            if (i + 2 >= raw.length() || Character.digit(raw.charAt(i + 1), 16) < 0
                || Character.digit(raw.charAt(i + 2), 16) < 0) {
                return Optional.empty();
            }
            int value = Integer.parseInt(raw.substring(i + 1, i + 3), 16);
            if (value == 0) {
                return Optional.empty();
            }
            decoded.write(value);
            i += 2;
        }
        Deque<String> segments = new ArrayDeque<>();
        String[] parts = decoded.toString(StandardCharsets.ISO_8859_1).substring(1).split("/", -1);
        boolean open = true;
        for (String part : parts) {
            open = part.isEmpty() || part.equals(".") || part.equals("..");
            if (part.equals("..")) {
                if (segments.isEmpty()) {
                    return Optional.empty();
                }
                segments.removeLast();
            } else if (!open) {
                segments.addLast(part);
            }
        }
        String joined = "/" + String.join("/", segments);
        return Optional.of(open && !segments.isEmpty() ? joined + "/" : joined);
    }

    @Test
    void agreesWithAStackOfSegments() {
        String[] pieces = {"/", "/", "/", ".", "..", "a", "b", "%2e", "%2F", "%41", "%00", "%", "?", "#", "%zz", "x.y"};
        Random random = new Random(9);
        int good = 0;
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder("/");
            for (int n = random.nextInt(9); n > 0; n--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            Optional<String> expected = slowly(text.toString());
            assertEquals(expected.isPresent(), parse(text.toString()), text::toString);
            if (expected.isPresent()) {
                good++;
                assertEquals(expected.get(), path(), text::toString);
            }
        }
        assertTrue(good > 15_000 && good < 45_000, "good ones: " + good);
    }
}
