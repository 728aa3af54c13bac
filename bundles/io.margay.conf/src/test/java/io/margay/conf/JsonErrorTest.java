// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each text of spec/configuration.md §1.3 in whole, and where it points. */
class JsonErrorTest {
    private static final String EMPTY = "An empty JSON payload isn't allowed.  It must be either a literal (null, "
        + "true, or false), a number, a string (in double quotes \"\"), an array (with brackets []), or an object "
        + "(with braces {}).";
    private static final String VALUE = "A valid JSON value is expected here.  It must be either a literal (null, "
        + "true, or false), a number, a string (in double quotes \"\"), an array (with brackets []), or an object "
        + "(with braces {}).";
    private static final String END = "Unexpected end of JSON payload.  There's ";

    private static ConfSyntaxException refused(String cell) {
        return assertThrows(ConfSyntaxException.class, () -> Cells.parse(cell), cell);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        ``             | 0
        ` `            | 0
        <0A><0A>       | 0
        // only        | 0
        // only<0A>    | 0
        /* only */     | 0
        <EF><BB><BF>   | 0
        <EF><BB><BF><20> | 0
        """)
    void empty(String cell, int offset) {
        ConfSyntaxException e = refused(cell);
        assertEquals(EMPTY, e.detail());
        assertEquals(List.of(offset, 1, 1), List.of(e.offset(), e.line(), e.column()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        x              | 0
        `  x`          | 2
        [x]            | 1
        [1,x]          | 3
        [1, x]         | 4
        {"a":x}        | 5
        {"a": x}       | 6
        {"a":1,"b":x}  | 11
        [tru]          | 1
        [true,fals]    | 6
        [[[nul]]]      | 3
        [nan]          | 1
        [1x]           | 1
        [12345x]       | 1
        [ 12345x]      | 2
        [-]            | 1
        [1,-]          | 3
        ]              | 0
        }              | 0
        ,              | 0
        :              | 0
        <80>           | 0
        <00>           | 0
        // a<0A>/      | 5
        /              | 0
        [/             | 1
        [1,/* open     | 3
        {"a":/* open   | 5
        """)
    void value(String cell, int offset) {
        ConfSyntaxException e = refused(cell);
        assertEquals(VALUE, e.detail());
        assertEquals(offset, e.offset());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {             | 1 | an object without a closing brace (}).
        `{  `         | 3 | an object without a closing brace (}).
        {"a":1        | 6 | an object without a closing brace (}).
        `{"a":1 `     | 7 | an object without a closing brace (}).
        {"a":1,       | 7 | an object without a closing brace (}).
        {"a":{}       | 7 | an object without a closing brace (}).
        {"a":1//x     | 9 | an object without a closing brace (}).
        {"a":1/*x*/   | 11 | an object without a closing brace (}).
        {"a"          | 4 | an object member without a value.
        `{"a" `       | 5 | an object member without a value.
        {"a":         | 5 | an object member without a value.
        `{"a": `      | 6 | an object member without a value.
        {"a":1,"b"    | 10 | an object member without a value.
        {"a":1,"b":   | 11 | an object member without a value.
        [             | 1 | an array without a closing bracket (]).
        `[ `          | 2 | an array without a closing bracket (]).
        [1            | 2 | an array without a closing bracket (]).
        [1,           | 3 | an array without a closing bracket (]).
        [[]           | 3 | an array without a closing bracket (]).
        [1,2/**/      | 8 | an array without a closing bracket (]).
        "             | 1 | a string without a final double quote (").
        "abc          | 4 | a string without a final double quote (").
        "abc\\        | 5 | a string without a final double quote (").
        "abc\\"       | 6 | a string without a final double quote (").
        "\\u          | 3 | a string without a final double quote (").
        "\\u00        | 5 | a string without a final double quote (").
        {"a           | 3 | a string without a final double quote (").
        {"a\\         | 4 | a string without a final double quote (").
        ["a",'        | 5 | -
        """)
    void end(String cell, int offset, String what) {
        ConfSyntaxException e = refused(cell);
        assertEquals(what.equals("-") ? VALUE : END + what, e.detail());
        assertEquals(offset, e.offset());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {a:1}          | 1
        {1:1}          | 1
        {,}            | 1
        {{}}           | 1
        {[]:1}         | 1
        {null:1}       | 1
        {"a":1,b:2}    | 7
        {"a":1,,}      | 7
        {"a":1, 2}     | 8
        {'a':1}        | 1
        {"a":{b:1}}    | 6
        {:1}           | 1
        """)
    void quote(String cell, int offset) {
        ConfSyntaxException e = refused(cell);
        assertEquals("A double quote (\") is expected here.  There must be a valid JSON object member starts with a "
            + "name, which is a string enclosed in double quotes.", e.detail());
        assertEquals(offset, e.offset());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {"a"}          | 4
        {"a" }         | 5
        {"a" 1}        | 5
        {"a",1}        | 4
        {"a"=1}        | 4
        {"a""b":1}     | 4
        {"a":1,"b"}    | 10
        {"a"/**/1}     | 8
        """)
    void colon(String cell, int offset) {
        ConfSyntaxException e = refused(cell);
        assertEquals("A colon (:) is expected here.  There must be a colon after a JSON member name.", e.detail());
        assertEquals(offset, e.offset());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {"a":1 2}      | 7
        {"a":1 "b":2}  | 7
        {"a":1]        | 6
        {"a":1;        | 5
        {"a":{};       | 7
        {"a":"b"c}     | 8
        {"a":true1}    | 9
        {"a":1:2}      | 5
        {"a":[]:2}     | 7
        {"a":null"b"}  | 9
        """)
    void braceOrComma(String cell, int offset) {
        ConfSyntaxException e = refused(cell);
        // A character that no number can be followed by is the number's fault.
        boolean number = cell.matches("\\{\"a\":1[;:].*");
        assertEquals(number ? VALUE : "Either a closing brace (}) or a comma (,) is expected here.  Each JSON object "
            + "must be enclosed in braces and its members must be separated by commas.", e.detail());
        assertEquals(offset, e.offset());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        [1 2]          | 3
        [1}            | 2
        ["a" "b"]      | 5
        ["a"}          | 4
        [[] []]        | 4
        [true false]   | 6
        [null:         | 5
        [{}{}]         | 3
        [""x]          | 3
        """)
    void bracketOrComma(String cell, int offset) {
        ConfSyntaxException e = refused(cell);
        assertEquals("Either a closing bracket (]) or a comma (,) is expected here.  Each array must be enclosed in "
            + "brackets and its elements must be separated by commas.", e.detail());
        assertEquals(offset, e.offset());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {} {}          | 3
        {}{}           | 2
        [],            | 2
        1,             | 1
        "a""b"         | 3
        true,          | 4
        truex          | 4
        null<00>       | 4
        {}<0A><0A>x    | 4
        {} /           | 3
        {} /* open     | 3
        "a" // b<0A>c  | 9
        """)
    void trailing(String cell, int offset) {
        ConfSyntaxException e = refused(cell);
        assertEquals("Unexpected character after the end of a valid JSON value.", e.detail());
        assertEquals(offset, e.offset());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {"a":1,"a":2}              | 7
        {"a":1, "a":2}             | 8
        {"a":1,"b":2,"a":3}        | 13
        {"":1,"":2}                | 6
        {"a":1,"\\u0061":2}        | 7
        {"x":{"a":1,"a":2}}        | 12
        {"\\n":1,"\\u000a":2}      | 8
        {"a":1,"a"                 | 7
        """)
    void duplicate(String cell, int offset) {
        ConfSyntaxException e = refused(cell);
        assertEquals("Duplicate object member.  All JSON object members must have unique names.", e.detail());
        assertEquals(offset, e.offset());
    }

    /** Lines end at a line feed and nowhere else; columns count characters, not bytes. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        x                                  | 0  | 1 | 1
        `   x`                             | 3  | 1 | 4
        <0A>x                              | 1  | 2 | 1
        <0D><0A>x                          | 2  | 2 | 1
        <0D>x                              | 1  | 1 | 2
        <0A><0A><0A>  x                    | 5  | 4 | 3
        {<0A><09>"a": 1,<0A><09>"b": x     | 17 | 3 | 7
        ["<C3><A9>",x                      | 6  | 1 | 6
        ["<E2><82><AC>",x                  | 7  | 1 | 6
        ["<F0><9F><98><80>",x              | 8  | 1 | 6
        <EF><BB><BF>x                      | 0  | 1 | 1
        <EF><BB><BF><0A>x                  | 1  | 2 | 1
        <EF><BB><BF>["<C3><A9>",x          | 6  | 1 | 6
        // <C3><A9><0A>x                   | 6  | 2 | 1
        /* <C3><A9> */x                    | 8  | 1 | 8
        ["<FF>",x                          | 5  | 0 | 0
        ["<C3>",x                          | 5  | 0 | 0
        ["<ED><A0><80>",x                  | 7  | 0 | 0
        ["<FF>",<0A>x                      | 6  | 2 | 1
        ["<FF>",<0A>"<C3><A9>",x           | 11 | 2 | 5
        <FF>                               | 0  | 1 | 1
        ["a<FF>                            | 4  | 0 | 0
        """)
    void places(String cell, int offset, int line, int column) {
        ConfSyntaxException e = refused(cell);
        assertEquals(List.of(offset, line, column), List.of(e.offset(), e.line(), e.column()));
    }
}
