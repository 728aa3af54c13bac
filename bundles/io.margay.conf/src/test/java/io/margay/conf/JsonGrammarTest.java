// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the parser takes and what it makes of it: spec/configuration.md §1.1 and §1.2. */
class JsonGrammarTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # white space, in every place
        <20><09><0A><0D>{}             | {}
        {}<20><09><0A><0D>             | {}
        {<20>"a"<09>:<0A>1<0D>}        | {"a":1}
        {"a":1<20>,<09>"b":2}          | {"a":1,"b":2}
        [<0A>1<0A>,<0A>2<0A>]          | [1,2]
        {<0A>}                         | {}
        [<0D><0A>]                     | []
        # comments, where white space may stand
        // one<0A>{}                   | {}
        {}// end                       | {}
        {}//                           | {}
        {}// end<0A>                   | {}
        /**/{}/**/                     | {}
        /***/[]                        | []
        /****/[]                       | []
        /* // */[]                     | []
        /* * / */[]                    | []
        // /* <0A>[]                   | []
        {/*a*/"a"/*b*/:/*c*/1/*d*/}    | {"a":1}
        [/*a*/1/*b*/,/*c*/2/*d*/]      | [1,2]
        {"a":1,// last<0A>}            | {"a":1}
        [1,/**/]                       | [1]
        /*<0A>*/ 1 /*<0A>*/            | 1
        # one comma before the end
        {"a":1,}                       | {"a":1}
        {"a":1 , }                     | {"a":1}
        [1,]                           | [1]
        [[],]                          | [[]]
        [{},]                          | [{}]
        {"a":{"b":[1,],},}             | {"a":{"b":[1]}}
        # every kind of value at the top
        true                           | true
        false                          | false
        null                           | null
        0                              | 0
        "x"                            | "x"
        ""                             | ""
        []                             | []
        {}                             | {}
        # names
        {"":1}                         | {"":1}
        {"a":1,"A":2}                  | {"a":1,"A":2}
        {"a b":1}                      | {"a b":1}
        {"\\u0061":1}                  | {"a":1}
        {"\\"":1}                      | {"\\"":1}
        {"a\\/b":1}                    | {"a/b":1}
        {"<C3><A9>":1,"<E9>":2}        | {"<C3><A9>":1,"<E9>":2}
        # order is kept
        {"c":1,"a":2,"b":3}            | {"c":1,"a":2,"b":3}
        # nesting
        [[[[]]]]                       | [[[[]]]]
        {"a":{"b":{"c":{}}}}           | {"a":{"b":{"c":{}}}}
        [{"a":[{"b":[]}]}]             | [{"a":[{"b":[]}]}]
        # a mark in front
        <EF><BB><BF>1                  | 1
        <EF><BB><BF> {"a":1}           | {"a":1}
        """)
    void accepted(String cell, String expected) throws ConfSyntaxException {
        assertEquals(expected, Cells.of(ConfWriter.compact(Cells.parse(cell))));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        // White space is just four bytes.
        "<0B>{}", "<0C>{}", "{}<00>", "<A0>{}", "[1,<C2><A0>2]", "<E2><80><89>1",
        // A mark may stand once, and in front only.
        "<EF><BB><BF><EF><BB><BF>1", "1<EF><BB><BF>", "<EF><BB>1", "<EF><BB><BF>",
        // Comments end, and stand for white space only.
        "/", "//", "/*", "/* *", "/*/", "1 /", "1 /*", "[1 / 2]", "tr/**/ue", "\"a\"/**/\"b\"", "# c\n1", "1/2",
        // Commas.
        "[,]", "[,1]", "[1,,]", "[1,,2]", "{,}", "{\"a\":1,,}", "{,\"a\":1}", "1,", "[1],", "{} ,",
        // Literals.
        "True", "FALSE", "Null", "tru", "nul", "fals", "t", "truefalse", "nulls", "undefined", "NaN", "Infinity",
        // Quotes and colons.
        "{a:1}", "{'a':1}", "'a'", "{\"a\"=1}", "{\"a\":}", "{\"a\"}", "{1:2}", "{null:1}", "{[]:1}", "{\"a\"::1}",
        // Brackets that do not fit.
        "[1}", "{\"a\":1]", "]", "}", "[", "{", "[[]", "{\"a\":{}", "[1", "{\"a\":1", "{}{}", "[][]", "[1] 2"})
    void refused(String cell) {
        assertThrows(ConfSyntaxException.class, () -> Cells.parse(cell), cell);
    }

    static IntStream controls() {
        return IntStream.range(0, 32);
    }

    @ParameterizedTest
    @MethodSource("controls")
    void controlBytesMustBeEscaped(int control) throws ConfSyntaxException {
        String raw = "\"ab" + (char) control + "\"";
        ConfSyntaxException e = assertThrows(ConfSyntaxException.class, () -> ConfParserTest.parse(raw));
        assertEquals("Unexpected character.  All control characters in a JSON string must be escaped.", e.detail());
        assertEquals(3, e.offset());
        String name = "{\"" + (char) control + "\":1}";
        assertEquals(2, assertThrows(ConfSyntaxException.class, () -> ConfParserTest.parse(name)).offset());
        String escaped = String.format("\"\\u%04x\"", control);
        assertEquals(Conf.of(String.valueOf((char) control)), ConfParserTest.parse(escaped));
    }

    static IntStream afterBackslash() {
        return IntStream.range(0, 256).filter(c -> "\"\\/bfnrtu".indexOf(c) < 0);
    }

    @ParameterizedTest
    @MethodSource("afterBackslash")
    void noOtherEscapes(int c) {
        ConfSyntaxException e = assertThrows(ConfSyntaxException.class,
            () -> ConfParserTest.parse("[\"x\\" + (char) c + "\"]"));
        assertTrue(e.detail().startsWith("Unexpected backslash."), e.detail());
        assertEquals(3, e.offset());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        \\"     | 22
        \\\\    | 5C
        \\/     | 2F
        \\b     | 08
        \\f     | 0C
        \\n     | 0A
        \\r     | 0D
        \\t     | 09
        \\u0000 | 00
        \\u001F | 1F
        \\u007f | 7F
        \\u0080 | C280
        \\u00e9 | C3A9
        \\u00E9 | C3A9
        \\u07ff | DFBF
        \\u0800 | E0A080
        \\uD7FF | ED9FBF
        \\uE000 | EE8080
        \\uFEFF | EFBBBF
        \\uFFFF | EFBFBF
        \\uD800\\uDC00 | F0908080
        \\uD83D\\uDE00 | F09F9880
        \\udbff\\udfff | F48FBFBF
        a\\u0062c      | 616263
        \\u0061\\u0062 | 6162
        """)
    void escapesAreBytes(String text, String hex) throws ConfSyntaxException {
        byte[] bytes = ((ConfString) ConfParserTest.parse('"' + text + '"')).bytes();
        assertEquals(hex, java.util.HexFormat.of().withUpperCase().formatHex(bytes));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        \\u          | 2
        \\u1         | 3
        \\u12        | 4
        \\u123       | 5
        \\u123g      | 5
        \\ug123      | 2
        \\u 123      | 2
        \\u+123      | 2
        \\u-123      | 2
        \\u12 3      | 4
        \\U0041      | 0
        \\ud83d\\u   | 8
        \\ud83d\\uZ  | 8
        \\ud83d      | 0
        \\ude00      | 0
        \\ud83dx     | 0
        \\ud83d\\n   | 0
        \\ud83d\\u0041  | 0
        \\ud83d\\ud83d  | 0
        \\ude00\\ud83d  | 0
        """)
    void brokenEscapesAreFound(String text, int place) {
        ConfSyntaxException e = assertThrows(ConfSyntaxException.class, () -> ConfParserTest.parse('"' + text + '"'));
        assertEquals(1 + place, e.offset(), e.detail());
    }

    /** Digits of other scripts are letters of Java's, not of JSON's. */
    @Test
    void hexadecimalDigitsAreAscii() {
        String arabic = "\u0661";
        byte[] text = ("\"\\u00" + arabic + arabic + "\"").getBytes(StandardCharsets.UTF_8);
        assertThrows(ConfSyntaxException.class, () -> ConfParser.parse(text));
    }

    static Stream<String> deepTexts() {
        return Stream.of("[", "{\"a\":", "[{\"a\":", "{\"a\":[");
    }

    @ParameterizedTest
    @MethodSource("deepTexts")
    void depthCountsBothKinds(String open) throws ConfSyntaxException {
        int levels = open.length() - open.replaceAll("[\\[{]", "").length();
        int most = ConfParser.MAX_DEPTH / levels;
        String close = new StringBuilder(open.replaceAll("[^\\[{]", "").replace('[', ']').replace('{', '}')).reverse()
            .toString();
        Conf deepest = ConfParserTest.parse(open.repeat(most) + "1" + close.repeat(most));
        assertEquals(deepest, ConfParser.parse(ConfWriter.pretty(deepest)));
        ConfSyntaxException e = assertThrows(ConfSyntaxException.class,
            () -> ConfParserTest.parse(open.repeat(most + 1)));
        assertEquals("JSON nesting exceeds the maximum supported depth.", e.detail());
        assertEquals(open.length() * most, e.offset());
    }

    @Test
    void duplicatesAreFoundAmongFewAndMany() throws ConfSyntaxException {
        for (int count : new int[] {1, 2, 7, 8, 9, 10, 11, 100, 1000}) {
            StringBuilder text = new StringBuilder("{");
            for (int i = 0; i < count; i++) {
                text.append("\"n").append(i).append("\":").append(i).append(',');
            }
            assertEquals(count, ((ConfObject) ConfParserTest.parse(text + "}")).size());
            for (int twice : new int[] {0, count / 2, count - 1}) {
                String again = text + " \"n" + twice + "\":0}";
                ConfSyntaxException e = assertThrows(ConfSyntaxException.class, () -> ConfParserTest.parse(again));
                assertEquals("Duplicate object member.  All JSON object members must have unique names.", e.detail());
                assertEquals(text.length() + 1, e.offset());
            }
        }
    }

    @Test
    void namesAreComparedByTheirBytes() throws ConfSyntaxException {
        // The same letter in two forms, and a byte that is no UTF-8.
        ConfObject object = (ConfObject) Cells.parse("{\"<C3><A9>\":1,\"e<CC><81>\":2,\"<C3>\":3,\"<C3><C3>\":4}");
        assertEquals(List.of("\u00e9", "e\u0301", "\udcc3", "\udcc3\udcc3"),
            List.copyOf(object.members().keySet()));
        assertThrows(ConfSyntaxException.class, () -> Cells.parse("{\"<C3><A9>\":1,\"\\u00e9\":2}"));
    }

    @Test
    void shortNamesAreOneObject() throws ConfSyntaxException {
        ConfArray array = (ConfArray) ConfParserTest.parse("[{\"name\":1},{\"name\":2},{\"n\\u0061me\":3}]");
        List<String> names = new ArrayList<>();
        array.elements().forEach(each -> names.add(((ConfObject) each).members().keySet().iterator().next()));
        assertEquals(List.of("name", "name", "name"), names);
        assertTrue(names.get(0) == names.get(1), "kept, since a configuration repeats them");
    }

    @ParameterizedTest
    @ValueSource(ints = {31, 32, 33, 34, 100, 5000})
    void longNamesAreNamesToo(int length) throws ConfSyntaxException {
        String name = "n".repeat(length);
        ConfObject object = (ConfObject) ConfParserTest.parse("{\"" + name + "\":1,\"" + name + "x\":2}");
        assertEquals(1, object.integer(name, 0));
        assertEquals(2, object.integer(name + "x", 0));
    }

    @Test
    void memoryIsBounded() throws ConfSyntaxException {
        String text = "[" + "{\"a\":[1,\"x\"]},".repeat(100) + "]";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertTrue(ConfParser.parse(bytes, 100_000) instanceof ConfArray);
        ConfSyntaxException e = assertThrows(ConfSyntaxException.class, () -> ConfParser.parse(bytes, 10_000));
        assertEquals("The JSON value is too large for the memory of this process.", e.detail());
        assertTrue(e.offset() > 100 && e.offset() < bytes.length, () -> "at " + e.offset());
        // A long string counts as a whole; so does a name among many.
        byte[] string = ("\"" + "x".repeat(5000) + "\"").getBytes(StandardCharsets.UTF_8);
        assertThrows(ConfSyntaxException.class, () -> ConfParser.parse(string, 5000));
        assertEquals(5000, ((ConfString) ConfParser.parse(string, 6000)).value().length());
    }

    @Test
    void theBytesGivenAreNotAltered() throws ConfSyntaxException {
        byte[] text = "{\"a\": \"\\u0041\", /* c */ \"b\": [1.0]}".getBytes(StandardCharsets.UTF_8);
        byte[] before = text.clone();
        Conf value = ConfParser.parse(text);
        assertEquals(new String(before, StandardCharsets.UTF_8), new String(text, StandardCharsets.UTF_8));
        java.util.Arrays.fill(text, (byte) 'x');
        assertEquals("{\"a\":\"A\",\"b\":[1.0]}", ConfWriter.compactText(value));
        assertFalse(value.equals(Conf.of("x")));
    }
}
