// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written: spec/configuration.md §2. */
class JsonOutputTest {

    /** Line ends are shown as {@code ~}, tabs as {@code >}. */
    private static String pretty(String json) throws ConfSyntaxException {
        return new String(ConfWriter.pretty(ConfParserTest.parse(json)), StandardCharsets.ISO_8859_1)
            .replace("\r\n", "~").replace('\t', '>');
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # scalars and empty containers stand alone
        1                             | 1~
        1e3                           | 1e3~
        true                          | true~
        false                         | false~
        null                          | null~
        "x"                           | "x"~
        ""                            | ""~
        {}                            | {}~
        []                            | []~
        # one level
        {"a":1}                       | {~>"a": 1~}~
        {"a":1,"b":2}                 | {~>"a": 1,~>"b": 2~}~
        [1]                           | [~>1~]~
        [1,2]                         | [~>1,~>2~]~
        [null,true,"x"]               | [~>null,~>true,~>"x"~]~
        # no blank line after an empty container
        {"a":{},"b":1}                | {~>"a": {},~>"b": 1~}~
        {"a":[],"b":1}                | {~>"a": [],~>"b": 1~}~
        # one after a filled container
        {"a":{"x":1},"b":1}           | {~>"a": {~>>"x": 1~>},~~>"b": 1~}~
        {"a":[1],"b":1}               | {~>"a": [~>>1~>],~~>"b": 1~}~
        {"a":[[]],"b":1}              | {~>"a": [~>>[]~>],~~>"b": 1~}~
        {"a":{"x":1},"b":{"y":2}}     | {~>"a": {~>>"x": 1~>},~~>"b": {~>>"y": 2~>}~}~
        {"a":{"x":1},"b":{},"c":1}    | {~>"a": {~>>"x": 1~>},~~>"b": {},~>"c": 1~}~
        # never before a closing bracket
        {"a":{"x":1}}                 | {~>"a": {~>>"x": 1~>}~}~
        {"a":1,"b":{"x":1}}           | {~>"a": 1,~>"b": {~>>"x": 1~>}~}~
        # never between elements
        [[1],[2]]                     | [~>[~>>1~>],~>[~>>2~>]~]~
        [{"a":1},{"b":2}]             | [~>{~>>"a": 1~>},~>{~>>"b": 2~>}~]~
        [{},{},[]]                    | [~>{},~>{},~>[]~]~
        # deeper
        {"a":{"b":{"c":1}}}           | {~>"a": {~>>"b": {~>>>"c": 1~>>}~>}~}~
        {"a":[{"b":1},{"c":[]}]}      | {~>"a": [~>>{~>>>"b": 1~>>},~>>{~>>>"c": []~>>}~>]~}~
        {"a":{"b":{"c":1},"d":2},"e":3} | {~>"a": {~>>"b": {~>>>"c": 1~>>},~~>>"d": 2~>},~~>"e": 3~}~
        # comments and the form of the input are gone
        /* c */ {"a" : 1 , }          | {~>"a": 1~}~
        """)
    void prettyForm(String json, String expected) throws ConfSyntaxException {
        assertEquals(expected, pretty(json));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "1", "\"\"", "{\"a\":1}", "[1,[2,[3]]]", "{\"a\":{\"b\":[{}]},\"c\":null}",
        "{\"listeners\":{},\"routes\":[],\"applications\":{}}", "[1e3,1.0,-01,true]"})
    void compactFormHasNoBlank(String json) throws ConfSyntaxException {
        Conf value = ConfParserTest.parse(json);
        assertEquals(json, new String(ConfWriter.compact(value), StandardCharsets.UTF_8));
        assertEquals(json, ConfWriter.compactText(value));
        assertEquals(value, ConfParser.parse(ConfWriter.pretty(value)));
    }

    @Test
    void eachByteOfAStringIsWrittenInItsForm() throws ConfSyntaxException {
        for (int c = 0; c < 0x80; c++) {
            String expected = switch (c) {
                case '"' -> "\\\"";
                case '\\' -> "\\\\";
                case '\n' -> "\\n";
                case '\r' -> "\\r";
                case '\t' -> "\\t";
                case '\b' -> "\\b";
                case '\f' -> "\\f";
                default -> c < ' ' ? String.format("\\u%04X", c) : String.valueOf((char) c);
            };
            String value = "a" + (char) c + "b";
            assertEquals("\"a" + expected + "b\"", ConfWriter.compactText(Conf.of(value)));
            assertEquals("\"a" + expected + "b\"", ConfWriter.quoted(value));
            assertEquals(Conf.of(value), ConfParser.parse(ConfWriter.compact(Conf.of(value))));
            ConfObject named = ConfObject.builder().put(value, 1).build();
            assertEquals("{\"a" + expected + "b\":1}", ConfWriter.compactText(named));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        <C3><A9>            | <C3><A9>
        <E2><82><AC>        | <E2><82><AC>
        <F0><9F><98><80>    | <F0><9F><98><80>
        <80>                | <80>
        <FF><FE>            | <FF><FE>
        <C3>                | <C3>
        <ED><A0><80>        | <ED><A0><80>
        <ED><A0><BD><ED><B8><80> | <ED><A0><BD><ED><B8><80>
        <F0><9F><98>        | <F0><9F><98>
        <C0><80>            | <C0><80>
        <F4><90><80><80>    | <F4><90><80><80>
        a<E9>b<C3><A9>c     | a<E9>b<C3><A9>c
        <7F>                | <7F>
        <EF><BB><BF>        | <EF><BB><BF>
        """)
    void otherBytesStayAsTheyAre(String cell, String expected) throws ConfSyntaxException {
        byte[] text = Cells.bytes("[\"" + cell + "\",{\"" + cell + "\":1}]");
        assertEquals("[\"" + expected + "\",{\"" + expected + "\":1}]", Cells.of(ConfWriter.compact(
            ConfParser.parse(text))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        \\u00e9       | <C3><A9>
        \\ud83d\\ude00 | <F0><9F><98><80>
        \\u007f       | <7F>
        \\u0041       | A
        \\/           | /
        \\u0000       | \\u0000
        \\u001f       | \\u001F
        \\u000A       | \\n
        \\u0022       | \\"
        \\u005c       | \\\\
        """)
    void escapesTakeOneForm(String escape, String expected) throws ConfSyntaxException {
        assertEquals('"' + expected + '"', Cells.of(ConfWriter.compact(ConfParserTest.parse('"' + escape + '"'))));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 10, 11, 12, 50, 1000})
    void membersKeepTheirOrder(int count) throws ConfSyntaxException {
        List<String> names = new ArrayList<>();
        ConfObject.Builder builder = ConfObject.builder();
        for (int i = count; i > 0; i--) {
            names.add("name" + i * 7 % 1009);
            builder.put(names.getLast(), i);
        }
        ConfObject object = builder.build();
        assertEquals(names, List.copyOf(object.members().keySet()));
        ConfObject again = (ConfObject) ConfParser.parse(ConfWriter.pretty(object));
        assertEquals(names, List.copyOf(again.members().keySet()));
        assertArrayEquals(ConfWriter.compact(object), ConfWriter.compact(again));
    }

    /** Beyond the piece in which texts are collected. */
    @ParameterizedTest
    @ValueSource(ints = {255, 256, 257, (1 << 20) - 2, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20})
    void longTextsAreWhole(int length) throws ConfSyntaxException {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + i % 26));
        }
        byte[] written = ConfWriter.compact(Conf.of(text.toString()));
        assertEquals(length + 2, written.length);
        assertEquals(text.toString(), ((ConfString) ConfParser.parse(written)).value());
        byte[] many = ConfWriter.compact(new ConfArray(List.of(Conf.of(text.toString()), Conf.of(text.toString()))));
        assertEquals(2 * (length + 2) + 3, many.length);
        assertEquals(']', many[many.length - 1]);
    }

    /** Depth of the tree and not of a container makes the indent. */
    @Test
    void indentIsTheLevel() throws ConfSyntaxException {
        Conf deep = ConfParserTest.parse("[".repeat(100) + "]".repeat(100));
        String[] lines = new String(ConfWriter.pretty(deep), StandardCharsets.US_ASCII).split("\r\n");
        assertEquals(2 * 99 + 1, lines.length);
        for (int i = 0; i < 99; i++) {
            assertEquals("\t".repeat(i) + "[", lines[i]);
            assertEquals("\t".repeat(i) + "]", lines[lines.length - 1 - i]);
        }
        assertEquals("\t".repeat(99) + "[]", lines[99]);
    }
}
