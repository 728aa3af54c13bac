// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeapKeeperTest {
    private static final long MB = 1 << 20;

    private final Mates mates = new Mates();
    private long held = 16 * MB;
    private long used = 4 * MB;
    private long kept = 16 * MB;
    private int collections;

    @AfterEach
    void close() {
        mates.close();
    }

    private void begin() {
        new HeapKeeper(mates.loop, new HeapKeeper.Machine() {
            @Override
            public HeapKeeper.Heap heap() {
                return new HeapKeeper.Heap(held, used);
            }

            @Override
            public void collect() {
                collections++;
                held = kept;
                used = 3 * MB;
            }
        }).arm();
    }

    private void pass(int looks) {
        for (int i = 0; i < looks; i++) {
            mates.loop.advance(HeapKeeper.LOOK_MILLIS);
        }
    }

    @Test
    void aHeapThatHasNotGrownIsLeftAlone() {
        begin();
        pass(10);
        assertEquals(0, collections);
    }

    @Test
    void aHeapThatHasGrownIsGivenBackWhenTheWorkIsDone() {
        begin();
        held = 40 * MB;
        for (int i = 0; i < 5; i++) {
            used += 2 * MB;
            pass(1);
        }
        assertEquals(0, collections, "there is work");
        used = 4 * MB;
        pass(1);
        assertEquals(0, collections, "the machine has collected by itself");
        pass(1);
        assertEquals(1, collections);
        assertEquals(16 * MB, held);
        pass(10);
        assertEquals(1, collections);
    }

    @Test
    void whatStaysIsNotAskedForAgain() {
        begin();
        held = 40 * MB;
        kept = 30 * MB;
        pass(10);
        assertEquals(1, collections);
        held = 33 * MB;
        pass(10);
        assertEquals(2, collections);
    }
}
