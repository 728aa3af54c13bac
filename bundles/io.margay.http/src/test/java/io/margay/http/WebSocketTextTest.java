// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is called text on a WebSocket is UTF-8 (RFC 6455 §8.1), over all its frames, and found out early if not. */
class WebSocketTextTest {
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
    private final StringBuilder frames = new StringBuilder();
    private Optional<WebSocketFault> fault = Optional.empty();

    private WebSocketFrames reader(boolean compression) {
        frames.setLength(0);
        fault = Optional.empty();
        return new WebSocketFrames(1 << 17, compression, memory, new WebSocketFrames.Sink() {
            @Override
            public boolean frame(ByteBuf frame) {
                frames.append(frames.isEmpty() ? "" : " ").append(FrameBytes.show(FrameBytes.taken(frame)));
                return true;
            }

            @Override
            public void ping(ByteBuf payload) {
                frames.append(" ping");
            }

            @Override
            public void fault(WebSocketFault found) {
                fault = Optional.of(found);
            }
        });
    }

    @AfterEach
    void nothingIsHeld() {
        assertEquals(0, memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory());
    }

    /** Sends a payload as one message of two frames cut at each place; whether each time all of it is text. */
    private void inTwoFrames(byte[] payload, boolean good) {
        for (int cut = 0; cut <= payload.length; cut++) {
            WebSocketFrames reader = reader(false);
            byte[] one = Arrays.copyOf(payload, cut);
            byte[] other = Arrays.copyOfRange(payload, cut, payload.length);
            reader.read(Unpooled.wrappedBuffer(FrameBytes.client(1, one), FrameBytes.client(0x89, new byte[] {-1}),
                FrameBytes.client(0x80, other)));
            assertEquals(good ? Optional.empty() : Optional.of(WebSocketFault.NO_TEXT), fault, "cut at " + cut);
            reader.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"'', true", "41, true", "c3a9, true", "e282ac, true", "f09f9882, true", "41c3a9e282acf09f988242, true",
        "ee8080, true", "ed9fbf, true", "f48fbfbf, true", "efbfbf, true", "00, true", "7f, true",
        "80, false", "bf, false", "c3, false", "c328, false", "c080, false", "c1bf, false", "e282, false",
        "e28228, false", "e08080, false", "e09fbf, false", "eda080, false", "edbfbf, false", "f09f98, false",
        "f09f9828, false", "f0808080, false", "f08fbfbf, false", "f4908080, false", "f5808080, false",
        "ff, false", "fe, false", "41ff42, false", "c3a980, false"})
    void acrossFrames(String hex, boolean good) {
        inTwoFrames(HexFormat.of().parseHex(hex), good);
    }

