// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTableTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 64, 1 << 16, 0x9E3779B9})
    void agreesWithAMap(int step) {
        StreamTable table = new StreamTable();
        Map<Integer, Outstanding> map = new HashMap<>();
        Random random = new Random(step);
        for (int i = 0; i < 20_000; i++) {
            int stream = random.nextInt(500) * step;
            if (random.nextInt(3) == 0) {
                assertEquals(map.remove(stream) != null, table.remove(stream));
            } else if (!map.containsKey(stream)) {
                Outstanding entry = new Outstanding(stream, new TestRequest("/"));
                map.put(stream, entry);
                table.put(entry);
            }
            assertSame(map.get(stream), table.find(stream));
            assertEquals(map.size(), table.size());
        }
        map.forEach((stream, entry) -> assertSame(entry, table.find(stream)));
    }

    @Test
    void skipsWhatTheActionRemoved() {
        StreamTable table = new StreamTable();
        for (int stream = 1; stream <= 10; stream++) {
            table.put(new Outstanding(stream, new TestRequest("/")));
        }
        int[] seen = {0};
        table.forEach(entry -> {
            seen[0]++;
            table.remove(entry.stream);
            table.remove(entry.stream % 10 + 1);
        });
        assertTrue(table.isEmpty());
        assertTrue(seen[0] < 10);
        assertNull(table.find(1));
        assertFalse(table.remove(1));
    }
}
