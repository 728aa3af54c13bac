// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed messages (RFC 7692 §7.2), against the class library on the other side. */
class MessageCompressionTest {
    private static final int MOST = 1000;
    private static final byte[] TAIL = {0, 0, -1, -1};

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
    private final ZlibPool pool = new ZlibPool();
    private final Deflater client = new Deflater(Deflater.DEFAULT_COMPRESSION, true);

    @AfterEach
    void nothingIsHeld() {
        client.end();
        assertEquals(0, memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory());
    }

    private static byte[] noise(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    /** What a client sends for a message: flushed, without the tail. */
    private byte[] deflated(byte[] message) {
        client.setInput(message);
        byte[] room = new byte[2 * message.length + 100];
        int size = client.deflate(room, 0, room.length, Deflater.SYNC_FLUSH);
        assertArrayEquals(TAIL, Arrays.copyOfRange(room, size - 4, size));
        return Arrays.copyOf(room, size - 4);
    }

    /** What the inflater makes of a frame: as {@link FrameBytes#show}, or the fault. */
    private String inflated(MessageInflater inflater, byte[] frame) {
        ByteBuf in = memory.buffer().writeBytes(frame);
        if (!inflater.takes(in)) {
            in.release();
            return "not taken";
        }
        ByteBuf out = inflater.inflate(in);
        Optional<WebSocketFault> fault = inflater.fault();
        assertEquals(0, in.refCnt(), "the frame was taken over");
        byte[] bytes = FrameBytes.taken(out);
        assertTrue(bytes.length <= MOST, "no frame is longer than one that was not compressed");
        return fault.map(f -> f.code() + " " + f.text()).orElseGet(() -> FrameBytes.show(bytes));
    }

    // ---- of clients ---------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 125, 126, 127, 500, 990, 991, 992, 993, 1000, 100_000})
    void messagesOfClients(int size) {
        byte[] message = FrameBytes.text("x".repeat(size));
        for (boolean context : new boolean[] {false, true}) {
            MessageInflater inflater = new MessageInflater(pool, context, memory, MOST);
            int head = size < 126 ? 6 : 8;
            String wanted = head + size <= MOST ? "81:" + "x".repeat(size)
                : "1009 Message too big: more than 1000 bytes";
            client.reset();
            assertEquals(wanted, inflated(inflater, FrameBytes.client(0xc1, deflated(message))));
            inflater.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 50})
    void messagesOfClientsInManyFrames(int step) {
        byte[] message = FrameBytes.text("a text of \u00e9\u20ac\ud83d\ude02 and again "
            + "a text of \u00e9\u20ac\ud83d\ude02");
        byte[] all = deflated(message);
        MessageInflater inflater = new MessageInflater(pool, false, memory, MOST);
        StringBuilder found = new StringBuilder();
        for (int at = 0; at < all.length; at += step) {
            boolean last = at + step >= all.length;
            String frame = inflated(inflater, FrameBytes.client((at == 0 ? 0x41 : 0) | (last ? 0x80 : 0),
                Arrays.copyOfRange(all, at, Math.min(all.length, at + step))));
            assertEquals(String.format("%02x", (at == 0 ? 1 : 0) | (last ? 0x80 : 0)), frame.substring(0, 2));
            found.append(frame.substring(3));
        }
        assertArrayEquals(message, FrameBytes.latin(found.toString()));
        inflater.close();
    }

    @Test
    void messagesMayReferToThoseBefore() {
        MessageInflater inflater = new MessageInflater(pool, true, memory, MOST);
        byte[] message = FrameBytes.latin("one and the same for ever");
        byte[] first = deflated(message);
        byte[] second = deflated(message);
        assertTrue(second.length < first.length / 2, "by reference");
        assertEquals("82:one and the same for ever", inflated(inflater, FrameBytes.client(0xc2, first)));
        assertEquals("82:one and the same for ever", inflated(inflater, FrameBytes.client(0xc2, second)));
        inflater.close();
        MessageInflater forgetful = new MessageInflater(pool, false, memory, MOST);
        assertEquals("82:one and the same for ever", inflated(forgetful, FrameBytes.client(0xc2, first)));
        assertEquals("1007 Invalid compressed data", inflated(forgetful, FrameBytes.client(0xc2, second)));
        forgetful.close();
    }

    @Test
    void onlyCompressedMessagesAreTaken() {
        MessageInflater inflater = new MessageInflater(pool, true, memory, MOST);
        assertEquals("not taken", inflated(inflater, FrameBytes.client(0x81, FrameBytes.text("plain"))));
        assertEquals("not taken", inflated(inflater, FrameBytes.client(0x01, FrameBytes.text("plain"))));
        assertEquals("not taken", inflated(inflater, FrameBytes.client(0x80, FrameBytes.text("plain"))));
        byte[] all = deflated(FrameBytes.text("hello hello hello"));
        assertEquals("01:hello hello hello", inflated(inflater, FrameBytes.client(0x41, all)));
        assertEquals("not taken", inflated(inflater, FrameBytes.client(0x8a, FrameBytes.text("pong"))));
        assertEquals("not taken", inflated(inflater, FrameBytes.client(0x88, new byte[0])));
        assertEquals("80:", inflated(inflater, FrameBytes.client(0x80, new byte[0])), "its end");
        assertEquals("not taken", inflated(inflater, FrameBytes.client(0x80, new byte[0])), "and no more");
        inflater.close();
    }

    @Test
    void aStreamMayEndWithinAMessageAndAnotherFollow() {
        Deflater one = new Deflater(9, true);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String part : new String[] {"one ", "two ", "three"}) {
            one.reset();
            one.setInput(FrameBytes.text(part));
            one.finish();
            byte[] room = new byte[100];
            all.write(room, 0, one.deflate(room));
        }
        one.end();
        // An empty block at the end, of which the sender leaves out the tail (§7.2.3.4).
        all.write(0);
        MessageInflater inflater = new MessageInflater(pool, true, memory, MOST);
        assertEquals("81:one two three", inflated(inflater, FrameBytes.client(0xc1, all.toByteArray())));
        assertEquals("81:", inflated(inflater, FrameBytes.client(0xc1, new byte[] {0})), "an empty one (§7.2.3.6)");
        inflater.close();
    }

