// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfParserTest {

    static Conf parse(String text) throws ConfSyntaxException {
        return ConfParser.parse(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String again(String text) throws ConfSyntaxException {
        return new String(ConfWriter.compact(parse(text)), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{} | {}", "[1,] | [1]", "{\"a\":1,} | {\"a\":1}", "` \t\r\n true `|true", "null|null",
        "`/* c */ [ // x\n 1 /*\n*/ , 2 ] // end`|[1,2]", "[1]/**/ | [1]", "[/***/1/*/*/] | [1]",
        "1e3 | 1e3", "1.0|1.0", "-0|-0", "-01|-01", "12345678901234567890123e-9|12345678901234567890123e-9",
        "9223372036854775808|9223372036854775808", "[1[]|x", "0|0", "1E+2|1E+2",
        "\"a\\/\\u0041\\u00e9\\ud83d\\uDE00\"|\"a/A\u00c3\u00a9\u00f0\u009f\u0098\u0080\"",
        "\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\\\\\"\"|\"\\u0000\\u001F\\b\\f\\n\\r\\t\\\\\\\"\"",
        "\"\u00ff\u00c3x\u00ed\u00a0\u0080\"|\"\u00ff\u00c3x\u00ed\u00a0\u0080\"",
        "{\"\":{\"\":\"\"}}|{\"\":{\"\":\"\"}}",
        "\u00ef\u00bb\u00bf[]|[]", "\"\u007f\"|\"\u007f\""})
    void acceptedTextsComeBack(String text, String expected) throws ConfSyntaxException {
        if ("x".equals(expected)) {
            assertThrows(ConfSyntaxException.class, () -> parse(text));
        } else {
            assertEquals(expected, again(text));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "` `|0|An empty JSON payload isn't allowed.  ", "`// c`|0|An empty JSON payload isn't allowed.  ",
        "x|0|A valid JSON value is expected here.  ", "[tru]|1|A valid JSON value is expected here.  ",
        "[.5]|1|A valid JSON value", "+1|0|A valid JSON value", "[,]|1|A valid JSON value",
        "[1,,]|3|A valid JSON value",
        "[1x]|1|A valid JSON value", "-|0|A valid JSON value", "[0x10]|1|A valid JSON value", "NaN|0|A valid JSON",
        "/|0|A valid JSON value", "[/* ]|1|A valid JSON value", "/* *|0|A valid JSON value", "True|0|A valid JSON",
        "{} x|3|Unexpected character after the end of a valid JSON value.", "[]/|2|Unexpected character after the end",
        "nullx|4|Unexpected character after the end of a valid JSON value.",
        "{|1|Unexpected end of JSON payload.  There's an object without a closing brace (}).",
        "{\"a\":1|6|Unexpected end of JSON payload.  There's an object without a closing brace (}).",
        "{\"a\"|4|Unexpected end of JSON payload.  There's an object member without a value.",
        "{\"a\":|5|Unexpected end of JSON payload.  There's an object member without a value.",
        "[|1|Unexpected end of JSON payload.  There's an array without a closing bracket (]).",
        "[1,|3|Unexpected end of JSON payload.  There's an array without a closing bracket (]).",
        "\"abc|4|Unexpected end of JSON payload.  There's a string without a final double quote (\").",
        "\"a\\|3|Unexpected end of JSON payload.  There's a string without a final double quote (\").",
        "\"\\u12|5|Unexpected end of JSON payload.  There's a string without a final double quote (\").",
        "{a:1}|1|A double quote (\") is expected here.  ", "{,}|1|A double quote (\") is expected here.  ",
        "{\"a\":1,,}|7|A double quote (\")", "{\"a\" 1}|5|A colon (:) is expected here.  ",
        "{\"a\":1 2}|7|Either a closing brace (}) or a comma (,) is expected here.  ",
        "[1 2]|3|Either a closing bracket (]) or a comma (,) is expected here.  ",
        "{\"a\":1, \"\\u0061\":2}|8|Duplicate object member.  ",
        "\"a\tb\"|2|Unexpected character.  All control characters in a JSON string must be escaped.",
        "\"a\\x\"|2|Unexpected backslash.  ", "\"\\u00g0\"|5|Invalid escape sequence.  ",
        "\"x\\ud800\"|2|Invalid JSON encoding sequence.  This 6-byte sequence",
        "\"\\ud800\\n\"|1|Invalid JSON encoding sequence.  This 6-byte sequence",
        "\"\\udc00\"|1|Invalid JSON encoding sequence.  This 6-byte sequence",
        "\"\\ud800\\u0041\"|1|Invalid JSON encoding sequence.  This 12-byte sequence",
        "[-1.]|2|The number is invalid.  A fraction part in JSON numbers must contain at least one digit.",
        "[01]|1|The number is invalid.  Leading zeros are not allowed in JSON numbers.",
        "[-1e]|1|The number is invalid.  An exponent part in JSON numbers must contain at least one digit.",
        "[1e+]|1|The number is invalid.  An exponent part in JSON numbers must contain at least one digit.",
        "[1e400]|1|The number is out of representable range.",
        "[-9223372036854779904]|1|The number is out of represen"})
    void refusalsSayWhatAndWhere(String text, int offset, String begin) {
        ConfSyntaxException e = assertThrows(ConfSyntaxException.class, () -> parse(text));
        assertTrue(e.detail().startsWith(begin), e.detail());
        assertEquals(offset, e.offset());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "`\n\n  x`|4|3|3", "`[\"\u00c3\u00a9\",x`|6|1|6", "`\u00ef\u00bb\u00bfx`|0|1|1", "`[\"\u00ff\",x`|5|0|0",
        "`[\"\u00ff\",\nx`|6|2|1"})
    void linesAndColumnsCountCharacters(String text, int offset, int line, int column) {
        ConfSyntaxException e = assertThrows(ConfSyntaxException.class, () -> parse(text));
        assertEquals(List.of(offset, line, column), List.of(e.offset(), e.line(), e.column()));
    }

    @Test
    void nestingIsBounded() throws ConfSyntaxException {
        assertEquals("[".repeat(100) + "]".repeat(100), again("[".repeat(100) + "]".repeat(100)));
        ConfSyntaxException e = assertThrows(ConfSyntaxException.class, () -> parse("[".repeat(50_000)));
        assertEquals("JSON nesting exceeds the maximum supported depth.", e.detail());
        assertEquals(100, e.offset());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void containersAreBounded(boolean object) throws ConfSyntaxException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < ConfParser.MAX_ELEMENTS; i++) {
            text.append(object ? "\"" + i + "\":0," : "0,");
        }
        String open = object ? "{" : "[";
        String close = object ? "}" : "]";
        parse(open + text + close);
        String more = open + text + (object ? "\"x\":0" : "0") + close;
        ConfSyntaxException e = assertThrows(ConfSyntaxException.class, () -> parse(more));
        assertEquals(object ? "JSON object has too many members." : "JSON array has too many elements.", e.detail());
    }

    @Test
    void orderIsKeptBeyondTenMembers() throws ConfSyntaxException {
        StringBuilder text = new StringBuilder("{");
        for (int i = 40; i > 0; i--) {
            text.append("\"m").append(i).append("\":").append(i).append(i > 1 ? "," : "}");
        }
        assertEquals(text.toString(), again(text.toString()));
    }

    @ParameterizedTest
    @CsvSource({"1.0,true,1", "1e3,true,1000", "-0,true,0", "1.5,false,1", "-1.5,false,-1", "15e-1,false,1",
        "150e-1,true,15", "1.00000000000000000000000001,false,1", "0e-99999999999999999999,true,0",
        "1e-99999999999999999999,false,0", "9223372036854775807,true,9223372036854775807", "0.0,true,0", "-01,true,-1"})
    void integersAreToldByValue(String text, boolean integer, long value) throws ConfSyntaxException {
        ConfNumber number = (ConfNumber) parse(text);
        assertEquals(integer, number.isInteger());
        assertEquals(value, number.longValue());
    }

    @Test
    void everyByteStringSurvivesText() {
        byte[] all = new byte[65_536 * 2];
        for (int i = 0; i < 65_536; i++) {
            all[2 * i] = (byte) (i >> 8);
            all[2 * i + 1] = (byte) i;
        }
        assertArrayEquals(all, ConfText.encode(ConfText.decode(all)));
    }
}