    @Test
    void aWrongByteIsFoundBeforeTheFrameIsWhole() {
        WebSocketFrames reader = reader(false);
        byte[] frame = FrameBytes.client(0x81, FrameBytes.latin("ab\u00ffcd"));
        for (int i = 0; i < 8; i++) {
            reader.read(Unpooled.wrappedBuffer(frame, i, 1));
            assertEquals(Optional.empty(), fault, "after " + i);
        }
        reader.read(Unpooled.wrappedBuffer(frame, 8, 1));
        assertEquals(Optional.of(WebSocketFault.NO_TEXT), fault);
        assertTrue(reader.isOver());
        reader.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff", "c3", "eda080", "00ff00ff"})
    void binaryMayBeAnything(String hex) {
        byte[] payload = HexFormat.of().parseHex(hex);
        WebSocketFrames reader = reader(false);
        reader.read(Unpooled.wrappedBuffer(FrameBytes.client(2, payload), FrameBytes.client(0, payload),
            FrameBytes.client(0x80, payload), FrameBytes.client(0x81, FrameBytes.text("a"))));
        assertEquals(Optional.empty(), fault);
        reader.read(Unpooled.wrappedBuffer(FrameBytes.client(0x8a, payload)));
        assertEquals(Optional.empty(), fault, "a pong neither");
        reader.close();
    }

    @Test
    void eachMessageBeginsAnew() {
        WebSocketFrames reader = reader(false);
        reader.read(Unpooled.wrappedBuffer(FrameBytes.client(2, new byte[] {(byte) 0xc3}),
            FrameBytes.client(0x80, new byte[0]), FrameBytes.client(1, new byte[] {(byte) 0xc3}),
            FrameBytes.client(0x80, new byte[] {(byte) 0xa9}), FrameBytes.client(0x81, FrameBytes.text("x"))));
        assertEquals(Optional.empty(), fault);
        assertEquals("02:\u00c3 80: 01:\u00c3 80:\u00a9 81:x", frames.toString());
        reader.close();
    }

    @Test
    void compressedTextIsLookedAtLater() {
        WebSocketFrames reader = reader(true);
        reader.read(Unpooled.wrappedBuffer(FrameBytes.client(0x41, new byte[] {-1}),
            FrameBytes.client(0x80, new byte[] {-1}), FrameBytes.client(0xc1, new byte[] {-1})));
        assertEquals(Optional.empty(), fault);
        reader.read(Unpooled.wrappedBuffer(FrameBytes.client(0x81, new byte[] {-1})));
        assertEquals(Optional.of(WebSocketFault.NO_TEXT), fault, "what is not compressed still is");
        reader.close();
    }

    @ParameterizedTest
    @CsvSource({"0x40", "0x80c0", "0xc8", "0xc9", "0xe1", "0xd1"})
    void theBitOfCompressionStandsAtTheBeginOfMessagesOnly(String head) {
        int first = Integer.decode(head);
        WebSocketFrames reader = reader(true);
        if (first > 0xff) {
            reader.read(Unpooled.wrappedBuffer(FrameBytes.client(1, new byte[0])));
        }
        reader.read(Unpooled.wrappedBuffer(FrameBytes.client(first & 0xff, new byte[0])));
        assertEquals("Reserved bits are set", fault.orElseThrow().text());
        reader.close();
    }

    @ParameterizedTest
    @CsvSource({"'', true", "abc, true", "c3a9, false", "ff, false"})
    void theReasonOfACloseIsText(String reason, boolean plain) {
        WebSocketFrames reader = reader(false);
        byte[] bytes = plain ? FrameBytes.text(reason) : HexFormat.of().parseHex(reason);
        reader.read(Unpooled.wrappedBuffer(FrameBytes.client(0x88,
            FrameBytes.join(FrameBytes.code(1000, ""), bytes))));
        assertEquals(reason.equals("ff") ? Optional.of(WebSocketFault.NO_TEXT) : Optional.empty(), fault);
        reader.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"c3", "e282", "f09f98"})
    void nothingIsCutInAReason(String hex) {
        WebSocketFrames reader = reader(false);
        reader.read(Unpooled.wrappedBuffer(FrameBytes.client(0x88, FrameBytes.join(FrameBytes.code(1000, ""),
            HexFormat.of().parseHex(hex)))));
        assertEquals(Optional.of(WebSocketFault.NO_TEXT), fault);
        reader.close();
    }

    @Test
    void aLongTextInManyParts() {
        WebSocketFrames reader = reader(false);
        byte[] text = FrameBytes.text("\u20ac\u00e9\ud83d\ude02z".repeat(6000));
        byte[] frame = FrameBytes.client(0x81, text);
        for (int at = 0; at < frame.length; at += 7) {
            reader.read(Unpooled.wrappedBuffer(frame, at, Math.min(7, frame.length - at)));
        }
        assertEquals(Optional.empty(), fault);
        assertEquals(3 + text.length, frames.length());
        reader.close();
    }

    @ParameterizedTest
    @CsvSource({"1000, ''", "1002, Not masked client frame", "1009, Message too big: 9223372036854775807 bytes"})
    void faultsAreFramesOfTheirSize(int code, String text) {
        WebSocketFault fault = new WebSocketFault(code, text);
        ByteBuf plain = Unpooled.buffer();
        fault.write(plain);
        assertEquals(fault.size(), plain.readableBytes());
        String wanted = "88:" + new String(FrameBytes.code(code, text), StandardCharsets.ISO_8859_1);
        assertEquals(wanted, FrameBytes.show(FrameBytes.taken(plain)));
        ByteBuf masked = Unpooled.buffer();
        fault.writeMasked(masked);
        assertEquals(fault.size() + 4, masked.readableBytes());
        assertTrue(masked.getByte(1) < 0, "as a client has it");
        assertEquals(wanted, FrameBytes.show(FrameBytes.taken(masked)));
        assertTrue(text.length() <= 123, "a control frame has no more room");
    }
}
