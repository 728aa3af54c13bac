// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConfFuzzTest {
    private static final String[] TOKENS = {"{", "}", "[", "]", ",", ":", "\"a\"", "\"\\u00e9\"", "\"", "\\", "1",
        "-0.5e3",
        "true", "false", "null", " ", "\n", "// c\n", "/*", "*/", "\u00ff", "\u0001", "1e999", "\"b\":", "\"c\":[",
        "\\ud83d"};

    @Test
    void noTextBreaksTheParser() {
        Random random = new Random(42);
        int parsed = 0;
        for (int round = 0; round < 60_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(12); n >= 0; n--) {
                text.append(TOKENS[random.nextInt(TOKENS.length)]);
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            try {
                assertRoundTrip(ConfParser.parse(bytes));
                parsed++;
            } catch (ConfSyntaxException e) {
                assertTrue(e.offset() >= 0 && e.offset() <= bytes.length, text::toString);
            }
        }
        assertTrue(parsed > 500, () -> "the texts are too wild to test anything");
    }

    @Test
    void randomTreesComeBackAndTakeEdits() throws ConfSyntaxException {
        Random random = new Random(7);
        for (int round = 0; round < 3_000; round++) {
            Conf tree = tree(random, 5);
            assertRoundTrip(tree);
            List<String> path = List.of("a" + random.nextInt(4), Integer.toString(random.nextInt(4)));
            ConfEdit.Result put = ConfEdit.put(tree, path, Conf.of(1));
            if (put.outcome() == ConfEdit.Outcome.DONE) {
                assertEquals(Conf.of(1), ConfEdit.get(put.root(), path).orElseThrow());
                assertEquals(ConfEdit.Outcome.DONE, ConfEdit.delete(put.root(), path).outcome());
            } else {
                assertTrue(ConfEdit.get(tree, path).isEmpty());
            }
            assertRoundTrip(ConfEdit.post(tree, path.subList(0, 1), Conf.of(1)).root());
        }
    }

    private static void assertRoundTrip(Conf tree) throws ConfSyntaxException {
        byte[] compact = ConfWriter.compact(tree);
        assertArrayEquals(compact, ConfWriter.compact(ConfParser.parse(compact)));
        assertArrayEquals(compact, ConfWriter.compact(ConfParser.parse(ConfWriter.pretty(tree))));
    }

    private static Conf tree(Random random, int depth) throws ConfSyntaxException {
        switch (random.nextInt(depth == 0 ? 3 : 6)) {
            case 0 -> {
                byte[] bytes = new byte[random.nextInt(6)];
                random.nextBytes(bytes);
                return Conf.of(ConfText.decode(bytes));
            }
            case 1 -> {
                return Conf.of(random.nextLong());
            }
            case 2 -> {
                return random.nextBoolean() ? ConfNull.NULL : Conf.of(random.nextBoolean());
            }
            case 3 -> {
                return new ConfArray(List.of(tree(random, depth - 1), tree(random, depth - 1)));
            }
            default -> {
                ConfObject.Builder object = ConfObject.builder();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    object.put("a" + i, tree(random, depth - 1));
                }
                return object.build();
            }
        }
    }
}
