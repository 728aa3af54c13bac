// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameEdgeTest {

    private static ByteBuf frame(int size, boolean masked) {
        ByteBuf frame = Unpooled.buffer().writeByte(0x82);
        int mask = masked ? 0x80 : 0;
        if (size < 126) {
            frame.writeByte(mask | size);
        } else if (size < 65_536) {
            frame.writeByte(mask | 126).writeShort(size);
        } else {
            frame.writeByte(mask | 127).writeLong(size);
        }
        // What lies inside looks like a frame.
        return frame.writeZero(masked ? 4 : 0).writeBytes(new byte[size]);
    }

    @ParameterizedTest
    @CsvSource({"0, false", "1, false", "125, true", "126, false", "300, true", "65535, false", "65536, true"})
    void onlyTheEndOfEachFrameIsAnEdge(int size, boolean masked) {
        FrameEdge edge = new FrameEdge();
        assertTrue(edge.isReached(), "before the first");
        ByteBuf two = Unpooled.wrappedBuffer(frame(size, masked), frame(3, false));
        int first = frame(size, masked).readableBytes();
        int edges = 0;
        for (int i = 1; i <= two.readableBytes(); i++) {
            edge.pass(two.slice(i - 1, 1));
            if (edge.isReached()) {
                edges++;
                assertTrue(i == first || i == two.readableBytes(), "at " + i);
            }
        }
        assertEquals(2, edges);
        edge.pass(two);
        assertTrue(edge.isReached(), "both at once");
        assertEquals(first + 5, two.readableBytes(), "nothing is taken");
    }

    @Test
    void aLengthThatCannotBeNeverEnds() {
        FrameEdge edge = new FrameEdge();
        edge.pass(Unpooled.buffer().writeByte(0x82).writeByte(127).writeLong(-1));
        edge.pass(Unpooled.buffer().writeZero(100));
        assertFalse(edge.isReached());
    }
}
