// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers: spec/configuration.md §1.2. */
class JsonNumberTest {

    private static ConfNumber number(String text) throws ConfSyntaxException {
        return (ConfNumber) ConfParserTest.parse(text);
    }

    private static ConfNumber first(Conf array) {
        return (ConfNumber) ((ConfArray) array).elements().getFirst();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "1", "-1", "9", "10", "1234567890", "0.0", "0.5", "-0.5", "1.0", "1.000",
        "0.5e0", "1e0", "1e3", "1E3", "1e+3", "1e-3", "1E+03", "1.5e2", "0e0", "0e5", "0.0e-9", "-1e1",
        // A sign hides leading zeros.
        "-01", "-00", "-007", "-00.5", "-01e1",
        "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "9.2e18",
        "0.1234567890123456789012345678901234567890", "1e-400", "123456789012345678901234567890e-20"})
    void keptAsWritten(String text) throws ConfSyntaxException {
        assertEquals(text, number(text).text());
        assertEquals(text, ConfWriter.compactText(number(text)));
        assertEquals("[" + text + "," + text + "]", ConfWriter.compactText(ConfParserTest.parse("[" + text + ","
            + text + "]")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        01      | 0 | leading
        00      | 0 | leading
        000     | 0 | leading
        01.5    | 0 | leading
        00e1    | 0 | leading
        1.      | 0 | fraction
        -1.     | 1 | fraction
        1.e5    | 0 | fraction
        1.x     | 0 | fraction
        1..2    | 0 | fraction
        1e      | 0 | exponent
        -1e     | 0 | exponent
        1e+     | 0 | exponent
        1e-     | 0 | exponent
        1ex     | 0 | exponent
        1e++1   | 0 | exponent
        1e.5    | 0 | exponent
        1.5E    | 0 | exponent
        -       | 0 | value
        --1     | 0 | value
        -x      | 0 | value
        -.5     | 0 | value
        .5      | 0 | value
        +1      | 0 | value
        1x      | 0 | value
        1_000   | 0 | value
        0x10    | 0 | value
        0b1     | 0 | value
        1L      | 0 | value
        1.5.5   | 0 | value
        1e1e1   | 0 | value
        1e5.0   | 0 | value
        1-1     | 0 | value
        1'000   | 0 | value
        1\u00a0 | 0 | value
        Infinity | 0 | value
        -Infinity | 0 | value
        1e19    | 0 | range
        -1e19   | 0 | range
        1e309   | 0 | range
        1e99999999999 | 0 | range
        9223372036854777856 | 0 | range
        -9223372036854777856 | 0 | range
        99999999999999999999 | 0 | range
        """)
    void refused(String text, int place, String reason) {
        ConfSyntaxException e = assertThrows(ConfSyntaxException.class, () -> ConfParserTest.parse("[" + text + "]"));
        String begin = switch (reason) {
            case "leading" -> "The number is invalid.  Leading zeros are not allowed in JSON numbers.";
            case "fraction" ->
                "The number is invalid.  A fraction part in JSON numbers must contain at least one digit.";
            case "exponent" ->
                "The number is invalid.  An exponent part in JSON numbers must contain at least one digit.";
            case "range" -> "The number is out of representable range.";
            default -> "A valid JSON value is expected here.";
        };
        assertTrue(e.detail().startsWith(begin), e.detail());
        assertEquals(1 + place, e.offset(), e.detail());
    }

    /** What may come behind a number is left to what holds it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        1{    | Unexpected character after the end of a valid JSON value.
        1[    | Unexpected character after the end of a valid JSON value.
        1"    | Unexpected character after the end of a valid JSON value.
        1}    | Unexpected character after the end of a valid JSON value.
        1]    | Unexpected character after the end of a valid JSON value.
        1,    | Unexpected character after the end of a valid JSON value.
        1/    | Unexpected character after the end of a valid JSON value.
        `1 1` | Unexpected character after the end of a valid JSON value.
        [1{}] | Either a closing bracket (]) or a comma (,) is expected here.
        [1"a"] | Either a closing bracket (]) or a comma (,) is expected here.
        [1/]  | Either a closing bracket (]) or a comma (,) is expected here.
        {"a":1[]} | Either a closing brace (}) or a comma (,) is expected here.
        {"a":1] | Either a closing brace (}) or a comma (,) is expected here.
        """)
    void followers(String text, String begin) {
        ConfSyntaxException e = assertThrows(ConfSyntaxException.class, () -> ConfParserTest.parse(text));
        assertTrue(e.detail().startsWith(begin), e.detail());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1 ", "1\t", "1\n", "1\r", "1//x\n", "1/**/", "[1]", "[1,2]", "{\"a\":1}",
        "{\"a\":1,\"b\":2}", "[1\n]"})
    void goodFollowers(String text) throws ConfSyntaxException {
        assertTrue(ConfWriter.compactText(ConfParserTest.parse(text)).contains("1"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # text | integer | long | double
        0       | true  | 0     | 0
        -0      | true  | 0     | 0
        -00     | true  | 0     | 0
        7       | true  | 7     | 7
        -7      | true  | -7    | -7
        -007    | true  | -7    | -7
        1.0     | true  | 1     | 1
        1.00    | true  | 1     | 1
        1e3     | true  | 1000  | 1000
        1E+3    | true  | 1000  | 1000
        1e-0    | true  | 1     | 1
        10e-1   | true  | 1     | 1
        100e-2  | true  | 1     | 1
        100e-3  | false | 0     | 0.1
        1.5     | false | 1     | 1.5
        -1.5    | false | -1    | -1.5
        1.5e1   | true  | 15    | 15
        1.55e1  | false | 15    | 15.5
        1.50e1  | true  | 15    | 15
        0.1e1   | true  | 1     | 1
        0.01e1  | false | 0     | 0.1
        0e-5    | true  | 0     | 0
        0.000   | true  | 0     | 0
        5e-324  | false | 0     | 4.9E-324
        1e-400  | false | 0     | 0
        999999999999999  | true | 999999999999999  | 999999999999999
        9999999999999999 | true | 9999999999999999 | 1E16
        123456789012345678 | true | 123456789012345678 | 123456789012345680
        9223372036854775807 | true | 9223372036854775807 | 9223372036854775807
        9223372036854775808 | true | 9223372036854775807 | 9223372036854775808
        -9223372036854775808 | true | -9223372036854775808 | -9223372036854775808
        9.2e18  | true  | 9200000000000000000 | 9.2e18
        1.0000000000000000000000000001 | false | 1 | 1
        """)
    void values(String text, boolean integer, long value, double real) throws ConfSyntaxException {
        ConfNumber number = number(text);
        assertEquals(integer, number.isInteger());
        assertEquals(value, number.longValue());
        assertEquals(real, number.doubleValue());
    }

    /** Against the arithmetic of the class library, on texts of every shape. */
    @Test
    void agreesWithExactArithmetic() throws ConfSyntaxException {
        Random random = new Random(11);
        int integers = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
            text.append(random.nextInt(3) == 0 ? "0" : String.valueOf(1 + random.nextInt(100_000)));
            if (random.nextBoolean()) {
                text.append('.');
                for (int n = random.nextInt(6); n >= 0; n--) {
                    text.append(random.nextInt(3) == 0 ? random.nextInt(10) : 0);
                }
            }
            if (random.nextInt(3) == 0) {
                text.append(random.nextBoolean() ? "e" : "E").append(random.nextInt(20) - 10);
            }
            BigDecimal exact = new BigDecimal(text.toString());
            ConfNumber number = number(text.toString());
            boolean integer = exact.signum() == 0 || exact.stripTrailingZeros().scale() <= 0;
            integers += integer ? 1 : 0;
            assertEquals(integer, number.isInteger(), text::toString);
            assertEquals(exact.doubleValue(), number.doubleValue() + 0.0, text::toString);
            assertEquals((long) exact.doubleValue(), number.longValue(), text::toString);
        }
        assertTrue(integers > 2_000 && integers < 18_000, "both kinds occur");
    }

    /** A text as long as the whole body must not cost its square. */
    @Test
    void longNumbersAreReadInTheTimeOfTheirLength() throws ConfSyntaxException {
        String zeros = "0." + "0".repeat(2_000_000) + "1";
        ConfNumber number = new ConfNumber(zeros);
        assertTrue(!number.isInteger());
        assertEquals(zeros.length(), first(ConfParserTest.parse("[" + zeros + "]")).text().length());
    }

    @Test
    void numbersAreEqualAsWritten() throws ConfSyntaxException {
        assertEquals(number("1"), Conf.of(1));
        assertTrue(!number("1").equals(number("1.0")));
        assertEquals(Conf.of(Long.MIN_VALUE), number("-9223372036854775808"));
        assertEquals(Conf.of(5), first(ConfParserTest.parse("[5]")));
        assertThrows(NullPointerException.class, () -> new ConfNumber(null));
    }
}
