// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.http.Exchange;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that a path begins with are found in one walk, and of their steps the first that matches. */
class PrefixTableTest {
    private static final Exchange EXCHANGE = AssumedRequestTest.exchange("{}");

    private final Map<AsciiString, List<Integer>> keys = new TreeMap<>();
    private final List<Integer> tested = new ArrayList<>();
    private final List<Route.Step> steps = new ArrayList<>();

    private static AsciiString ascii(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The next step, which has these keys. */
    private void step(boolean matches, String... its) {
        int number = steps.size();
        Match match = e -> {
            tested.add(number);
            return matches;
        };
        steps.add(Route.Step.of(List.of(new Condition("test", Conf.of(""), match, e -> ConfNull.NULL)), e -> { }));
        for (String key : its) {
            keys.computeIfAbsent(ascii(key), k -> new ArrayList<>()).add(number);
        }
    }

    /** The step that is found for a path, -1 if none is. */
    private int first(String path) {
        tested.clear();
        byte[] a = ("/x/" + path + "/y").getBytes(StandardCharsets.ISO_8859_1);
        int found = new PrefixTable(keys).first(new AsciiString(a, 3, path.length(), false),
            steps.toArray(Route.Step[]::new), EXCHANGE);
        return found == Integer.MAX_VALUE ? -1 : found;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''        | -1
        /         | -1
        /a        | 2
        /ab       | 1
        /abc      | 0
        /abcd     | 0
        /abd      | 1
        /b        | 3
        /B        | -1
        a         | -1
        /a/x      | 2
        \u00ff    | 4
        \u00ff\u00ff | 4
        \u007f    | -1
        """)
    void theLongerOnesStandInFrontHere(String path, int wanted) {
        step(true, "/abc");
        step(true, "/ab");
        step(true, "/a");
        step(true, "/b", "/bc");
        step(true, "\u00ff");
        assertEquals(wanted, first(path));
    }

    @Test
    void theFirstStepCountsNotTheLongestKey() {
        step(false, "/");
        step(true, "/a");
        step(true, "/ab");
        step(true, "/abc");
        assertEquals(1, first("/abc"));
        assertEquals(List.of(0, 1), tested, "what cannot win is not tested");
    }

    @Test
    void ofOneKeyTheFirstThatMatches() {
        step(false, "/a");
        step(false, "/a", "/b");
        step(true, "/a");
        step(true, "/a");
        assertEquals(2, first("/a"));
        assertEquals(List.of(0, 1, 2), tested);
        assertEquals(-1, first("/b"));
        assertEquals(List.of(1), tested);
        assertEquals(-1, first("/c"));
        assertEquals(List.of(), tested);
    }

    @Test
    void withoutKeysNothingIsFound() {
        assertEquals(-1, first(""));
        assertEquals(-1, first("/a"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 8, 9, 100, 1000})
    void keysOfAnyNumberAreAllFound(int count) {
        for (int i = 0; i < count; i++) {
            step(true, "/k" + i + "/");
        }
        for (int i = 0; i < count; i++) {
            assertEquals(i, first("/k" + i + "/rest"));
            assertEquals(-1, first("/k" + i));
        }
        assertEquals(-1, first("/k" + count + "/"));
    }

    @Test
    void keysOfOneHashAreToldApart() {
        // 31 * 'A' + 'a' is 31 * 'B' + 'B': each pair of letters may stand for the other.
        List<String> same = List.of("AaAa", "AaBB", "BBAa", "BBBB");
        same.forEach(key -> step(true, key));
        for (int i = 0; i < same.size(); i++) {
            assertEquals(i, first(same.get(i) + "/x"));
        }
        assertEquals(-1, first("AaAb"));
        assertEquals(-1, first("BbBB"));
    }

    @Test
    void agreesWithAWalk() {
        Random random = new Random(5);
        List<List<String>> all = new ArrayList<>();
        List<Boolean> results = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            List<String> its = new ArrayList<>();
            for (int k = 0; k <= random.nextInt(3); k++) {
                its.add(word(random, 1 + random.nextInt(5)));
            }
            boolean matches = random.nextInt(4) > 0;
            all.add(its.stream().distinct().toList());
            results.add(matches);
            step(matches, all.getLast().toArray(String[]::new));
        }
        int found = 0;
        for (int i = 0; i < 500; i++) {
            String path = word(random, random.nextInt(9));
            int wanted = -1;
            for (int s = 0; s < all.size() && wanted < 0; s++) {
                wanted = results.get(s) && all.get(s).stream().anyMatch(path::startsWith) ? s : -1;
            }
            assertEquals(wanted, first(path), path);
            found += wanted >= 0 ? 1 : 0;
        }
        assertTrue(found > 50, "found " + found);
    }

    private static String word(Random random, int length) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append("ab/\u00ffB".charAt(random.nextInt(5)));
        }
        return word.toString();
    }
}
