// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.http.Fields;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options that are objects: each member is of its kind, or is blamed where it stands. */
class OptionObjectTest {
    private static final Set<String> MEMBERS = Set.of("a", "b", "text");

    /** Compiles an action whose option is the given object, and gives what was read of it. */
    private static <T> T read(String object, Function<OptionObject, T> reader) {
        Object[] found = {null};
        ActionFactory factory = new ActionFactory() {
            @Override
            public String option() {
                return "own";
            }

            @Override
            public Set<String> options() {
                return Set.of("own");
            }

            @Override
            public Action compile(ConfObject action, RouteCompiler compiler) {
                Conf value = action.get("own").orElseThrow();
                found[0] = reader.apply(OptionObject.of("own", value, MEMBERS, compiler.child("own")));
                return e -> e.respond(204, Fields.NONE, new byte[0]);
            }
        };
        new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'own': " + object + "}}]}",
            Site.extensions().add(factory, Site.ORIGIN));
        @SuppressWarnings("unchecked")
        T result = (T) found[0];
        return result;
    }

    private static void refused(String object, String pointer, String reason, Function<OptionObject, ?> reader) {
        RouteException e = assertThrows(RouteException.class, () -> read(object, reader));
        assertEquals(reason, e.getMessage());
        assertEquals("/routes/0/action/own" + pointer, e.pointer());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "true", "'a'", "[]", "[{}]", "1.5", "''"})
    void whatIsNoObject(String value) {
        refused(value, "", "The \"own\" value must be an object.", o -> o);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {'c': 1}             | /c   | Unknown parameter "c".
        {'a': 1, 'A': 2}     | /A   | Unknown parameter "A".
        {'': 1}              | ``   | Unknown parameter "".
        {'x/y': 1}           | /x~1y | Unknown parameter "x/y".
        {'x~y': null}        | /x~0y | Unknown parameter "x~y".
        """)
    void whatIsNotKnown(String object, String pointer, String reason) {
        refused(object, pointer, reason, o -> o);
    }

    @Test
    void nullIsAbsent() {
        assertEquals(Optional.empty(), read("{'a': null}", o -> o.get("a")));
        assertEquals(Optional.empty(), read("{'a': null}", o -> o.text("a")));
        assertEquals(Optional.empty(), read("{'a': null}", o -> o.texts("a")));
        assertEquals(Optional.empty(), read("{'a': null}", o -> o.integer("a", 0, 1)));
        assertEquals(Optional.empty(), read("{'a': null}", o -> o.number("a", 0, 1)));
        assertEquals(Optional.empty(), read("{}", o -> o.word("a", List.of("x"))));
        assertEquals(true, read("{'a': null}", o -> o.flag("a", true)));
        assertEquals(false, read("{}", o -> o.flag("a", false)));
        refused("{'a': null}", "", "Required parameter \"a\" is missing.", o -> {
            throw o.missing("a");
        });
    }

    // ---- texts --------------------------------------------------------

    @ParameterizedTest
    @CsvSource({"x", "''", "'a b'", "\u20ac"})
    void texts(String text) {
        assertEquals(Optional.of(text), read("{'a': '" + text + "'}", o -> o.text("a")));
        assertEquals(Optional.of(List.of(text)), read("{'a': '" + text + "'}", o -> o.texts("a")));
        assertEquals(Optional.of(List.of(text, "y")), read("{'a': ['" + text + "', 'y']}", o -> o.texts("a")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "false", "{}", "[]", "['a']"})
    void noText(String value) {
        refused("{'a': " + value + "}", "/a", "The \"a\" value must be a string.", o -> o.text("a"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        1                  | /a   | The "a" value must be a string or an array of strings.
        true               | /a   | The "a" value must be a string or an array of strings.
        {}                 | /a   | The "a" value must be a string or an array of strings.
        [1]                | /a/0 | The "a" array must contain only strings.
        ['x', null]        | /a/1 | The "a" array must contain only strings.
        ['x', 'y', ['z']]  | /a/2 | The "a" array must contain only strings.
        """)
    void noTexts(String value, String pointer, String reason) {
        refused("{'a': " + value + "}", pointer, reason, o -> o.texts("a"));
    }

    @Test
    void anEmptyArrayIsNoText() {
        assertEquals(Optional.of(List.of()), read("{'a': []}", o -> o.texts("a")));
        List<String> all = read("{'a': ['x']}", o -> o.texts("a")).orElseThrow();
        assertThrows(UnsupportedOperationException.class, () -> all.add("y"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        one     | true
        two     | true
        ONE     | false
        `one `  | false
        ``      | false
        onetwo  | false
        """)
    void words(String word, boolean good) {
        List<String> words = List.of("one", "two");
        String object = "{'a': '" + word + "'}";
        if (good) {
            assertEquals(Optional.of(word), read(object, o -> o.word("a", words)));
        } else {
            refused(object, "/a", "The \"a\" value must be one of \"one\", \"two\".", o -> o.word("a", words));
        }
    }

    // ---- flags and numbers --------------------------------------------

    @ParameterizedTest
    @CsvSource({"true, true", "false, false"})
    void flags(String value, boolean flag) {
        assertEquals(flag, read("{'a': " + value + "}", o -> o.flag("a", !flag)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0", "'true'", "[]", "{}"})
    void noFlags(String value) {
        refused("{'a': " + value + "}", "/a", "The \"a\" value must be a boolean.", o -> o.flag("a", false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        -6    | false
        -5    | true
        0     | true
        7     | true
        8     | false
        1.0   | true
        1e0   | true
        1.5   | false
        1e1   | false
        9223372036854775807  | false
        -9223372036854775808 | false
        123456789012345678 | false
        '1'   | false
        true  | false
        [1]   | false
        """)
    void integers(String value, boolean good) {
        String object = "{'a': " + value + "}";
        if (good) {
            assertEquals((long) Double.parseDouble(value), read(object, o -> o.integer("a", -5, 7)).orElseThrow());
        } else {
            refused(object, "/a", "The \"a\" value must be an integer from -5 to 7.", o -> o.integer("a", -5, 7));
        }
    }

    @Test
    void theLargestIntegersFit() {
        for (long value : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, Integer.MAX_VALUE + 1L}) {
            assertEquals(Optional.of(value), read("{'a': " + value + "}",
                o -> o.integer("a", Long.MIN_VALUE, Long.MAX_VALUE)));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        0        | true
        1        | true
        0.5      | true
        1e-300   | true
        -0.0     | true
        -1e-9    | false
        1.000001 | false
        2        | false
        123456789 | false
        '0.5'    | false
        null     | true
        """)
    void numbers(String value, boolean good) {
        String object = "{'a': " + value + "}";
        if (good) {
            Optional<Double> found = read(object, o -> o.number("a", 0, 1));
            assertEquals(!value.equals("null"), found.isPresent());
            found.ifPresent(number -> assertEquals(Double.parseDouble(value), number));
        } else {
            refused(object, "/a", "The \"a\" value must be a number from 0.0 to 1.0.", o -> o.number("a", 0, 1));
        }
    }

    // ---- places -------------------------------------------------------

    @Test
    void anExtensionBlamesWhatIsWrong() {
        refused("{'a': ['x', 'y']}", "/a/1", "mine", o -> {
            throw o.element("a", 1, "mine");
        });
        refused("{'a': 'x'}", "/a", "mine", o -> {
            throw o.element("a", 0, "mine");
        });
        refused("{}", "/a", "mine", o -> {
            throw o.element("a", 3, "mine");
        });
        refused("{}", "", "mine", o -> {
            throw o.error("", "mine");
        });
        refused("{}", "/b", "mine", o -> {
            throw o.error("b", "mine");
        });
        assertTrue(read("{}", o -> o.at().at().toString()).endsWith("/own"));
    }

    @Test
    void anyKindCanBeAskedFor() {
        assertEquals(Optional.of(Conf.of(1)), read("{'a': 1}", o -> o.get("a")));
        assertEquals(Optional.of(ConfObject.EMPTY), read("{'b': {}}", o -> o.get("b")));
        assertEquals(Optional.empty(), read("{'b': {}}", o -> o.get("a")));
    }
}
