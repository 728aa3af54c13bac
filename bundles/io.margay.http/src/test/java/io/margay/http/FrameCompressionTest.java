// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A WebSocket whose client has agreed on compression: applications know nothing of it (RFC 7692). */
class FrameCompressionTest {
    private static final String LONG = "a text that is long enough to be worth it, it is, it is, it is, it is";

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
    private final TestExchange exchange = new TestExchange(HttpSettings.DEFAULTS.change()
        .webSocket(new WebSocketSettings(1000, 60, 30, true, true)).build(), () -> 0);
    private final Deflater client = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final Inflater reader = new Inflater(true);
    private final List<String> heard = new ArrayList<>();
    private final ByteArrayOutputStream wire = exchange.sent;
    private FrameSession session;

    /** Switches the protocol, for a client that offers this. */
    private void open(String offer) {
        exchange.fields = offer.isEmpty() ? Fields.NONE : Fields.of("Sec-WebSocket-Extensions", offer);
        exchange.switching = Optional.of(listener -> {
            session = new FrameSession(exchange, listener, memory, new PendingInput(), new FrameSession.Carrier() {
                @Override
                public void send(ByteBuf frame) {
                    wire.writeBytes(FrameBytes.taken(frame));
                }

                @Override
                public void read(boolean more) {
                    // There is no socket.
                }

                @Override
                public void taken(int bytes) {
                    // Nor a window.
                }

                @Override
                public void leave() {
                    exchange.gone();
                }
            });
            return session;
        });
        assertTrue(exchange.upgrade(TestExchange.bytes("Sec-WebSocket-Extensions: of the application\r\n"), frame -> {
            heard.add(FrameBytes.show(FrameBytes.taken(frame)));
            return true;
        }));
        session.begin();
        session.resume();
    }

    private void input(byte[] bytes) {
        session.input(memory.directBuffer().writeBytes(bytes));
    }

    private byte[] deflated(String message) {
        client.setInput(FrameBytes.text(message));
        byte[] room = new byte[1000 + 2 * message.length()];
        return Arrays.copyOf(room, client.deflate(room, 0, room.length, Deflater.SYNC_FLUSH) - 4);
    }

