// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Optional;

/**
 * Cuts what a client sends by a WebSocket into frames and checks them ({@code spec/routing.md §12}, RFC 6455): masked,
 * no bits of extensions but that of a compressed message where such was agreed on, whole control frames, messages one
 * after the other, sizes, and text is text, unless it is compressed. A text that is none is found out as soon as its
 * first wrong byte is there. Memory grows with what has come, not with what a header promises. On one loop.
 */
public final class WebSocketFrames {

    /** Where the frames go. */
    public interface Sink {

        /**
         * A frame of data, a pong or the last one, a close; taken over.
         *
         * @return whether another one may come now
         */
        boolean frame(ByteBuf frame);

        /**
         * A ping, which is to be answered.
         *
         * @param payload unmasked; only valid during the call
         */
        void ping(ByteBuf payload);

        /** A rule is broken: nothing more comes. */
        void fault(WebSocketFault fault);
    }

    private static final int FIRST = 2;
    private static final int MASK = 4;
    private static final int EXTENSIONS = 0x70;
    private static final int COMPRESSED = 0x40;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CONTROL = 8;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int MOST_CONTROL = 125;
    private static final int SHORT_LENGTH = 126;
    private static final int LONG_LENGTH = 127;

    private final int most;
    private final boolean compression;
    private final Sink sink;
    private final ByteBuf held;
    /** Length of the frame that begins in {@code held}; 0 while its header is not complete. */
    private int wanted;
    /** Where the payload of that frame begins. */
    private int payloadAt;
    private boolean inMessage;
    private boolean inText;
    private final Utf8Check text = new Utf8Check();
    private boolean over;

    /**
     * Nothing has come yet.
     *
     * @param most longest frame with its header, bytes
     * @param compression whether messages may be compressed
     * @param alloc where memory for a frame comes from
     */
    public WebSocketFrames(int most, boolean compression, ByteBufAllocator alloc, Sink sink) {
        this.most = most;
        this.compression = compression;
        this.sink = sink;
        this.held = alloc.buffer(0);
    }

    /** Whether nothing more is read: a close frame has come, or a rule was broken. */
    public boolean isOver() {
        return over;
    }

    /**
     * Takes bytes; not taken over.
     *
     * @return whether all was taken; the rest has to be offered again when the sink takes more
     */
    public boolean read(ByteBuf in) {
        boolean more = true;
        while (more && !over && in.isReadable()) {
            if (wanted == 0 && !header(in)) {
                break;
            }
            if (!over) {
                int part = Math.min(wanted - held.readableBytes(), in.readableBytes());
                int before = held.readableBytes();
                held.writeBytes(in, part);
                if (!isText(before)) {
                    fault(WebSocketFault.NO_TEXT);
                    break;
                }
                more = held.readableBytes() < wanted || frame();
            }
        }
        if (over) {
            in.skipBytes(in.readableBytes());
        }
        return !in.isReadable();
    }

    /** Reads the header byte by byte, which takes 2 to 14; true when it is complete. */
    private boolean header(ByteBuf in) {
        int size = FIRST;
        while (in.isReadable()) {
            held.writeByte(in.readByte());
            if (held.readableBytes() >= FIRST) {
                int bits = held.getByte(held.readerIndex() + 1) & LONG_LENGTH;
                size = FIRST + MASK + (bits == LONG_LENGTH ? 8 : bits == SHORT_LENGTH ? 2 : 0);
                if (held.readableBytes() == FIRST && (held.getByte(held.readerIndex() + 1) & 0x80) == 0) {
                    fault(WebSocketFault.protocol("Not masked client frame"));
                    return true;
                }
                if (held.readableBytes() == size) {
                    check(size);
                    return true;
                }
            }
        }
        return false;
    }

    private void check(int size) {
        int at = held.readerIndex();
        int bits = held.getByte(at + 1) & LONG_LENGTH;
        long payload = bits == LONG_LENGTH ? held.getLong(at + FIRST) : bits == SHORT_LENGTH
            ? held.getUnsignedShort(at + FIRST) : bits;
        Optional<WebSocketFault> fault = fault(held.getByte(at), payload, size);
        if (fault.isPresent()) {
            fault(fault.get());
            return;
        }
        wanted = size + (int) payload;
        payloadAt = size;
        int opcode = held.getByte(at) & 15;
        if (begins(opcode)) {
            inText = opcode == TEXT && (held.getByte(at) & COMPRESSED) == 0;
            text.reset();
        }
    }

