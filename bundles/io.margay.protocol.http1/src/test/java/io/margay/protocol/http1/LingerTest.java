// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

/** How long a client is listened to that has got its last response. */
class LingerTest {
    private static final String TOO_LARGE = "POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\nab";

    private static Wire refused() {
        Wire wire = new Wire(e -> e.respond(200, Fields.NONE, Wire.NOTHING));
        assertEquals(413, wire.send(TOO_LARGE).status());
        assertTrue(wire.isOpen());
        return wire;
    }

    @Test
    void silenceEndsIt() {
        try (Wire wire = refused()) {
            assertTrue(wire.pass(1.9).isOpen());
            assertTrue(wire.send("more").pass(1.9).isOpen());
            assertFalse(wire.pass(0.2).isOpen());
            assertEquals("", wire.take());
        }
    }

    @Test
    void soDoesTheClient() {
        try (Wire wire = refused()) {
            assertFalse(wire.endInput().isOpen());
        }
    }

    @Test
    void nobodyIsHeardForLong() {
        try (Wire wire = refused()) {
            for (int i = 0; i < 14; i++) {
                assertTrue(wire.send("more").pass(1).isOpen(), "after " + i + " s");
            }
            assertFalse(wire.send("more").pass(1.1).isOpen());
        }
    }

    @Test
    void norForMuch() {
        try (Wire wire = refused()) {
            ByteBuf megabyte = Unpooled.wrappedBuffer(new byte[1 << 20]);
            for (int i = 0; i < 64; i++) {
                assertTrue(wire.isOpen(), "after " + i + " MB");
                wire.channel.writeInbound(megabyte.retainedDuplicate());
            }
            wire.send("more");
            assertFalse(wire.isOpen());
            megabyte.release();
            assertEquals(0, megabyte.refCnt());
        }
    }
}
