// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfDiffTest {

    private static Conf parse(String text) throws ConfSyntaxException {
        return ConfParser.parse(ConfText.encode(text));
    }

    private static String text(ConfDiff.Change change) {
        return change.op() + " " + change.path() + " " + change.from().map(ConfWriter::compactText).orElse("-") + " "
            + change.to().map(ConfWriter::compactText).orElse("-");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{}|{}|", "1|1|", "{\"a\":1,\"b\":2}|{\"b\":2,\"a\":1}|", "1|2|REPLACE  1 2", "{}|[]|REPLACE  {} []",
        "{\"a\":1}|{\"b\":{}}|REMOVE /a 1 -; ADD /b - {}",
        "{\"a\":{\"x/~\":1}}|{\"a\":{\"x/~\":2}}|REPLACE /a/x~1~0 1 2",
        "[1,2,3]|[1,3]|REMOVE /1 2 -", "[1,3]|[1,2,3]|ADD /1 - 2",
        "[1,2,3,4,5]|[1,5]|REMOVE /3 4 -; REMOVE /2 3 -; REMOVE /1 2 -",
        "[]|[1,2]|ADD /0 - 1; ADD /1 - 2", "[1,1]|[1]|REMOVE /1 1 -",
        "[{\"a\":1},2]|[{\"a\":2},2]|REPLACE /0/a 1 2", "[1,2,3]|[4,5]|REPLACE /0 1 4; REPLACE /1 2 5; REMOVE /2 3 -",
        "1|1.0|REPLACE  1 1.0"})
    void changes(String from, String to, String expected) throws ConfSyntaxException {
        List<String> texts = ConfDiff.between(parse(from), parse(to)).stream().map(ConfDiffTest::text).toList();
        assertEquals(expected == null ? "" : expected, String.join("; ", texts));
    }

    /** Carrying the changes out in their order gives the other tree. */
    @Test
    void theyCanBeCarriedOut() throws ConfSyntaxException {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            Conf from = tree(random, 3);
            Conf to = tree(random, 3);
            Conf now = from;
            for (ConfDiff.Change change : ConfDiff.between(from, to)) {
                assertEquals(change.op() == ConfDiff.Op.ADD ? Optional.empty() : change.path().resolve(now),
                    change.from());
                now = patch(now, change.path().segments(), change);
            }
            assertEquals(to, now);
        }
    }

    private static Conf patch(Conf at, List<String> path, ConfDiff.Change change) {
        if (path.isEmpty()) {
            return change.to().orElseThrow();
        }
        List<String> rest = path.subList(1, path.size());
        if (at instanceof ConfObject object) {
            return rest.isEmpty() && change.op() == ConfDiff.Op.REMOVE ? object.without(path.getFirst())
                : object.with(path.getFirst(), rest.isEmpty() ? change.to().orElseThrow()
                    : patch(object.get(path.getFirst()).orElseThrow(), rest, change));
        }
        List<Conf> elements = new ArrayList<>(((ConfArray) at).elements());
        int index = Integer.parseInt(path.getFirst());
        if (!rest.isEmpty() || change.op() == ConfDiff.Op.REPLACE) {
            elements.set(index, patch(elements.get(index), rest, change));
        } else if (change.op() == ConfDiff.Op.ADD) {
            elements.add(index, change.to().orElseThrow());
        } else {
            elements.remove(index);
        }
        return new ConfArray(elements);
    }

    private static Conf tree(Random random, int depth) {
        int kind = random.nextInt(depth > 0 ? 4 : 2);
        if (kind < 2) {
            return Conf.of(random.nextInt(3));
        }
        List<Conf> elements = new ArrayList<>();
        ConfObject.Builder members = ConfObject.builder();
        for (int i = random.nextInt(4); i > 0; i--) {
            elements.add(tree(random, depth - 1));
            members.put("m" + random.nextInt(4), tree(random, depth - 1));
        }
        return kind == 2 ? new ConfArray(elements) : members.build();
    }

    @Test
    void veryManyAreOne() throws ConfSyntaxException {
        List<Conf> ones = new ArrayList<>();
        List<Conf> twos = new ArrayList<>();
        for (int i = 0; i < 10_001; i++) {
            ones.add(Conf.of(1));
            twos.add(Conf.of(2));
        }
        assertEquals(10_000, ConfDiff.between(new ConfArray(ones.subList(1, 10_001)),
            new ConfArray(twos.subList(1, 10_001))).size());
        assertEquals(ConfPointer.ROOT, ConfDiff.between(new ConfArray(ones), new ConfArray(twos)).getFirst().path());
        String name = "x".repeat(1 << 20);
        Conf from = ConfObject.builder().put(name, new ConfArray(ones.subList(0, 5))).build();
        Conf to = ConfObject.builder().put(name, new ConfArray(twos.subList(0, 5))).build();
        assertEquals(1, ConfDiff.between(from, to).size());
    }
}
