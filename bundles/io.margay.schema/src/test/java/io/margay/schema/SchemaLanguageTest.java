// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each key of the language of schema files, as README.md describes it; files and values in single quotes. */
class SchemaLanguageTest {

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    /** A registry whose configuration has one member x with this rule. */
    private static SchemaRegistry rule(String rule) {
        SchemaRegistry registry = new SchemaRegistry();
        registry.put("a", json("{'types': {'configuration': {'type': 'object', 'members': {'x': {'reader': 'router', "
            + rule + "}}}, 'other': {'type': 'integer'}}, 'variables': ['v', 'f_*']}"));
        return registry;
    }

    private static String problem(SchemaRegistry registry, String conf) {
        return registry.current().validate(Schemas.parse(conf.replace('\'', '"')), Whole.FACTS).map(Problem::detail)
            .orElse("-");
    }

    private static String problem(String rule, String value) {
        return problem(rule(rule), "{'x': " + value + "}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # types, one and several
        'type': 'null'                   | null  | -
        'type': 'null'                   | 0     | The "x" value must be a null, but not an integer number.
        'type': 'boolean'                | false | -
        'type': 'boolean'                | null  | The "x" value must be a boolean, but not a null.
        'type': 'integer'                | 1.0   | -
        'type': 'integer'                | 1.1   | The "x" value must be an integer number, but not a fractional number.
        'type': ['boolean', 'string']    | 'a'   | -
        'type': ['string', 'boolean']    | 1     | The "x" value must be either a boolean or a string, but not an \
        integer number.
        'type': ['string']               | []    | The "x" value must be a string, but not an array.
        # the rule of a type by name
        'ref': 'other'                   | 5     | -
        'ref': 'other'                   | 'a'   | The "x" value must be an integer number, but not a string.
        # strings
        'type': 'string', 'nonEmpty': true   | ''  | The "x" value must not be empty.
        'type': 'string', 'nonEmpty': false  | ''  | -
        'type': 'string', 'noNull': true     | 'a\\u0000'  | The "x" value must not contain null character.
        'type': 'string', 'enum': ['a', 'b'] | 'b' | -
        'type': 'string', 'enum': ['a', 'b'] | 'B' | The "x" value is not supported.
        'type': 'string', 'enum': ['a', 'b'], 'anyCase': true | 'B' | -
        'type': 'string', 'enum': [], 'anyCase': true | 'B' | The "x" value is not supported.
        'type': 'string', 'pattern': 'a+'    | 'aa' | -
        'type': 'string', 'pattern': 'a+'    | 'ab' | The "x" value is invalid.
        'type': 'string', 'check': 'prefix'  | '/a' | -
        'type': 'string', 'check': 'prefix'  | 'a'  | The "prefix" must be a string beginning with "/".
        'type': 'string', 'check': ['prefix', 'pattern'] | '/**' | The "match" pattern must not contain double "*" \
        markers.
        # templates are tested as such only
        'type': 'string', 'template': true, 'nonEmpty': true  | '$v'    | -
        'type': 'string', 'template': true, 'enum': ['a']     | '${f_a}' | -
        'type': 'string', 'template': true, 'enum': ['a']     | 'b'     | The "x" value is not supported.
        'type': 'string', 'template': true                    | '$w'    | Unknown variable "w" in the "x" value.
        'type': 'string', 'template': true                    | '$f_'   | Unknown variable "f_" in the "x" value.
        'type': 'string'                                      | '$w'    | -
        # numbers
        'type': 'integer', 'min': 3      | 3     | -
        'type': 'integer', 'min': 3      | 2     | The "x" number must be equal to or greater than 3.
        'type': 'integer', 'min': 0      | -1    | The "x" number must not be negative.
        'type': 'integer', 'max': 5      | 5     | -
        'type': 'integer', 'max': 5      | 6     | The "x" number must not exceed 5.
        'type': 'number', 'max': 5       | 5.5   | The "x" number must not exceed 5.
        'type': 'number', 'min': 0.5     | 0.4   | The "x" number must be equal to or greater than 0.5.
        'type': 'integer', 'multipleOf': 8 | 16  | -
        'type': 'integer', 'multipleOf': 8 | 17  | The "x" number must be a multiple of the system page size (4096).
        'type': 'integer', 'bound': 9, 'max': 99 | 10  | `The "x" number is more than this server can bear: it must \
        not exceed 9.`
        'type': 'integer', 'bound': 9, 'max': 99 | 100 | The "x" number must not exceed 99.
        # arrays
        'type': 'array'                  | [1, 'a', null] | -
        'type': 'array', 'nonEmptyArray': true | [] | The "x" array must contain at least one element.
        'type': 'array', 'elements': {'type': 'integer'} | [1, 2] | -
        'type': 'array', 'elements': {'type': 'integer'} | [1, 'a'] | The "x" array must contain only integer values.
        'type': 'array', 'elements': {'ref': 'other'} | [1, 'a'] | The "x" value must be an integer number, but not a \
        string.
        'type': ['string', 'array'], 'nonEmpty': true | ['a', ''] | The "x" value must not be empty.
        'type': ['string', 'array'], 'nonEmpty': true | 'a' | -
        'type': ['string', 'array'] | [5] | The "x" array must contain only string values.
        'type': ['array', 'object'], 'single': true, 'elements': {'type': 'object', 'members': {}} | {} | -
        'type': ['array', 'object'], 'single': true, 'elements': {'type': 'object', 'members': {}} | {'y': 1} | \
        Unknown parameter "y".
        # objects
        'type': 'object', 'members': {'a': {'type': 'integer'}} | {'a': 1} | -
        'type': 'object', 'members': {'a': {'type': 'integer'}} | {'b': 1} | Unknown parameter "b".
        'type': 'object', 'members': {'a': {'type': 'integer', 'required': true}} | {} | Required parameter "a" is \
        missing.
        'type': 'object', 'members': {'a': {'ref': 'nowhere'}}  | {'a': 1} | Unknown parameter "a".
        'type': 'object', 'nonEmptyObject': true, 'members': {} | {} | The "x" object must contain at least one member.
        'type': 'object', 'maxMembers': 1, 'values': {'type': 'integer'} | {'a': 1} | -
        'type': 'object', 'maxMembers': 1, 'values': {'type': 'integer'} | {'a': 1, 'b': 2} | The "x" object must not \
        contain more than 1 members.
        'type': 'object', 'values': {'type': 'integer'} | {'a': 'b'} | The "a" value must be an integer number, but \
        not a string.
        'type': 'object', 'names': 'environment-name', 'values': {'type': 'integer'} | {'a=': 1} | The environment \
        name must not contain '=' character.
        'type': 'object', 'someOf': ['a', 'b'], 'members': {'a': {'type': 'integer'}} | {} | The "x" object must have \
        either "a" or "b" option set.
        'type': 'object', 'someOf': ['a', 'b'], 'members': {'a': {'type': 'integer'}} | {'a': 1} | -
        'type': 'object', 'needs': 'a', 'members': {'a': {'type': 'integer'}}, 'texts': {'needs': 'no a in {name}'} | \
        {} | no a in x
        # texts in place of the common ones
        'type': 'string', 'texts': {'type': 'T {name}'}                          | 5   | T x
        'type': 'string', 'nonEmpty': true, 'texts': {'empty': 'E {name}'}       | ''  | E x
        'type': 'string', 'enum': ['a'], 'texts': {'enum': 'N {value} {name}'}   | 'b' | N b x
        'type': 'string', 'pattern': 'a', 'texts': {'pattern': 'P {value}'}      | '{name}' | P {name}
        'type': 'integer', 'min': 1, 'texts': {'min': 'L {value}'}               | 0   | L 0
        'type': 'integer', 'max': 1, 'texts': {'max': 'H {value}'}               | 2   | H 2
        'type': 'integer', 'bound': 1, 'texts': {'bound': 'B {value}'}           | 2   | B 2
        'type': 'array', 'elements': {'type': 'string'}, 'texts': {'element': 'A {name}'} | [5] | A x
        'type': 'array', 'nonEmptyArray': true, 'texts': {'noElement': 'O'}      | []  | O
        'type': 'object', 'nonEmptyObject': true, 'texts': {'noMember': 'M'}     | {}  | M
        # these are for people
        'type': 'string', 'default': 'a', 'description': 'd', 'order': 5         | 'b' | -
        """)
    void keys(String rule, String value, String detail) {
        assertEquals(detail, problem(rule, value));
    }

    private static final String VARIANTS = "'type': 'object', 'choice': 'member', 'texts': {'object': 'thing'}, "
        + "'members': {'all': {'type': 'integer'}}, 'variants': {"
        + "'b': {'order': 2, 'members': {'b': {'type': 'integer'}, 'bb': {'type': 'integer'}}}, "
        + "'a': {'order': 1, 'members': {'a': {'type': 'integer'}}}, "
        + "'c': {'reader': 'action:c', 'members': {'c': {'type': 'integer'}}}, "
        + "'d': {'unlisted': true, 'members': {'d': {'type': 'integer'}}}}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'a': 1}                  | -
        {'b': 1, 'bb': 2}         | -
        {'b': 1, 'all': 3}        | -
        {'c': 1}                  | -
        {'a': 1, 'd': 1}          | The "thing" object must have just one of "a", "b", or "c" options set.
        {}                        | The "thing" object must have either "a", "b", or "c" option set.
        {'all': 1}                | The "thing" object must have either "a", "b", or "c" option set.
        {'a': 1, 'b': 1}          | The "thing" object must have just one of "a", "b", or "c" options set.
        {'a': 1, 'bb': 1}         | Unknown parameter "bb".
        {'a': 'x'}                | The "a" value must be an integer number, but not a string.
        """)
    void oneOfTheMembersChooses(String value, String detail) {
        assertEquals(detail, problem(VARIANTS, value));
    }

    private static final String TYPES = "'type': 'object', 'choice': 'type', 'members': {'type': {'type': 'string'}}, "
        + "'texts': {'noType': 'no type', 'badType': 'bad {value}'}, 'variants': {"
        + "'one': {'aliases': ['uno'], 'members': {'m': {'type': 'integer', 'required': true}}}, "
        + "'two': {'members': {}}}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {}                        | no type
        {'type': 5}               | The "type" value must be a string, but not an integer number.
        {'type': 'two'}           | -
        {'type': 'two 1.2'}       | -
        {'type': 'two1'}          | -
        {'type': 'one', 'm': 1}   | -
        {'type': 'uno', 'm': 1}   | -
        {'type': 'uno 3', 'm': 1} | -
        {'type': 'one'}           | Required parameter "m" is missing.
        {'type': 'two', 'm': 1}   | Unknown parameter "m".
        {'type': 'three'}         | bad three
        {'type': 'on'}            | bad on
        {'type': 'onex'}          | bad onex
        {'type': ' one'}          | bad  one
        {'type': 'ONE'}           | bad ONE
        """)
    void theTypeChooses(String value, String detail) {
        assertEquals(detail.strip(), problem(TYPES, value).strip());
    }

    private static final String UNLESS = "'type': 'object', 'members': {"
        + "'a': {'type': 'integer', 'required': true, 'unless': 'many'}, 'b': {'type': 'integer', 'unless': 'many'}, "
        + "'many': {'type': 'object', 'members': {}}}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {}                     | Required parameter "a" is missing.
        {'a': 1}               | -
        {'a': 1, 'b': 2}       | -
        {'many': {}}           | -
        {'many': {}, 'b': 1}   | The "b" option is mutually exclusive with the "many" object.
        {'a': 1, 'many': {}}   | The "a" option is mutually exclusive with the "many" object.
        {'a': 1, 'many': 1}    | The "a" option is mutually exclusive with the "many" object.
        {'many': 1, 'a': 1}    | The "many" value must be an object, but not an integer number.
        """)
    void someMembersExcludeAnother(String value, String detail) {
        assertEquals(detail, problem(UNLESS, value));
    }