    private static byte[] frames(String... texts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String text : texts) {
            all.writeBytes(FrameBytes.server(Integer.parseInt(text.substring(0, 2), 16),
                FrameBytes.text(text.substring(3))));
        }
        return all.toByteArray();
    }

    /** What the client reads: messages, and between them frames of control. */
    private String read() throws DataFormatException {
        ByteBuf in = Unpooled.wrappedBuffer(wire.toByteArray());
        wire.reset();
        StringBuilder text = new StringBuilder();
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        boolean compressed = false;
        while (in.isReadable()) {
            int first = in.readUnsignedByte();
            int bits = in.readUnsignedByte();
            int size = bits == 127 ? (int) in.readLong() : bits == 126 ? in.readUnsignedShort() : bits;
            byte[] payload = FrameBytes.taken(in.readRetainedSlice(size));
            if ((first & 15) >= 8) {
                text.append(String.format("%02x:", first)).append(new String(payload, StandardCharsets.ISO_8859_1))
                    .append('|');
                continue;
            }
            compressed |= (first & 0x40) != 0;
            message.writeBytes(payload);
            if (first < 0x80) {
                continue;
            }
            byte[] whole = message.toByteArray();
            message.reset();
            if (compressed) {
                reader.setInput(FrameBytes.join(whole, new byte[] {0, 0, -1, -1}));
                byte[] room = new byte[200_000];
                whole = Arrays.copyOf(room, reader.inflate(room));
                assertEquals(0, reader.getRemaining());
            }
            text.append(compressed ? "z:" : "").append(new String(whole, StandardCharsets.UTF_8)).append('|');
            compressed = false;
        }
        return text.toString();
    }

    @AfterEach
    void nothingIsHeld() {
        if (!exchange.isDone()) {
            exchange.gone();
        }
        client.end();
        reader.end();
        assertEquals(0, memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''                                                              | []
        x-webkit-deflate-frame                                          | []
        permessage-deflate                                              | [permessage-deflate]
        permessage-deflate; server_max_window_bits=10, permessage-deflate | [permessage-deflate]
        permessage-deflate; client_max_window_bits                      | [permessage-deflate]
        permessage-deflate; unknown                                     | []
        """)
    void whatIsAgreedOnIsTold(String offer, String wanted) {
        open(offer);
        String told = exchange.wire.toString();
        assertTrue(told.startsWith("head 101 [" + (wanted.equals("[]") ? "" : "Sec-WebSocket-Extensions="
            + wanted.substring(1, wanted.length() - 1)) + "]"), told);
        assertFalse(told.contains("of the application"), "which knows plain frames alone");
    }

    @Test
    void whatTheClientCompressesIsPlainForTheApplication() {
        open("permessage-deflate");
        byte[] one = deflated(LONG);
        byte[] two = deflated(LONG);
        input(FrameBytes.join(FrameBytes.client(0xc1, one), FrameBytes.client(0x81, FrameBytes.text("plain")),
            FrameBytes.client(0x41, Arrays.copyOf(two, 3)), FrameBytes.client(0x89, FrameBytes.text("?")),
            FrameBytes.client(0x80, Arrays.copyOfRange(two, 3, two.length))));
        assertEquals("81:" + LONG, heard.get(0));
        assertEquals("81:plain", heard.get(1));
        assertEquals(LONG, heard.get(2).substring(3) + heard.get(3).substring(3));
        assertEquals(4, heard.size());
        assertEquals("8a:?", FrameBytes.show(wire.toByteArray()));
    }

    @Test
    void brokenDataEndsIt() {
        open("permessage-deflate");
        input(FrameBytes.client(0xc1, new byte[] {-1, -1, -1}));
        assertEquals("88:\u0003\u00efInvalid compressed data", FrameBytes.show(wire.toByteArray()));
        assertTrue(exchange.isDone());
        assertEquals(List.of(), heard);
    }

    @Test
    void withoutAnAgreementTheBitIsWrong() {
        open("");
        input(FrameBytes.client(0xc1, deflated(LONG)));
        assertEquals("88:\u0003\u00eaReserved bits are set", FrameBytes.show(wire.toByteArray()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 50, 100_000})
    void whatTheApplicationSaysIsCompressedHoweverItComes(int step) throws DataFormatException {
        open("permessage-deflate");
        byte[] all = frames("81:" + LONG, "81:short", "01:in ", "00:three ", "80:parts", "82:" + LONG.repeat(900),
            "01:", "80:", "01:" + LONG, "00:", "80:", "89:ping", "01:a", "8a:pong", "80:b", "81:" + LONG);
        for (int at = 0; at < all.length; at += step) {
            exchange.write(Unpooled.wrappedBuffer(all, at, Math.min(step, all.length - at)), false);
        }
        String text = read();
        assertEquals("z:" + LONG + "|short|z:in three parts|z:" + LONG.repeat(900) + "|z:|z:" + LONG
            + "|89:ping|8a:pong|z:ab|z:" + LONG + "|", text);
        assertFalse(exchange.isDone());
        exchange.write(Unpooled.wrappedBuffer(frames("88:")), true);
        assertEquals("88:|", read());
        assertTrue(exchange.wire.toString().endsWith("done"));
    }

    @Test
    void whatIsAlreadyOfAnExtensionIsLeftAlone() {
        open("permessage-deflate");
        byte[] own = FrameBytes.server(0xc1, FrameBytes.text(LONG));
        exchange.write(Unpooled.wrappedBuffer(own), false);
        assertEquals("c1:" + LONG, FrameBytes.show(wire.toByteArray()));
    }

    @Test
    void framesOfTheServerStandBetweenThoseOfACompressedMessage() throws DataFormatException {
        open("permessage-deflate");
        byte[] frame = frames("81:" + LONG);
        exchange.write(Unpooled.wrappedBuffer(frame, 0, 20), false);
        input(FrameBytes.client(0x89, FrameBytes.text("there?")));
        exchange.write(Unpooled.wrappedBuffer(frame, 20, frame.length - 20), false);
        assertEquals("8a:there?|z:" + LONG + "|", read(), "what is on its way is not yet a frame");
    }

    @Test
    void anEndInTheMiddleGivesAllBack() {
        open("permessage-deflate");
        byte[] frame = frames("81:" + LONG);
        exchange.write(Unpooled.wrappedBuffer(frame, 0, 20), false);
        input(Arrays.copyOf(FrameBytes.client(0xc1, deflated(LONG)), 9));
        exchange.gone();
        assertTrue(exchange.isDone());
    }
}
