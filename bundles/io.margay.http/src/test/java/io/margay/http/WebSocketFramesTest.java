// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.FrameBytes.Form;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients may send on a WebSocket and what not ({@code spec/routing.md §12}, RFC 6455 §5), wherever it is cut. */
class WebSocketFramesTest {
    private static final int MOST = 1000;
    private static final int TEXT = 0x81;
    private static final int BINARY = 0x82;

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);

    /** Writes down what was found. */
    private final class Found implements WebSocketFrames.Sink {
        private final ByteArrayOutputStream frames = new ByteArrayOutputStream();
        private final List<String> events = new ArrayList<>();
        private final WebSocketFrames reader;
        private boolean more = true;

        Found(int most, boolean compression) {
            reader = new WebSocketFrames(most, compression, memory, this);
        }

        @Override
        public boolean frame(ByteBuf frame) {
            byte[] bytes = FrameBytes.taken(frame);
            frames.writeBytes(bytes);
            events.add(FrameBytes.show(bytes));
            return more;
        }

        @Override
        public void ping(ByteBuf payload) {
            events.add("ping:" + payload.toString(StandardCharsets.ISO_8859_1));
        }

        @Override
        public void fault(WebSocketFault fault) {
            events.add(fault.code() + " " + fault.text());
        }

        Found read(byte[] bytes) {
            ByteBuf in = Unpooled.wrappedBuffer(bytes);
            assertTrue(reader.read(in), "all was taken");
            return this;
        }
    }

    @AfterEach
    void nothingIsHeld() {
        assertEquals(0, memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory());
    }

    /** What is found is the same whole, byte for byte, and in two parts cut anywhere. */
    private List<String> read(byte[] bytes, int most, boolean compression) {
        Found whole = new Found(most, compression).read(bytes);
        Found single = new Found(most, compression);
        for (byte each : bytes) {
            single.read(new byte[] {each});
        }
        assertEquals(whole.events, single.events, "byte by byte");
        for (int cut = 1; cut < bytes.length && bytes.length < 300; cut++) {
            Found two = new Found(most, compression).read(Arrays.copyOf(bytes, cut))
                .read(Arrays.copyOfRange(bytes, cut, bytes.length));
            assertEquals(whole.events, two.events, "cut at " + cut);
            assertArrayEquals(whole.frames.toByteArray(), two.frames.toByteArray(), "as it came, cut at " + cut);
            two.reader.close();
        }
        whole.reader.close();
        single.reader.close();
        return whole.events;
    }

    private List<String> read(byte[]... frames) {
        return read(FrameBytes.join(frames), MOST, false);
    }

    // ---- good ones ----------------------------------------------------

    static Stream<Arguments> messages() {
        return Stream.of(
            Arguments.of("81:hello", new byte[][] {FrameBytes.client(TEXT, FrameBytes.text("hello"))}),
            Arguments.of("81:", new byte[][] {FrameBytes.client(TEXT, new byte[0])}),
            Arguments.of("82:\u0000\u00ff\r\n", new byte[][] {FrameBytes.client(BINARY,
                FrameBytes.latin("\u0000\u00ff\r\n"))}),
            Arguments.of("01:a|00:b|80:c", new byte[][] {FrameBytes.client(1, FrameBytes.text("a")),
                FrameBytes.client(0, FrameBytes.text("b")), FrameBytes.client(0x80, FrameBytes.text("c"))}),
            Arguments.of("02:|80:", new byte[][] {FrameBytes.client(2, new byte[0]),
                FrameBytes.client(0x80, new byte[0])}),
            Arguments.of("01:a|ping:?|8a:!|80:b|81:c", new byte[][] {FrameBytes.client(1, FrameBytes.text("a")),
                FrameBytes.client(0x89, FrameBytes.text("?")), FrameBytes.client(0x8a, FrameBytes.text("!")),
                FrameBytes.client(0x80, FrameBytes.text("b")), FrameBytes.client(TEXT, FrameBytes.text("c"))}),
            Arguments.of("ping:|ping:" + "p".repeat(125), new byte[][] {FrameBytes.client(0x89, new byte[0]),
                FrameBytes.client(0x89, FrameBytes.text("p".repeat(125)))}));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void passAsTheyCame(String wanted, byte[][] frames) {
        assertEquals(List.of(wanted.split("\\|", -1)), read(frames));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 124, 125, 126, 127, 128, 255, 256, 65_535, 65_536, 65_537, 100_000})
    void ofEverySizeOfLength(int size) {
        byte[] payload = new byte[size];
        for (int i = 0; i < size; i++) {
            payload[i] = (byte) (i * 31);
        }
        byte[] frame = FrameBytes.client(BINARY, payload);
        Found found = new Found(1 << 20, false).read(FrameBytes.join(frame, frame));
        assertArrayEquals(FrameBytes.join(frame, frame), found.frames.toByteArray());
        assertFalse(found.reader.isOver());
        found.reader.close();
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void aLengthMayTakeMoreBytesThanItNeeds(Form form) {
        byte[] frame = FrameBytes.client(TEXT, FrameBytes.text("hello"), form, FrameBytes.MASK);
        assertEquals(List.of("81:hello", "81:hello"), read(frame, frame));
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void alsoThoseOfFramesOfControl(Form form) {
        byte[] ping = FrameBytes.client(0x89, FrameBytes.text("there?"), form, FrameBytes.MASK);
        byte[] pong = FrameBytes.client(0x8a, FrameBytes.text("yes"), form, FrameBytes.MASK);
        byte[] empty = FrameBytes.client(0x89, new byte[0], form, FrameBytes.MASK);
        byte[] close = FrameBytes.client(0x88, FrameBytes.code(1000, "done"), form, FrameBytes.MASK);
        assertEquals(List.of("ping:there?", "8a:yes", "ping:", "88:\u0003\u00e8done"),
            read(ping, pong, empty, close));
        assertEquals(List.of("88:"), read(FrameBytes.client(0x88, new byte[0], form, FrameBytes.MASK)));
        assertEquals(List.of("1002 Close code 1005 is not valid"),
            read(FrameBytes.client(0x88, FrameBytes.code(1005, ""), form, FrameBytes.MASK)));
        assertEquals(List.of("1007 Invalid UTF-8"),
            read(FrameBytes.client(0x88, FrameBytes.code(1000, "\u00ff"), form, FrameBytes.MASK)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1, 0x01020304, 0xff000000, 0x80808080})
    void anyMaskWillDo(int mask) {
        byte[] hello = FrameBytes.client(TEXT, FrameBytes.text("h\u00e9llo"), Form.SHORT, mask);
        byte[] ping = FrameBytes.client(0x89, FrameBytes.text("12345"), Form.SHORT, mask);
        byte[] close = FrameBytes.client(0x88, FrameBytes.code(4999, "b"), Form.SHORT, mask);
        assertEquals(List.of("81:h\u00c3\u00a9llo", "ping:12345", "88:\u0013\u0087b"), read(hello, ping, close));
    }

    // ---- broken rules -------------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        8100               | 1002 Not masked client frame
        8900               | 1002 Not masked client frame
        c17f               | 1002 Not masked client frame
        82ff8000000000000000 01020304 | 1002 Invalid extended payload length
        82ffffffffffffffffff 01020304 | 1002 Invalid extended payload length
        09ff8000000000000000 01020304 | 1002 Invalid extended payload length
        0980 01020304      | 1002 Fragmented control frame
        0880 01020304      | 1002 Fragmented control frame
        0b80 01020304      | 1002 Fragmented control frame
        09fe0100 01020304  | 1002 Fragmented control frame
        8b80 01020304      | 1002 Unrecognized opcode 11
        8c80 01020304      | 1002 Unrecognized opcode 12
        8f80 01020304      | 1002 Unrecognized opcode 15
        8bfe0100 01020304  | 1002 Unrecognized opcode 11
        89fe007e 01020304  | 1002 Control frame too big: 126 bytes
        8afe0100 01020304  | 1002 Control frame too big: 256 bytes
        88ff0000000000010000 01020304 | 1002 Control frame too big: 65536 bytes
        8881 01020304      | 1002 Close frame payload length cannot be 1
        88fe0001 01020304  | 1002 Close frame payload length cannot be 1
        8080 01020304      | 1002 Unrecognized opcode 0
        0080 01020304      | 1002 Unrecognized opcode 0
        8380 01020304      | 1002 Unrecognized opcode 3
        8780 01020304      | 1002 Unrecognized opcode 7
        c180 01020304      | 1002 Reserved bits are set
        a180 01020304      | 1002 Reserved bits are set
        9180 01020304      | 1002 Reserved bits are set
        c980 01020304      | 1002 Reserved bits are set
        f880 01020304      | 1002 Reserved bits are set
        82fe03e1 01020304  | 1009 Message too big: 993 bytes
        82ff7fffffffffffffff 01020304 | 1009 Message too big: 9223372036854775807 bytes
        82ff00000000ffffffff 01020304 | 1009 Message too big: 4294967295 bytes
        82ff0000000080000000 01020304 | 1009 Message too big: 2147483648 bytes
        """)
    void isTheEnd(String hex, String wanted) {
        byte[] bad = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertEquals(List.of(wanted), read(bad, FrameBytes.client(TEXT, FrameBytes.text("never seen"))));
    }

    @ParameterizedTest
    @CsvSource({"0x81, 1", "0x82, 2", "0x01, 1", "0x83, 3", "0x07, 7"})
    void aMessageIsFinishedFirst(String first, int opcode) {
        assertEquals(List.of("01:a", "1002 Continuation expected, but " + opcode + " opcode received"),
            read(FrameBytes.client(1, FrameBytes.text("a")), FrameBytes.client(Integer.decode(first), new byte[0])));
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 9, 10, 100, 131, 132, 133, 134, 65_549, 65_550})
    void theHeaderCountsForTheLimit(int most) {
        for (int size = Math.max(0, most - 16); size <= most; size++) {
            byte[] payload = new byte[size];
            byte[] frame = FrameBytes.client(BINARY, payload);
            Found found = new Found(most, false).read(frame);
            assertEquals(frame.length <= most ? FrameBytes.show(frame) : "1009 Message too big: " + size + " bytes",
                found.events.getFirst(), "payload of " + size);
            assertEquals(frame.length > most, found.reader.isOver());
            found.reader.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, false", "999, false", "1000, true", "1003, true", "1004, false", "1005, false", "1006, false",
        "1007, true", "1014, true", "1015, false", "2999, false", "3000, true", "3999, true", "4000, true",
        "4999, true", "5000, false", "65535, false"})
    void someCodesMayClose(int code, boolean good) {
        byte[] close = FrameBytes.client(0x88, FrameBytes.code(code, ""));
        assertEquals(List.of(good ? FrameBytes.show(close) : "1002 Close code " + code + " is not valid"), read(close));
    }

    @Test
    void behindACloseFrameNothingIsRead() {
        byte[] close = FrameBytes.client(0x88, FrameBytes.code(1000, "bye"));
        assertEquals(List.of("88:\u0003\u00e8bye"),
            read(close, FrameBytes.client(TEXT, FrameBytes.text("late")), new byte[] {0, 0, 0}));
        Found found = new Found(MOST, false).read(close);
        assertTrue(found.reader.isOver());
        found.read(FrameBytes.client(0x89, new byte[0]));
        assertEquals(1, found.events.size());
        found.reader.close();
    }

    // ---- life ---------------------------------------------------------

    @Test
    void whoWantsNoMoreGetsTheRestLater() {
        Found found = new Found(MOST, false);
        byte[] a = FrameBytes.client(TEXT, FrameBytes.text("a"));
        ByteBuf in = Unpooled.wrappedBuffer(a, a, FrameBytes.client(0x89, new byte[0]), a);
        found.more = false;
        assertFalse(found.reader.read(in));
        assertEquals(List.of("81:a"), found.events);
        assertEquals(2 * a.length + 6, in.readableBytes(), "the rest is as it was");
        assertFalse(found.reader.read(in), "a ping is no reason to go on");
        assertEquals(List.of("81:a", "81:a"), found.events);
        assertTrue(found.reader.read(in), "the last one");
        assertEquals(List.of("81:a", "81:a", "ping:", "81:a"), found.events);
        assertTrue(found.reader.read(in), "nothing");
        found.reader.close();
    }

    @Test
    void memoryGrowsWithWhatHasComeOnly() {
        Found found = new Found(1 << 30, false);
        found.read(FrameBytes.taken(FrameBytes.head(BINARY, 1 << 29, Form.LONG, true).writeInt(0)));
        found.read(new byte[100]);
        assertTrue(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory() < 4096,
            "a header promises half a GiB");
        found.reader.close();
    }

    @Test
    void memoryOfALargeFrameIsGivenBack() {
        Found found = new Found(1 << 20, false);
        found.read(FrameBytes.client(BINARY, new byte[200_000]));
        assertTrue(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory() < 70_000);
        found.read(FrameBytes.client(TEXT, FrameBytes.text("and on")));
        assertEquals("81:and on", found.events.getLast());
        found.reader.close();
    }

    @Test
    void closingInTheMiddleReleasesAndMayBeDoneTwice() {
        byte[] frame = FrameBytes.client(TEXT, FrameBytes.text("hello"));
        for (int cut = 0; cut < frame.length; cut++) {
            Found found = new Found(MOST, false).read(Arrays.copyOf(frame, cut));
            found.reader.close();
            found.reader.close();
            assertTrue(found.reader.isOver());
            found.read(frame);
            assertEquals(List.of(), found.events, "cut at " + cut);
        }
    }
}
