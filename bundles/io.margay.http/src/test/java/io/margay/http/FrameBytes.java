// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Frames of WebSockets as RFC 6455 §5.2 draws them, written and read without the code under test. */
final class FrameBytes {
    static final int MASK = 0x81c30f5a;

    private FrameBytes() {
    }

    /** How many bytes tell the length. */
    enum Form { SHORT, MIDDLE, LONG }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static Form form(long size) {
        return size < 126 ? Form.SHORT : size < 1 << 16 ? Form.MIDDLE : Form.LONG;
    }

    /** A frame of a client. */
    static byte[] client(int first, byte[] payload) {
        return client(first, payload, form(payload.length), MASK);
    }

    static byte[] client(int first, byte[] payload, Form form, int mask) {
        ByteBuf out = head(first, payload.length, form, true).writeInt(mask);
        for (int i = 0; i < payload.length; i++) {
            out.writeByte(payload[i] ^ mask >>> 24 - 8 * (i & 3));
        }
        return taken(out);
    }

    /** A frame of a server. */
    static byte[] server(int first, byte[] payload) {
        return taken(head(first, payload.length, form(payload.length), false).writeBytes(payload));
    }

    /** The begin of a frame, with a length that may be anything. */
    static ByteBuf head(int first, long length, Form form, boolean masked) {
        int bit = masked ? 0x80 : 0;
        ByteBuf out = Unpooled.buffer().writeByte(first);
        return switch (form) {
            case SHORT -> out.writeByte(bit | (int) length);
            case MIDDLE -> out.writeByte(bit | 126).writeShort((int) length);
            case LONG -> out.writeByte(bit | 127).writeLong(length);
        };
    }

    /** A close frame's payload. */
    static byte[] code(int code, String reason) {
        return taken(Unpooled.buffer().writeShort(code).writeBytes(latin(reason)));
    }

    static byte[] join(byte[]... parts) {
        return taken(Unpooled.copiedBuffer(parts));
    }

    static byte[] taken(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        buffer.release();
        return bytes;
    }

    /** All frames of a run of whole ones: {@code 81:text 88:...}, payloads plain, each byte one character. */
    static String show(byte[] frames) {
        ByteBuf in = Unpooled.wrappedBuffer(frames);
        StringBuilder text = new StringBuilder();
        while (in.isReadable()) {
            text.append(text.isEmpty() ? "" : " ").append(String.format("%02x:", in.readUnsignedByte()));
            int second = in.readUnsignedByte();
            int bits = second & 0x7f;
            int size = (int) (bits == 127 ? in.readLong() : bits == 126 ? in.readUnsignedShort() : bits);
            int mask = second < 0x80 ? 0 : in.readInt();
            byte[] payload = new byte[size];
            in.readBytes(payload);
            for (int i = 0; i < size; i++) {
                payload[i] ^= (byte) (mask >>> 24 - 8 * (i & 3));
            }
            text.append(new String(payload, StandardCharsets.ISO_8859_1));
        }
        return text.toString();
    }
}
