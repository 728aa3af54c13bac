// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The values: typed access, copies, equality, and the map behind an object. */
class ConfObjectTest {
    private static final String ALL = "{\"s\":\"t\",\"i\":5,\"f\":2.5,\"t\":true,\"b\":false,\"n\":null,"
        + "\"o\":{\"x\":1},\"a\":[1]}";

    private static ConfObject object(String json) {
        try {
            return (ConfObject) ConfParserTest.parse(json);
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** A member of another type counts as absent. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        # name | string | integer | number | bool | object | array
        s | t | -9 | -9.5 | true  | -       | -
        i | - | 5  | 5    | true  | -       | -
        f | - | 2  | 2.5  | true  | -       | -
        t | - | -9 | -9.5 | true  | -       | -
        b | - | -9 | -9.5 | false | -       | -
        n | - | -9 | -9.5 | true  | -       | -
        o | - | -9 | -9.5 | true  | {"x":1} | -
        a | - | -9 | -9.5 | true  | -       | [1]
        x | - | -9 | -9.5 | true  | -       | -
        """)
    void typedAccess(String name, String string, long integer, double number, boolean bool, String object,
                     String array) {
        ConfObject all = object(ALL);
        assertEquals(Optional.ofNullable(string), all.string(name));
        assertEquals(integer, all.integer(name, -9));
        assertEquals(number, all.number(name, -9.5));
        assertEquals(bool, all.bool(name, true));
        assertEquals(Optional.ofNullable(object), all.object(name).map(ConfWriter::compactText));
        assertEquals(Optional.ofNullable(array), all.array(name).map(ConfWriter::compactText));
        assertEquals(!name.equals("x"), all.has(name));
        assertEquals(!name.equals("x"), all.get(name).isPresent());
    }

    @Test
    void whatIsGivenIsCopied() {
        Map<String, Conf> members = new LinkedHashMap<>();
        members.put("a", Conf.of(1));
        ConfObject made = new ConfObject(members);
        members.put("b", Conf.of(2));
        assertEquals(1, made.size());
        assertThrows(UnsupportedOperationException.class, () -> made.members().put("c", Conf.of(3)));
        assertThrows(UnsupportedOperationException.class, () -> made.members().remove("a"));
        assertThrows(UnsupportedOperationException.class, () -> made.members().clear());
        Iterator<Map.Entry<String, Conf>> entries = made.members().entrySet().iterator();
        Map.Entry<String, Conf> entry = entries.next();
        assertThrows(UnsupportedOperationException.class, () -> entry.setValue(Conf.of(2)));
        assertThrows(UnsupportedOperationException.class, entries::remove);
        assertThrows(NoSuchElementException.class, entries::next);

        List<Conf> elements = new ArrayList<>(List.of(Conf.of(1)));
        ConfArray array = new ConfArray(elements);
        elements.add(Conf.of(2));
        assertEquals(1, array.size());
        assertThrows(UnsupportedOperationException.class, () -> array.elements().add(Conf.of(2)));
        assertThrows(NullPointerException.class, () -> new ConfString(null));
    }

    @Test
    void changesAreCopies() {
        ConfObject one = object("{\"a\":1,\"b\":2,\"c\":3}");
        assertEquals("{\"a\":1,\"b\":9,\"c\":3}", ConfWriter.compactText(one.with("b", Conf.of(9))));
        assertEquals("{\"a\":1,\"b\":2,\"c\":3,\"d\":4}", ConfWriter.compactText(one.with("d", Conf.of(4))));
        assertEquals("{\"a\":1,\"c\":3}", ConfWriter.compactText(one.without("b")));
        assertEquals(one, one.without("x"));
        assertEquals(object("{}"), object("{\"a\":1}").without("a"));
        assertEquals("{\"a\":1,\"b\":2,\"c\":3}", ConfWriter.compactText(one));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {}                  | {}                  | true
        {"a":1,"b":2}       | {"b":2,"a":1}       | true
        {"a":1}             | {"a":1.0}           | false
        {"a":1}             | {"A":1}             | false
        {"a":1}             | {"a":1,"b":2}       | false
        [1,2]               | [2,1]               | false
        [1,2]               | [1,2]               | true
        [{"a":1,"b":[]}]    | [{"b":[],"a":1}]    | true
        {}                  | []                  | false
        ""                  | null                | false
        "1"                 | 1                   | false
        0                   | false               | false
        -0                  | 0                   | false
        "\\u0041"           | "A"                 | true
        """)
    void equality(String one, String other, boolean equal) throws ConfSyntaxException {
        Conf a = ConfParserTest.parse(one);
        Conf b = ConfParserTest.parse(other);
        assertEquals(equal, a.equals(b));
        assertEquals(equal, b.equals(a));
        assertTrue(!equal || a.hashCode() == b.hashCode());
    }

    @Test
    void emptyOnes() throws ConfSyntaxException {
        assertSame(ConfObject.EMPTY, ConfParserTest.parse("{}"));
        assertSame(ConfArray.EMPTY, ConfParserTest.parse("[]"));
        assertTrue(ConfObject.EMPTY.isEmpty() && ConfArray.EMPTY.isEmpty());
        assertEquals(ConfObject.EMPTY, ConfObject.builder().build());
        assertFalse(ConfObject.EMPTY.has(""));
        assertEquals(0, ConfArray.EMPTY.size());
    }

    @Test
    void builderReplacesInPlaceAndGoesOn() {
        ConfObject.Builder builder = ConfObject.builder().put("a", "x").put("b", 2).put("c", true).put("a", 1);
        ConfObject first = builder.build();
        assertEquals("{\"a\":1,\"b\":2,\"c\":true}", ConfWriter.compactText(first));
        builder.put("d", ConfNull.NULL).put("b", false);
        assertEquals("{\"a\":1,\"b\":false,\"c\":true,\"d\":null}", ConfWriter.compactText(builder.build()));
        assertEquals("{\"a\":1,\"b\":2,\"c\":true}", ConfWriter.compactText(first));
    }

    /** Few members are searched one by one, many by their hash: the same answers on both sides of the border. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 8, 9, 10, 17, 500})
    void theMapIsThatOfTheClassLibrary(int count) {
        Random random = new Random(count);
        Map<String, Conf> expected = new LinkedHashMap<>();
        ConfObject.Builder builder = ConfObject.builder();
        for (int i = 0; i < 3 * count; i++) {
            String name = "n" + random.nextInt(Math.max(1, count));
            Conf value = Conf.of(i);
            expected.put(name, value);
            builder.put(name, value);
        }
        Map<String, Conf> map = builder.build().members();
        assertEquals(expected, map);
        assertEquals(map, expected);
        assertEquals(expected.hashCode(), map.hashCode());
        assertEquals(List.copyOf(expected.entrySet()), List.copyOf(map.entrySet()));
        assertEquals(expected.size(), map.size());
        assertEquals(expected.toString(), map.toString());
        List<String> seen = new ArrayList<>();
        map.forEach((name, value) -> seen.add(name + value));
        List<String> wanted = new ArrayList<>();
        expected.forEach((name, value) -> wanted.add(name + value));
        assertEquals(wanted, seen);
        for (int i = 0; i < count; i++) {
            assertEquals(expected.get("n" + i), map.get("n" + i));
            assertEquals(expected.containsKey("n" + i), map.containsKey("n" + i));
        }
        assertNull(map.get("none"));
        assertNull(map.get(5));
        assertFalse(map.containsKey("none"));
        assertEquals(new ConfObject(new HashMap<>(expected)), new ConfObject(map));
    }

    /** Names that all have one hash make no long chain: the map of the class library makes trees of them. */
    @Test
    void namesOfOneHashAreFoundInTime() throws ConfSyntaxException {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < 1 << 14; i++) {
            StringBuilder name = new StringBuilder();
            for (int bit = 0; bit < 14; bit++) {
                name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            text.append('"').append(name).append("\":").append(i).append(',');
        }
        ConfObject object = (ConfObject) ConfParserTest.parse(text + "}");
        assertEquals(1 << 14, object.size());
        assertEquals(0, object.integer("Aa".repeat(14), -1));
        assertEquals((1 << 14) - 1, object.integer("BB".repeat(14), -1));
        assertEquals("Aa".hashCode(), "BB".hashCode());
    }
}