    @Test
    void garbageIsAFaultAndNeverMoreThanThat() {
        Random random = new Random(7);
        int faults = 0;
        for (int i = 0; i < 2000; i++) {
            byte[] garbage = new byte[random.nextInt(60)];
            random.nextBytes(garbage);
            MessageInflater inflater = new MessageInflater(pool, i % 2 == 0, memory, MOST);
            String found = inflated(inflater, FrameBytes.client(0xc2, garbage));
            faults += found.startsWith("1007") || found.startsWith("1009") ? 1 : 0;
            assertTrue(found.startsWith("82:") || found.startsWith("100"), found);
            inflater.close();
        }
        assertTrue(faults > 1000, "most is no stream: " + faults);
    }

    @ParameterizedTest
    @CsvSource({"c3, true", "c3a9, false", "ff, true", "41, false", "eda080, true", "f09f9882, false"})
    void textIsTextWhenItIsPlain(String hex, boolean bad) {
        byte[] message = HexFormat.of().parseHex(hex);
        MessageInflater inflater = new MessageInflater(pool, false, memory, MOST);
        client.reset();
        assertEquals(bad ? "1007 Invalid UTF-8" : FrameBytes.show(FrameBytes.client(0x81, message)),
            inflated(inflater, FrameBytes.client(0xc1, deflated(message))));
        client.reset();
        assertEquals(FrameBytes.show(FrameBytes.client(0x82, message)),
            inflated(inflater, FrameBytes.client(0xc2, deflated(message))), "binary need not be");
        inflater.close();
    }

    @Test
    void aBombIsCutAtTheLimit() {
        byte[] bomb = deflated(new byte[10_000_000]);
        MessageInflater inflater = new MessageInflater(pool, false, memory, MOST);
        ByteBuf in = memory.buffer().writeBytes(FrameBytes.client(0xc2, bomb));
        assertTrue(inflater.takes(in));
        ByteBuf out = inflater.inflate(in);
        assertTrue(out.capacity() < 20_000, "room for the frame and no more: " + out.capacity());
        assertEquals(1009, inflater.fault().orElseThrow().code());
        out.release();
        inflater.close();
    }

    // ---- to clients ---------------------------------------------------

