// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Exchange;
import io.margay.http.HttpSettings;
import io.margay.http.WebSocketSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets whose messages are compressed: RFC 7692. */
class DeflatedWebSocketTest {
    private static final int MOST = 100_000;
    private static final String MASK = "01020304";
    private static final String ZERO = "00000000";

    private final List<String> frames = new ArrayList<>();
    private Wire wire;
    private Exchange exchange;
    private String ended = "";

    private String open(boolean context, String offer) {
        wire = new Wire(HttpSettings.DEFAULTS.change()
            .webSocket(new WebSocketSettings(MOST, 60, 30, true, context)).build(), this::handle);
        String head = wire.send("GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Extensions: " + offer + "\r\n\r\n").take();
        assertTrue(head.startsWith("HTTP/1.1 101 "), head);
        return head.lines().filter(line -> line.startsWith("Sec-WebSocket-Ext")).reduce("", String::concat);
    }

    private void handle(Exchange request) {
        exchange = request;
        request.onDone((done, complete) -> ended = complete ? "complete" : "cut");
        // What the application says of extensions is not what client and server do.
        request.upgrade(Unpooled.copiedBuffer("Sec-WebSocket-Extensions: x-own\r\n", StandardCharsets.ISO_8859_1),
            this::frame);
        request.flush();
    }

    private boolean frame(ByteBuf frame) {
        frames.add(ByteBufUtil.hexDump(frame));
        frame.release();
        return true;
    }

    @AfterEach
    void close() {
        wire.close();
    }

    private static String text(String hex) {
        return new String(ByteBufUtil.decodeHexDump(hex), StandardCharsets.ISO_8859_1);
    }

