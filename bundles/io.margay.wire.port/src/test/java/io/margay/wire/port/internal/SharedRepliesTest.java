// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedRepliesTest {

    private static final int PART = 65_536;

    private final List<String> sent = new ArrayList<>();
    private boolean full;
    private final SharedReplies replies = new SharedReplies((stream, type, payload) -> {
        if (!full) {
            sent.add(stream + ":" + type);
        }
        return !full;
    });

    @Test
    void aQuestionIsAnsweredWhenTheClientTakesMore() {
        assertTrue(replies.sent(1, PART, true, false));
        assertTrue(replies.sent(1, PART, true, true));
        assertEquals(List.of("1:31"), sent);
        assertTrue(replies.sent(2, PART, false, true));
        assertTrue(replies.sent(2, PART, false, true));
        assertTrue(replies.sent(3, PART, false, false));
        assertEquals(List.of("1:31"), sent);
        replies.writable(2);
        replies.writable(3);
        replies.writable(4);
        assertEquals(List.of("1:31", "2:31", "2:31"), sent);
    }

    @Test
    void whoGoesOnRegardlessIsStoppedUntilTheClientHasTakenIt() {
        for (int i = 0; i < 8; i++) {
            assertTrue(replies.sent(1, PART, false, false), "part " + i);
        }
        assertFalse(replies.sent(1, 1, false, true));
        assertTrue(replies.sent(2, PART, false, true), "another response has its own allowance");
        replies.writable(1);
        assertTrue(replies.sent(1, PART, false, true));
    }

    @Test
    void wordsWaitForRoomInOrderAndHaveABound() {
        full = true;
        replies.say(1, 1);
        replies.sent(2, 0, true, true);
        assertTrue(replies.waits());
        full = false;
        replies.say(3, 1);
        assertEquals(List.of(), sent, "nothing overtakes");
        replies.flush();
        assertEquals(List.of("1:1", "2:31", "3:1"), sent);
        assertFalse(replies.waits());
        full = true;
        for (int i = 0; i < PART; i++) {
            replies.say(i, 1);
        }
        assertFalse(replies.isDeaf());
        replies.say(0, 1);
        assertTrue(replies.isDeaf());
    }
}