    /** Writes a message in frames of the application's and gives what a client reads. */
    private byte[] read(MessageDeflater deflater, List<ByteBuf> out, Inflater reader, int opcode, byte[][] frames)
            throws DataFormatException {
        deflater.begin(opcode);
        for (int i = 0; i < frames.length; i++) {
            ByteBuf part = memory.directBuffer(Math.max(1, frames[i].length)).writeBytes(frames[i]);
            deflater.add(part);
            part.release();
            deflater.flush(i + 1 == frames.length);
        }
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (ByteBuf each : out) {
            wire.writeBytes(FrameBytes.taken(each));
        }
        out.clear();
        ByteBuf in = Unpooled.wrappedBuffer(wire.toByteArray());
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        boolean begun = false;
        boolean last = false;
        while (in.isReadable()) {
            assertFalse(last, "nothing behind the last frame");
            int first = in.readUnsignedByte();
            assertEquals(begun ? 0 : 0x40 | opcode, first & 0x7f, "the bit stands in the first frame only");
            begun = true;
            last = first >= 0x80;
            int bits = in.readUnsignedByte();
            int size = (int) (bits == 127 ? in.readLong() : bits == 126 ? in.readUnsignedShort() : bits);
            assertTrue(bits < 126 || size >= 126 && bits == (size < 1 << 16 ? 126 : 127), "the shortest form");
            payload.writeBytes(FrameBytes.taken(in.readRetainedSlice(size)));
        }
        assertTrue(last, "the message has an end");
        payload.writeBytes(TAIL);
        reader.setInput(payload.toByteArray());
        byte[] room = new byte[1 << 19];
        return Arrays.copyOf(room, reader.inflate(room));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 48, 120, 125, 126, 496, 500, 504, 505, 506, 507, 508, 509, 510, 511, 512, 513, 1000,
        32_700, 32_760, 32_768, 32_780, 65_535, 65_536, 300_000})
    void messagesToClients(int size) throws DataFormatException {
        for (boolean context : new boolean[] {false, true}) {
            List<ByteBuf> out = new ArrayList<>();
            MessageDeflater deflater = new MessageDeflater(pool, context, memory, out::add);
            Inflater reader = new Inflater(true);
            byte[] message = noise(size);
            for (int i = 0; i < 2; i++) {
                assertArrayEquals(message, read(deflater, out, reader, 2, new byte[][] {message}), "message " + i);
                if (!context) {
                    reader.reset();
                }
            }
            byte[] half = Arrays.copyOf(message, size / 2);
            byte[] rest = Arrays.copyOfRange(message, size / 2, size);
            // A receiver that was given half a block by the end of a message cannot read the next one.
            for (byte[][] parts : new byte[][][] {{half, new byte[0], rest}, {message, new byte[0]},
                {new byte[0], message}, {new byte[0], new byte[0], message, new byte[0], new byte[0]}, {message}}) {
                assertArrayEquals(message, read(deflater, out, reader, 1, parts), parts.length + " frames");
                if (!context) {
                    reader.reset();
                }
            }
            reader.end();
            deflater.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, true, false", "47, true, false", "48, true, true", "0, false, true"})
    void isItWorthThat(long length, boolean whole, boolean worth) {
        MessageDeflater deflater = new MessageDeflater(pool, true, memory, part -> { });
        assertEquals(worth, deflater.isWorth(length, whole));
        deflater.close();
    }

    @Test
    void closingInTheMiddleReleases() {
        List<ByteBuf> out = new ArrayList<>();
        MessageDeflater deflater = new MessageDeflater(pool, true, memory, out::add);
        deflater.begin(1);
        ByteBuf part = memory.directBuffer().writeZero(1000);
        deflater.add(part);
        part.release();
        deflater.close();
        deflater.close();
        assertEquals(List.of(), out, "nothing was flushed");
    }

    // ---- the pool -----------------------------------------------------

    @Test
    void aFewStatesAreKept() {
        Deflater one = pool.takeDeflater();
        one.setInput(new byte[10]);
        one.deflate(new byte[100], 0, 100, Deflater.SYNC_FLUSH);
        pool.give(one);
        assertSame(one, pool.takeDeflater());
        assertEquals(0, one.getBytesRead(), "as new");
        Inflater other = pool.takeInflater();
        assertNotSame(other, pool.takeInflater());
        pool.give(other);
        assertSame(other, pool.takeInflater());
        List<Inflater> many = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            many.add(pool.takeInflater());
        }
        many.forEach(pool::give);
        assertEquals(0, many.get(3).getBytesRead(), "the fourth is kept");
        assertThrows(IllegalStateException.class, () -> many.get(4).getBytesRead(),
            "the fifth was ended");
    }
}