    /** Required ones first and as listed, then what is there as written, depth first. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'z': 1}                          | Required parameter "b" is missing.
        {'b': 'x'}                        | Required parameter "a" is missing.
        {'b': 'x', 'a': 'x', 'z': 1}      | The "b" value must be an integer number, but not a string.
        {'z': 1, 'b': 'x', 'a': 'x'}      | Unknown parameter "z".
        {'a': 'x', 'b': 'x', 'o': {}}     | The "a" value must be an integer number, but not a string.
        {'o': {'z': 1}, 'a': 'x', 'b': 1} | Unknown parameter "z".
        {'a': 1, 'o': {}, 'b': 'x'}       | The "b" value must be an integer number, but not a string.
        """)
    void theFirstProblemIsTold(String value, String detail) {
        assertEquals(detail, problem("'type': 'object', 'members': {'b': {'type': 'integer', 'required': true}, "
            + "'a': {'type': 'integer', 'required': true}, 'o': {'type': 'object', 'members': {}}}", value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text", "{}{}", "[]", "1", "{'types': []}", "{'type': {}}",
        "{'types': {'a': {'type': 'object', 'members': {'b': 1}}}}",
        "{'types': {'a': {'type': 'object', 'members': {'b': {}}}}}", "{'types': {'a': {'type': 5}}}",
        "{'types': {'a': {'type': ['string', 'no']}}}",
        "{'types': {'a': {'type': 'array', 'elements': {'type': 'no'}}}}",
        "{'types': {'a': {'type': 'string', 'check': ['prefix', 'no']}}}",
        "{'types': {'a': {'type': 'string', 'x': 1}}}",
        "{'types': {'a': {'ref': 'b'}}}", "{'types': {'a': {'type': 'string', 'pattern': '['}}}",
        "{'types': {'a': {'type': 'object', 'names': 'no', 'values': {'type': 'string'}}}}",
        "{'types': {'a': {'type': 'object', 'then': 'no', 'members': {}}}}", "{'variables': [1]}", "{'variables': {}}",
        "{'extend': {'a': 1}}", "{'extend': {'a': {'values': {}}}}", "{'extend': {'a': {'members': {'b': 1}}}}",
        "{'extend': {'a': {'variants': {'b': 1}}}}"})
    void unusableFilesChangeNothing(String file) {
        SchemaRegistry registry = Schemas.load();
        Schema before = registry.current();
        SchemaException e = assertThrows(SchemaException.class, () -> registry.put("bad/1", json(file)), file);
        assertTrue(e.getMessage().startsWith("Schema bad/1: "), e.getMessage());
        assertSame(before, registry.current());
    }

    /** What one bundle adds to the options of another says who reads it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'members': {'m': {'type': 'string', 'reader': 'action:m'}}}                                       | -
        {'members': {'m': {'type': 'object', 'reader': 'router', 'members': {'n': {'type': 'string'}}}}}   | -
        {'members': {'m': {'type': 'object', 'members': {'n': {'type': 'string', 'reader': 'router'}}}}}   | -
        {'members': {'m': {'ref': 'settings', 'reader': 'router'}}}                                        | -
        {'variants': {'m': {'reader': 'action:m', 'members': {'m': {'type': 'string'}}}}}                  | -
        {'variants': {'m': {'members': {'m': {'type': 'string', 'reader': 'action:m'}}}}}                  | -
        {'members': {'m': {'type': 'string'}}}                                                             | m
        {'members': {'m': {'ref': 'settings'}}}                                                            | m
        {'members': {'m': {'type': 'object', 'members': {'n': {'type': 'string'}}}}}                       | m
        {'members': {'m': {'type': 'object', 'members': {}}}}                                              | m
        {'members': {'m': {'type': 'object', 'values': {'type': 'string'}}}}                               | m
        {'members': {'m': {'type': ['object', 'string'], 'members': {'n': {'type': 'string', 'reader': 'r'}}}}} | m
        {'members': {'a': {'type': 'string', 'reader': 'r'}, 'm': {'type': 'string'}}}                     | m
        {'variants': {'m': {'members': {'m': {'type': 'string'}}}}}                                        | m
        {'variants': {'m': {}}}                                                                            | m
        """)
    void whatIsAddedNamesItsReader(String extension, String blamed) {
        for (String type : List.of("settings", "action", "configuration", "of-another-bundle")) {
            SchemaRegistry registry = Schemas.load();
            String file = "{'extend': {'" + type + "': " + extension + "}}";
            if (blamed.equals("-")) {
                registry.put("x/1", json(file));
            } else {
                SchemaException e = assertThrows(SchemaException.class, () -> registry.put("x/1", json(file)));
                assertEquals("Schema x/1: the option \"" + blamed + "\" that is added to \"" + type
                    + "\" names no \"reader\"", e.getMessage());
            }
        }
    }

    @Test
    void soDoesWhatIsReachedOtherwise() {
        SchemaRegistry registry = new SchemaRegistry();
        SchemaException e = assertThrows(SchemaException.class, () -> registry.put("x/1", json("{'types': "
            + "{'configuration': {'type': 'object', 'members': {'a': {'type': 'object', 'members': {'b': "
            + "{'type': 'string'}}}}}}}")));
        assertEquals("Schema x/1: the option \"/a/b\" names no \"reader\"", e.getMessage());
    }

    @Test
    void laterSourcesWinAndFilesWaitForTheirTypes() {
        SchemaRegistry registry = rule("'type': 'integer'");
        registry.put("c", json("{'extend': {'late': {'members': {'n': {'type': 'string', 'reader': 'router'}}}}}"));
        registry.put("b", json("{'extend': {'configuration': {'members': {'o': {'ref': 'late', "
            + "'reader': 'router'}}}}}"));
        assertEquals("Unknown parameter \"o\".", problem(registry, "{'o': {}}"));
        registry.put("d", json("{'types': {'late': {'type': 'object', 'members': {}}}}"));
        assertEquals("-", problem(registry, "{'o': {'n': 'a'}}"));
        registry.put("e", json("{'extend': {'late': {'members': {'n': {'type': 'integer', 'reader': 'router'}}}}}"));
        assertEquals("-", problem(registry, "{'o': {'n': 5}}"));
        registry.remove("e");
        assertEquals("The \"n\" value must be a string, but not an integer number.",
            problem(registry, "{'o': {'n': 5}}"));
        registry.remove("d");
        assertEquals("Unknown parameter \"o\".", problem(registry, "{'o': {}}"));
        registry.remove("no such source");
        assertEquals("-", problem(registry, "{'x': 5}"));
    }

    @Test
    void aTypeMayHoldItself() {
        SchemaRegistry registry = new SchemaRegistry();
        registry.put("a", json("{'types': {'configuration': {'type': 'object', 'members': {'t': {'ref': 'tree', "
            + "'reader': 'router'}}}, 'tree': {'type': 'object', 'values': {'ref': 'tree'}}}}"));
        assertEquals("-", problem(registry, "{'t': {'a': {'b': {'c': {}}}, 'd': {}}}"));
        assertEquals("The \"c\" value must be an object, but not an integer number.",
            problem(registry, "{'t': {'a': {'b': {'c': 1}}}}"));
        assertEquals(List.of(), registry.current().options());
    }

    @Test
    void withoutTheTypeOfAllNothingCanBeTested() {
        SchemaRegistry registry = new SchemaRegistry();
        assertThrows(IllegalStateException.class, () -> problem(registry, "{}"));
        assertEquals("The configuration must be an object, but not an array.", problem(registry, "[]"));
        assertEquals(List.of(), registry.current().options());
    }

    @Test
    void optionsAreWalkedWithTheReadersAboveThem() {
        SchemaRegistry registry = rule("'type': ['string', 'object'], 'values': {'type': 'array', 'elements': "
            + "{'type': 'integer', 'reader': 'inner'}}");
        registry.put("b", json("{'extend': {'configuration': {'members': {'v': {'type': 'object', 'reader': 'outer', "
            + "'choice': 'member', 'members': {'c': {'type': 'string'}}, 'variants': {'k': {'reader': 'action:k', "
            + "'members': {'k': {'type': 'string'}}}, 'l': {'members': {'l': {'ref': 'other'}}}}}}}}}"));
        Set<Option> expected = Set.of(new Option("/x", "x", Optional.of("router")),
            new Option("/x/*/*", "x", Optional.of("inner")),
            new Option("/v/c", "c", Optional.of("outer")), new Option("/v<k>/k", "k", Optional.of("action:k")),
            new Option("/v<l>/l", "l", Optional.of("outer")));
        assertEquals(expected, new HashSet<>(registry.current().options()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        'of:a' | -
        'of:b' | No <b>.
        'of:'  | No <>.
        'x:b'  | -
        ''     | -
        """)
    void aStringNamesAMember(String value, String detail) {
        SchemaRegistry registry = rule("'type': 'string', 'memberOf': {'in': 'them', 'after': 'of:'}, "
            + "'texts': {'memberOf': 'No <{value}>.'}");
        registry.put("b", json("{'extend': {'configuration': {'members': {'them': {'type': 'object', "
            + "'values': {'type': 'null'}, 'reader': 'router'}}}}}"));
        assertEquals(detail, problem(registry, "{'x': " + value + ", 'them': {'a': null}}"));
    }

    @Test
    void memberOfNeedsAnObject() {
        assertThrows(SchemaException.class, () -> rule("'type': 'string', 'memberOf': {'after': 'of:'}"));
        assertEquals("The \"x\" value names \"b\" of \"them\", which does not exist.",
            problem("'type': 'string', 'memberOf': {'in': 'them'}", "'b'"));
    }

    /** A bundle adds one option to an object that another has described. */
    @Test
    void anObjectKeepsItsOwnMembers() {
        SchemaRegistry registry = rule("'type': 'object', 'members': {'old': {'type': 'null'}}");
        byte[] more = json("{'extend': {'configuration': {'members': {'x': {'members': {'new': {'type': 'null', "
            + "'reader': 'wire:w'}}}}}}}");
        registry.put("b", more);
        assertEquals("-", problem(registry, "{'x': {'old': null, 'new': null}}"));
        assertEquals("Unknown parameter \"other\".", problem(registry, "{'x': {'other': null}}"));
        registry.remove("b");
        assertEquals("Unknown parameter \"new\".", problem(registry, "{'x': {'new': null}}"));
    }

    /** What main opens for others is found wherever a schema says so. */
    @Test
    void filesToOpen() {
        SchemaRegistry registry = rule("'type': ['string', 'object'], 'opens': 'log', 'members': {'path': {'type': "
            + "'string', 'opens': 'log'}, 'format': {'type': 'string'}}");
        registry.put("b", json("{'extend': {'configuration': {'members': {'each': {'type': 'object', "
            + "'reader': 'router', 'values': {'type': ['string', 'array'], 'opens': 'log'}}, 'kind': {'type': "
            + "'object', 'choice': 'member', 'reader': 'router', 'variants': {'v': {'members': {'v': {'type': "
            + "'string', 'opens': 'log'}}}}}}}}}"));
        Schema schema = registry.current();
        BiFunction<String, String, Boolean> opens = (conf, files) -> schema.filesToOpen((ConfObject) Schemas.parse(
            conf.replace('\'', '"'))).equals(Set.of(files.split(" ")));
        assertTrue(opens.apply("{'x': '/a'}", "/a"));
        assertTrue(opens.apply("{'x': {'path': '/a', 'format': '/b'}}", "/a"));
        assertTrue(opens.apply("{'each': {'1': '/a', '2': ['/b', '/c']}, 'kind': {'v': '/d'}}", "/a /b /c /d"));
        assertEquals(Set.of(), schema.filesToOpen(ConfObject.EMPTY));
    }
}