    private Optional<WebSocketFault> fault(int first, long payload, int size) {
        int opcode = first & 15;
        boolean last = (first & 0x80) != 0;
        String text = "";
        if (payload < 0) {
            text = "Invalid extended payload length";
        } else if ((first & EXTENSIONS & ~(compression && begins(opcode) ? COMPRESSED : 0)) != 0) {
            text = "Reserved bits are set";
        } else if (opcode >= CONTROL) {
            text = !last ? "Fragmented control frame" : opcode > PONG ? "Unrecognized opcode " + opcode
                : payload > MOST_CONTROL ? "Control frame too big: " + payload + " bytes"
                : opcode == CLOSE && payload == 1 ? "Close frame payload length cannot be 1" : "";
        } else if (inMessage && opcode != 0) {
            text = "Continuation expected, but " + opcode + " opcode received";
        } else if (!inMessage && opcode != 1 && opcode != 2) {
            text = "Unrecognized opcode " + opcode;
        }
        if (!text.isEmpty()) {
            return Optional.of(WebSocketFault.protocol(text));
        }
        return payload > most - size ? Optional.of(WebSocketFault.tooBig(payload)) : Optional.empty();
    }

    private static boolean begins(int opcode) {
        return opcode == TEXT || opcode == BINARY;
    }

    /** Whether what has come of a message, from a place in its frame on, can be what it is said to be. */
    private boolean isText(int from) {
        int at = held.readerIndex();
        int first = held.getByte(at);
        if (!inText || (first & 15) >= CONTROL) {
            return true;
        }
        int end = held.readableBytes();
        return accepts(text, from, end) && (end < wanted || (first & 0x80) == 0 || text.isComplete());
    }

    private boolean accepts(Utf8Check check, int from, int to) {
        int at = held.readerIndex();
        for (int i = from; i < to; i++) {
            int mask = held.getByte(at + payloadAt - MASK + (i - payloadAt & MASK - 1));
            if (!check.take((held.getByte(at + i) ^ mask) & 0xff)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the reason of a close frame is a text. */
    private boolean hasReason(int size) {
        Utf8Check reason = new Utf8Check();
        return size <= payloadAt + 2 || accepts(reason, payloadAt + 2, size) && reason.isComplete();
    }

    private void fault(WebSocketFault fault) {
        end();
        sink.fault(fault);
    }

    /** Nothing more is read. */
    void end() {
        over = true;
    }

    /** A frame is complete; whether another one may come. */
    private boolean frame() {
        int first = held.getByte(held.readerIndex());
        int opcode = first & 15;
        int size = wanted;
        wanted = 0;
        if (opcode == PING) {
            ByteBuf payload = held.skipBytes(payloadAt);
            unmask(payload);
            sink.ping(payload);
            held.clear();
            return true;
        }
        if (opcode < CONTROL) {
            inMessage = (first & 0x80) == 0;
        } else if (opcode == CLOSE) {
            over = true;
            if (size > payloadAt && !mayClose(code())) {
                fault(WebSocketFault.protocol("Close code " + code() + " is not valid"));
                return false;
            }
            if (!hasReason(size)) {
                fault(WebSocketFault.NO_TEXT);
                return false;
            }
        }
        ByteBuf frame = held.alloc().directBuffer(size, size).writeBytes(held, size);
        held.clear();
        if (held.capacity() > 1 << 16) {
            held.capacity(0);
        }
        return sink.frame(frame) && !over;
    }

    private int code() {
        int at = held.readerIndex() + payloadAt;
        return (held.getUnsignedShort(at) ^ held.getUnsignedShort(at - MASK)) & 0xffff;
    }

    private static boolean mayClose(int code) {
        return code >= 1000 && code < 5000 && (code < 1004 || code > 1006) && (code < 1015 || code > 2999);
    }

    /** The mask lies in front of what is readable. */
    private static void unmask(ByteBuf payload) {
        int at = payload.readerIndex();
        for (int i = 0; i < payload.readableBytes(); i++) {
            payload.setByte(at + i, payload.getByte(at + i) ^ payload.getByte(at - MASK + (i & 3)));
        }
    }

    /** Gives memory back; nothing is read any more. */
    public void close() {
        over = true;
        if (held.refCnt() > 0) {
            held.release();
        }
    }
}
