// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON Pointers, with the examples of RFC 6901 §5. */
class ConfPointerTest {
    private static final String RFC = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
        + "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}";

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
        /foo    ; ["bar","baz"]
        /foo/0  ; "bar"
        /foo/1  ; "baz"
        /       ; 0
        /a~1b   ; 1
        /c%d    ; 2
        /e^f    ; 3
        /g|h    ; 4
        /i\\j   ; 5
        /k"l    ; 6
        `/ `    ; 7
        /m~0n   ; 8
        """)
    void examplesOfTheRfc(String pointer, String expected) throws ConfSyntaxException {
        Conf root = ConfParserTest.parse(RFC);
        ConfPointer parsed = ConfPointer.parse(pointer);
        assertEquals(expected, ConfWriter.compactText(parsed.resolve(root).orElseThrow()));
        assertEquals(pointer, parsed.toString());
        assertEquals(root, ConfPointer.parse("").resolve(root).orElseThrow());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        ``          | ``
        /           | []
        //          | [][]
        /a          | [a]
        /a/         | [a][]
        /a/b        | [a][b]
        /a//b       | [a][][b]
        /~0         | [~]
        /~1         | [/]
        /~01        | [~1]
        /~10        | [/0]
        /~0~1       | [~/]
        /~00        | [~0]
        /a~1b/c~0d  | [a/b][c~d]
        /0/1        | [0][1]
        /\u00e9     | [\u00e9]
        /a b        | [a b]
        /%2F        | [%2F]
        """)
    void segments(String text, String expected) {
        ConfPointer pointer = ConfPointer.parse(text);
        StringBuilder shown = new StringBuilder();
        pointer.segments().forEach(segment -> shown.append('[').append(segment).append(']'));
        assertEquals(expected, shown.toString());
        assertEquals(text, pointer.toString());
        assertEquals(pointer, ConfPointer.of(pointer.segments()));
        assertEquals(pointer.hashCode(), ConfPointer.of(pointer.segments()).hashCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b", " /a", "#/a", "/~", "/a~", "/~2", "/a~/b", "/~~", "/~01~", "/a/b~x", "/\n~"})
    void refused(String text) {
        assertThrows(IllegalArgumentException.class, () -> ConfPointer.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x", "/foo/2", "/foo/-", "/foo/-1", "/foo/x", "/foo/0/0", "/foo//0", "//0", "/a~1b/c",
        "/foo/1e0", "/foo/2147483648", "/foo/99999999999999999999", "/foo/+0", "/foo/ 0", "/foo/"})
    void whatIsNotThereIsEmpty(String pointer) throws ConfSyntaxException {
        assertEquals(Optional.empty(), ConfPointer.parse(pointer).resolve(ConfParserTest.parse(RFC)));
    }

    @Test
    void childrenShareTheirParent() {
        ConfPointer parent = ConfPointer.ROOT.child("a").child(3);
        ConfPointer one = parent.child("x");
        ConfPointer other = parent.child("y/~");
        assertEquals("/a/3", parent.toString());
        assertEquals("/a/3/x", one.toString());
        assertEquals("/a/3/y~1~0", other.toString());
        assertNotEquals(one, other);
        assertNotEquals(parent, one);
        assertEquals(ConfPointer.ROOT.child("3"), ConfPointer.ROOT.child(3));
        assertThrows(IllegalArgumentException.class, () -> parent.child(-1));
    }

    @Test
    void theListIsTheCallers() {
        ConfPointer pointer = ConfPointer.parse("/a/b");
        List<String> segments = pointer.segments();
        segments.add("c");
        segments.set(0, "x");
        assertEquals("/a/b", pointer.toString());
        List<String> given = new ArrayList<>(List.of("a", "b"));
        ConfPointer made = ConfPointer.of(given);
        given.clear();
        assertEquals("/a/b", made.toString());
    }

    @Test
    void isNoEqualOfItsText() {
        assertNotEquals(ConfPointer.parse("/a"), "/a");
        assertNotEquals(ConfPointer.ROOT, ConfPointer.parse("/"));
        assertEquals(ConfPointer.ROOT, ConfPointer.of(List.of()));
    }
}