    /** A frame as clients send it. */
    private static String frame(int first, String payload) {
        byte[] bytes = ByteBufUtil.decodeHexDump(payload);
        byte[] mask = ByteBufUtil.decodeHexDump(MASK);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= mask[i & 3];
        }
        String length = bytes.length < 126 ? String.format("%02x", 0x80 | bytes.length)
            : String.format("fe%04x", bytes.length);
        return text(String.format("%02x", first) + length + MASK + ByteBufUtil.hexDump(bytes));
    }

    private static String deflated(byte[] bytes) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(bytes);
        byte[] out = new byte[bytes.length + 100];
        int size = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return ByteBufUtil.hexDump(out, 0, size - 4);
    }

    /** The frames that the client gets, each as its first byte and its payload. */
    private List<ByteBuf> taken() {
        ByteBuf in = Wire.bytes(wire.take());
        List<ByteBuf> result = new ArrayList<>();
        while (in.isReadable()) {
            int start = in.readerIndex();
            in.skipBytes(1);
            int length = in.readUnsignedByte();
            long size = length == 127 ? in.readLong() : length == 126 ? in.readUnsignedShort() : length;
            ByteBuf frame = Unpooled.buffer().writeByte(in.getByte(start));
            result.add(frame.writeBytes(in, (int) size));
        }
        return result;
    }

    private static byte[] inflated(Inflater inflater, List<ByteBuf> message) throws DataFormatException {
        ByteBuf all = Unpooled.buffer();
        for (int i = 0; i < message.size(); i++) {
            int first = message.get(i).readUnsignedByte();
            assertEquals((i == 0 ? 0x42 : 0) | (i == message.size() - 1 ? 0x80 : 0), first, "of frame " + i);
            all.writeBytes(message.get(i));
        }
        all.writeInt(0xffff);
        inflater.setInput(ByteBufUtil.getBytes(all));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] part = new byte[10_000];
        for (int size = inflater.inflate(part); size > 0; size = inflater.inflate(part)) {
            out.write(part, 0, size);
        }
        return out.toByteArray();
    }

    private static ByteBuf unmasked(int first, byte[] bytes) {
        ByteBuf frame = Unpooled.buffer().writeByte(first);
        if (bytes.length < 126) {
            frame.writeByte(bytes.length);
        } else if (bytes.length < 65_536) {
            frame.writeByte(126).writeShort(bytes.length);
        } else {
            frame.writeByte(127).writeLong(bytes.length);
        }
        return frame.writeBytes(bytes);
    }

    private void write(ByteBuf data) {
        exchange.write(data, false);
        exchange.flush();
    }

    @ParameterizedTest
    @CsvSource({"true, Sec-WebSocket-Extensions: permessage-deflate",
        "false, Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover"})
    void theServerAnswersAnOffer(boolean context, String answer) {
        assertEquals(answer, open(context, "permessage-deflate; client_max_window_bits"));
    }

    @Test
    void withoutAGoodOfferNothingIsCompressed() {
        assertEquals("", open(false, "permessage-deflate; unknown"));
        write(unmasked(0x81, new byte[200]));
        assertEquals(201, taken().getFirst().readableBytes());
        wire.send(frame(0xc1, "f248cdc9c90700"));
        assertEquals(List.of(), frames);
        assertEquals("cut", ended);
    }

    /** The examples of RFC 7692 §7.2.3: one block, two frames, no compression, a final block, two blocks. */
    @ParameterizedTest
    @ValueSource(strings = {"f248cdc9c90700", "000500faff48656c6c6f00", "f348cdc9c9070000",
        "f24805000000ffffcac9c90700"})
    void messagesOfClientsArePlainForTheApplication(String payload) {
        open(false, "permessage-deflate");
        wire.send(frame(0xc1, payload) + frame(0x81, "4869"));
        assertEquals("8185" + ZERO + "48656c6c6f", frames.getFirst());
        assertEquals("8182" + MASK + "496b", frames.getLast());
    }

    @Test
    void framesOfAMessageStayThat() {
        open(false, "permessage-deflate");
        wire.send(frame(0x41, "f248cd") + frame(0x89, "01") + frame(0x00, "") + frame(0x80, "c9c90700"));
        assertEquals(3, frames.size());
        assertEquals(List.of("01", "00", "80"), frames.stream().map(frame -> frame.substring(0, 2)).toList());
        assertEquals("48656c6c6f", frames.stream().map(frame -> frame.substring(12)).reduce("", String::concat));
        assertEquals("8a0101", ByteBufUtil.hexDump(Wire.bytes(wire.take())));
    }

    @Test
    void aMessageMayReferToTheOneBefore() {
        open(true, "permessage-deflate");
        wire.send(frame(0xc1, "f248cdc9c90700") + frame(0xc1, "f200110000"));
        assertEquals(List.of("8185" + ZERO + "48656c6c6f", "8185" + ZERO + "48656c6c6f"), frames);
    }

    @ParameterizedTest
    @CsvSource({"c2, ffffffff, 1007, Invalid compressed data", "c2, f200110000, 1007, Invalid compressed data",
        "c1, @ff, 1007, Invalid UTF-8", "c1, @c3, 1007, Invalid UTF-8", "a1, @61, 1002, Reserved bits are set",
        "c9, @61, 1002, Reserved bits are set", "c0, @61, 1002, Reserved bits are set"})
    void whoBreaksARuleIsTold(String first, String payload, int code, String reason) {
        open(false, "permessage-deflate");
        String hex = payload.startsWith("@") ? deflated(ByteBufUtil.decodeHexDump(payload.substring(1))) : payload;
        wire.send(frame(Integer.parseInt(first, 16), hex));
        assertEquals(List.of(), frames);
        ByteBuf close = taken().getFirst().skipBytes(1);
        assertEquals(code, close.readShort());
        assertEquals(reason, close.toString(StandardCharsets.US_ASCII));
        assertEquals("cut", ended);
    }

    @ParameterizedTest
    @CsvSource({"99986, true", "99987, false", "50000000, false"})
    void aBombDoesNotGoOff(int size, boolean taken) {
        open(false, "permessage-deflate");
        wire.send(frame(0xc2, deflated(new byte[size])));
        assertEquals(taken ? 1 : 0, frames.size());
        assertEquals(taken ? "" : "cut", ended);
        assertEquals(taken ? List.of() : List.of(1009),
            taken().stream().map(close -> (int) close.getShort(1)).toList());
    }

    @ParameterizedTest
    @CsvSource({"48, true", "125, false", "126, true", "1000, false", "70000, true", "70000, false", "400000, true"})
    void whatTheApplicationSendsIsCompressed(int size, boolean context) throws Exception {
        open(context, "permessage-deflate");
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        // Half of it repeats, the other half has no pattern.
        System.arraycopy(bytes, 0, bytes, size / 2, size / 4);
        Inflater inflater = new Inflater(true);
        int before = Integer.MAX_VALUE;
        for (int turn = 0; turn < 2; turn++) {
            ByteBuf frame = unmasked(0x82, bytes);
            while (frame.isReadable()) {
                write(frame.readRetainedSlice(Math.min(frame.readableBytes(), size == 1000 ? 1 : 16_384)));
            }
            frame.release();
            List<ByteBuf> message = taken();
            int sent = message.stream().mapToInt(ByteBuf::readableBytes).sum();
            assertEquals(size >= 70_000, message.size() > 1, "few frames: " + message.size());
            assertEquals(ByteBufUtil.hexDump(bytes), ByteBufUtil.hexDump(inflated(inflater, message)));
            if (turn == 1 && context && size < 30_000) {
                assertTrue(sent < before / 2, "the second time is shorter");
            }
            before = sent;
            if (!context) {
                inflater.reset();
            }
        }
        inflater.end();
    }

    @Test
    void fragmentsOfTheApplicationAreOneMessage() throws Exception {
        open(false, "permessage-deflate");
        write(unmasked(0x02, new byte[0]));
        write(unmasked(0x00, "abc".repeat(100).getBytes(StandardCharsets.US_ASCII)));
        List<ByteBuf> message = new ArrayList<>(taken());
        assertFalse(message.isEmpty(), "a fragment is sent when it is complete");
        write(unmasked(0x8a, new byte[1]));
        assertEquals("8a00", ByteBufUtil.hexDump(taken().getFirst()));
        write(unmasked(0x80, new byte[0]));
        message.addAll(taken());
        Inflater inflater = new Inflater(true);
        assertEquals("abc".repeat(100), new String(inflated(inflater, message), StandardCharsets.US_ASCII));
        inflater.end();
    }

    @Test
    void whatIsShortOrNoMessageIsLeftAsItIs() {
        open(false, "permessage-deflate");
        for (ByteBuf frame : List.of(unmasked(0x82, new byte[47]), unmasked(0x8a, new byte[100]),
            unmasked(0x88, new byte[2]))) {
            String hex = ByteBufUtil.hexDump(frame);
            write(frame);
            assertEquals(hex, ByteBufUtil.hexDump(Wire.bytes(wire.take())));
        }
    }

    @Test
    void aClientThatLeavesInTheMiddleLeavesNothing() {
        open(false, "permessage-deflate");
        wire.send(frame(0x42, "f248cd"));
        write(unmasked(0x82, new byte[5000]).slice(0, 2000));
        wire.endInput();
        assertEquals("cut", ended);
    }
}
