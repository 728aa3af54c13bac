// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each change at each kind of place: spec/control-api.md §6.2. */
class ConfEditTableTest {

    private static List<String> path(String pointer) {
        return ConfPointer.parse(pointer == null ? "" : pointer).segments();
    }

    private static String shown(ConfEdit.Result result) {
        return result.outcome() == ConfEdit.Outcome.DONE ? ConfWriter.compactText(result.root())
            : result.outcome().toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # the root takes anything
        {"a":1}          |          | [1]     | [1]
        {"a":1}          |          | "x"     | "x"
        []               |          | {}      | {}
        5                |          | 6       | 6
        # members are replaced in place and added last
        {"a":1,"b":2}    | /a       | 9       | {"a":9,"b":2}
        {"a":1,"b":2}    | /b       | {}      | {"a":1,"b":{}}
        {"a":1,"b":2}    | /c       | 9       | {"a":1,"b":2,"c":9}
        {}               | /        | 9       | {"":9}
        {"a":1}          | /a~1b    | 9       | {"a":1,"a/b":9}
        {"a":{"b":1}}    | /a/b     | 9       | {"a":{"b":9}}
        {"a":{"b":1}}    | /a/c     | 9       | {"a":{"b":1,"c":9}}
        {"a":{"b":{}}}   | /a/b/c   | 9       | {"a":{"b":{"c":9}}}
        {"0":1}          | /0       | 9       | {"0":9}
        {"a":1}          | /0       | 9       | {"a":1,"0":9}
        # what is above must be there
        {}               | /a/b     | 9       | NOT_FOUND
        {"a":1}          | /b/c     | 9       | NOT_FOUND
        {"a":{}}         | /a/b/c   | 9       | NOT_FOUND
        # scalars hold nothing
        {"a":1}          | /a/b     | 9       | NOT_FOUND
        {"a":"x"}        | /a/0     | 9       | NOT_FOUND
        {"a":null}       | /a/b     | 9       | NOT_FOUND
        {"a":true}       | /a/b/c   | 9       | NOT_FOUND
        1                | /a       | 9       | NOT_FOUND
        # elements are replaced, or appended just behind the last
        [1,2]            | /0       | 9       | [9,2]
        [1,2]            | /1       | 9       | [1,9]
        [1,2]            | /2       | 9       | [1,2,9]
        [1,2]            | /3       | 9       | NOT_FOUND
        []               | /0       | 9       | [9]
        []               | /1       | 9       | NOT_FOUND
        [1,2]            | /00      | 9       | [9,2]
        [1,2]            | /-       | 9       | NOT_FOUND
        [1,2]            | /-1      | 9       | NOT_FOUND
        [1,2]            | /+1      | 9       | NOT_FOUND
        [1,2]            | /a       | 9       | NOT_FOUND
        [1,2]            | /        | 9       | NOT_FOUND
        [1,2]            | /1.0     | 9       | NOT_FOUND
        [1,2]            | /4294967296 | 9    | NOT_FOUND
        [1,2]            | /99999999999999999999 | 9 | NOT_FOUND
        [[1],[2]]        | /1/0     | 9       | [[1],[9]]
        [[1],[2]]        | /1/1     | 9       | [[1],[2,9]]
        [[1],[2]]        | /2/0     | 9       | NOT_FOUND
        [{"a":1}]        | /0/a     | 9       | [{"a":9}]
        {"a":[{"b":[]}]} | /a/0/b/0 | 9       | {"a":[{"b":[9]}]}
        """)
    void put(String root, String pointer, String value, String expected) throws ConfSyntaxException {
        Conf before = ConfParserTest.parse(root);
        ConfEdit.Result result = ConfEdit.put(before, path(pointer), ConfParserTest.parse(value));
        assertEquals(expected, shown(result));
        assertEquals(root, ConfWriter.compactText(before));
        if (result.outcome() == ConfEdit.Outcome.DONE) {
            assertEquals(value, ConfWriter.compactText(ConfEdit.get(result.root(), path(pointer)).orElseThrow()));
        } else {
            assertSame(before, result.root());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        []               |          | [9]
        [1]              |          | [1,9]
        {"a":[]}         | /a       | {"a":[9]}
        {"a":[1,2]}      | /a       | {"a":[1,2,9]}
        {"a":[[1],[]]}   | /a/1     | {"a":[[1],[9]]}
        {"a":{"b":[]}}   | /a/b     | {"a":{"b":[9]}}
        {}               |          | NOT_ALLOWED
        {"a":{}}         | /a       | NOT_ALLOWED
        {"a":1}          | /a       | NOT_ALLOWED
        {"a":"x"}        | /a       | NOT_ALLOWED
        {"a":null}       | /a       | NOT_ALLOWED
        1                |          | NOT_ALLOWED
        {}               | /a       | NOT_FOUND
        {"a":[]}         | /a/0     | NOT_FOUND
        {"a":[1]}        | /a/1     | NOT_FOUND
        {"a":[1]}        | /a/0     | NOT_ALLOWED
        {"a":[1]}        | /a/x     | NOT_FOUND
        {"a":1}          | /a/b     | NOT_FOUND
        {"a":1}          | /b/c     | NOT_FOUND
        """)
    void post(String root, String pointer, String expected) throws ConfSyntaxException {
        Conf before = ConfParserTest.parse(root);
        assertEquals(expected, shown(ConfEdit.post(before, path(pointer), Conf.of(9))));
        assertEquals(root, ConfWriter.compactText(before));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"a":1}          |          | {}
        [1,2]            |          | {}
        5                |          | {}
        {}               |          | {}
        {"a":1,"b":2}    | /a       | {"b":2}
        {"a":1}          | /a       | {}
        {"a":{"b":1}}    | /a/b     | {"a":{}}
        {"a":{"b":1}}    | /a       | {}
        {"":1}           | /        | {}
        [1,2,3]          | /0       | [2,3]
        [1,2,3]          | /1       | [1,3]
        [1,2,3]          | /2       | [1,2]
        [1]              | /0       | []
        {"a":[[1]]}      | /a/0/0   | {"a":[[]]}
        [1,2]            | /01      | [1]
        {}               | /a       | NOT_FOUND
        [1]              | /1       | NOT_FOUND
        [1]              | /-1      | NOT_FOUND
        [1]              | /x       | NOT_FOUND
        {"a":1}          | /a/b     | NOT_FOUND
        {"a":1}          | /b/c     | NOT_FOUND
        {"a":[]}         | /a/0     | NOT_FOUND
        1                | /0       | NOT_FOUND
        """)
    void delete(String root, String pointer, String expected) throws ConfSyntaxException {
        Conf before = ConfParserTest.parse(root);
        ConfEdit.Result result = ConfEdit.delete(before, path(pointer));
        assertEquals(expected, shown(result));
        assertEquals(root, ConfWriter.compactText(before));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        {"a":{"b":[1,{"c":2}]}} |          | {"a":{"b":[1,{"c":2}]}}
        {"a":{"b":[1,{"c":2}]}} | /a       | {"b":[1,{"c":2}]}
        {"a":{"b":[1,{"c":2}]}} | /a/b     | [1,{"c":2}]
        {"a":{"b":[1,{"c":2}]}} | /a/b/0   | 1
        {"a":{"b":[1,{"c":2}]}} | /a/b/1/c | 2
        {"a":{"b":[1,{"c":2}]}} | /a/b/001 | {"c":2}
        {"a":{"b":[1,{"c":2}]}} | /b       | -
        {"a":{"b":[1,{"c":2}]}} | /a/b/2   | -
        {"a":{"b":[1,{"c":2}]}} | /a/b/x   | -
        {"a":{"b":[1,{"c":2}]}} | /a/b/0/c | -
        {"a":{"b":[1,{"c":2}]}} | /a/      | -
        {"a":null}              | /a       | null
        {"a":null}              | /a/b     | -
        """)
    void get(String root, String pointer, String expected) throws ConfSyntaxException {
        assertEquals(Optional.ofNullable(expected),
            ConfEdit.get(ConfParserTest.parse(root), path(pointer)).map(ConfWriter::compactText));
    }

    /** What is not on the path is not copied. */
    @Test
    void theRestIsShared() throws ConfSyntaxException {
        ConfObject before = (ConfObject) ConfParserTest.parse("{\"a\":{\"x\":1},\"b\":{\"y\":[{}]},"
            + "\"c\":[{\"z\":1},{}]}");
        ConfObject after = (ConfObject) ConfEdit.put(before, path("/a/x"), Conf.of(2)).root();
        assertSame(before.get("b").orElseThrow(), after.get("b").orElseThrow());
        assertSame(before.get("c").orElseThrow(), after.get("c").orElseThrow());
        ConfObject second = (ConfObject) ConfEdit.post(after, path("/c"), Conf.of(3)).root();
        assertSame(before.array("c").orElseThrow().elements().getFirst(),
            second.array("c").orElseThrow().elements().getFirst());
    }

    private static Conf nested(int levels) throws ConfSyntaxException {
        return ConfParserTest.parse("[".repeat(levels) + "]".repeat(levels));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 50, 98, 99})
    void depthIsThatOfTheWhole(int above) throws ConfSyntaxException {
        Conf root = nested(above + 1);
        List<String> path = Collections.nCopies(above, "0");
        int left = ConfParser.MAX_DEPTH - above;
        assertEquals(ConfEdit.Outcome.DONE, ConfEdit.put(root, path, nested(left)).outcome());
        assertEquals(ConfEdit.Outcome.TOO_DEEP, ConfEdit.put(root, path, nested(left + 1)).outcome());
        if (left > 1) {
            assertEquals(ConfEdit.Outcome.DONE, ConfEdit.post(root, path, nested(left - 1)).outcome());
        }
        assertEquals(ConfEdit.Outcome.TOO_DEEP, ConfEdit.post(root, path, nested(left)).outcome());
        assertEquals(ConfEdit.Outcome.DONE, ConfEdit.put(root, path, Conf.of("scalar")).outcome());
        // A path that does not exist is told as that, however deep the value.
        List<String> wrong = new ArrayList<>(path);
        wrong.set(0, "7");
        assertEquals(ConfEdit.Outcome.NOT_FOUND, ConfEdit.put(root, wrong, nested(left + 1)).outcome());
    }

    @Test
    void sizeIsBounded() {
        List<Conf> many = Collections.nCopies(ConfParser.MAX_ELEMENTS, ConfNull.NULL);
        Conf full = new ConfArray(many);
        Conf room = new ConfArray(many.subList(1, many.size()));
        String end = String.valueOf(ConfParser.MAX_ELEMENTS);
        assertEquals(ConfEdit.Outcome.TOO_LARGE, ConfEdit.put(full, List.of(end), Conf.of(1)).outcome());
        assertEquals(ConfEdit.Outcome.TOO_LARGE, ConfEdit.post(full, List.of(), Conf.of(1)).outcome());
        assertEquals(ConfEdit.Outcome.DONE, ConfEdit.put(full, List.of("0"), Conf.of(1)).outcome());
        assertEquals(ConfEdit.Outcome.DONE, ConfEdit.post(room, List.of(), Conf.of(1)).outcome());
        ConfObject.Builder members = ConfObject.builder();
        for (int i = 0; i < ConfParser.MAX_ELEMENTS; i++) {
            members.put("m" + i, ConfNull.NULL);
        }
        Conf object = members.build();
        assertEquals(ConfEdit.Outcome.TOO_LARGE, ConfEdit.put(object, List.of("new"), Conf.of(1)).outcome());
        assertEquals(ConfEdit.Outcome.DONE, ConfEdit.put(object, List.of("m7"), Conf.of(1)).outcome());
        Conf less = ConfEdit.delete(object, List.of("m7")).root();
        assertEquals(ConfEdit.Outcome.DONE, ConfEdit.put(less, List.of("new"), Conf.of(1)).outcome());
        assertTrue(((ConfObject) less).size() == ConfParser.MAX_ELEMENTS - 1);
    }
}
