// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Takes requests apart that {@link ForwardEncoder} has written, for HTTP/2 (RFC 9113 §8): the head comes in one buffer,
 * the body with a length or in chunks. One that asks for a WebSocket is an extended CONNECT (RFC 8441).
 */
final class Http2Request {
    /** What belongs to a connection of HTTP/1.1. */
    private static final Set<AsciiString> LEFT_OUT = Set.of(AsciiString.cached("connection"),
        AsciiString.cached("keep-alive"), AsciiString.cached("proxy-connection"), AsciiString.cached("host"));
    private static final AsciiString HOST = AsciiString.cached("host");
    private static final AsciiString LENGTH = AsciiString.cached("content-length");
    private static final AsciiString ENCODING = AsciiString.cached("transfer-encoding");
    private static final AsciiString UPGRADE = AsciiString.cached("upgrade");
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");
    private static final AsciiString HEAD = AsciiString.cached("HEAD");
    private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
    private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");
    /** What a WebSocket is not told by in HTTP/2 (RFC 8441 §5). */
    private static final AsciiString KEY = AsciiString.cached("sec-websocket-key");
    private static final ByteBuf BLANK_LINE = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("\r\n\r\n",
        StandardCharsets.US_ASCII));
    private static final int HEXADECIMAL = 16;

    private final AsciiString scheme;
    private State state = State.HEAD;
    /** Bytes of the body, or of the chunk, that are still to come. */
    private long left;
    private boolean socket;

    private enum State {
        HEAD, BODY, SIZE, CHUNK, BEHIND_CHUNK, BEHIND_ALL, SOCKET
    }

    /** It cannot be told in HTTP/2. */
    static final class UntranslatableException extends Exception {
        private static final long serialVersionUID = 1;

        UntranslatableException(String message) {
            super(message);
        }
    }

    /**
     * What comes next in a stream.
     *
     * @param head of a new stream; null when it goes on
     * @param isHead whether the answer has no body whatever its head says
     * @param body null when there is none of it; for the receiver to release
     * @param last whether the stream ends with it
     */
    record Piece(Http2Headers head, boolean isHead, ByteBuf body, boolean last) {
        private static final Piece NOTHING = new Piece(null, false, null, false);
    }

    Http2Request(boolean secure) {
        scheme = secure ? HTTPS : HTTP;
    }

    /** Whether the request that was taken last is for a WebSocket: what follows its head has no end. */
    boolean isSocket() {
        return socket;
    }

    /**
     * Takes some bytes.
     *
     * @param in readable; it loses at least one byte
     */
    Piece next(ByteBuf in) throws UntranslatableException {
        return switch (state) {
            case HEAD -> head(in);
            case BODY -> {
                ByteBuf part = part(in);
                if (left == 0) {
                    state = State.HEAD;
                }
                yield new Piece(null, false, part, left == 0);
            }
            case SOCKET -> new Piece(null, false, in.readRetainedSlice(in.readableBytes()), false);
            case SIZE -> size(in);
            case CHUNK -> {
                ByteBuf part = part(in);
                if (left == 0) {
                    state = State.BEHIND_CHUNK;
                    left = 2;
                }
                yield new Piece(null, false, part, false);
            }
            case BEHIND_CHUNK -> {
                part(in).release();
                if (left == 0) {
                    state = State.SIZE;
                }
                yield Piece.NOTHING;
            }
            case BEHIND_ALL -> {
                part(in).release();
                if (left > 0) {
                    yield Piece.NOTHING;
                }
                state = State.HEAD;
                yield new Piece(null, false, in.alloc().buffer(0), true);
            }
        };
    }

    private ByteBuf part(ByteBuf in) {
        int size = (int) Math.min(left, in.readableBytes());
        left -= size;
        return in.readRetainedSlice(size);
    }

    private Piece size(ByteBuf in) throws UntranslatableException {
        int end = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
        if (end < 0) {
            throw new UntranslatableException("the size of a chunk in two parts");
        }
        String line = in.readCharSequence(end + 1 - in.readerIndex(), StandardCharsets.US_ASCII).toString();
        left = Long.parseLong(line.strip(), HEXADECIMAL);
        state = State.CHUNK;
        if (left == 0) {
            // No trailers: the line behind the last chunk is empty.
            state = State.BEHIND_ALL;
            left = 2;
        }
        return Piece.NOTHING;
    }

    private Piece head(ByteBuf in) throws UntranslatableException {
        int size = ByteBufUtil.indexOf(BLANK_LINE.duplicate(), in) - in.readerIndex();
        if (size < 0) {
            throw new UntranslatableException("a head in two parts");
        }
        AsciiString text = new AsciiString(ByteBufUtil.getBytes(in, in.readerIndex(), size), false);
        in.skipBytes(size + BLANK_LINE.readableBytes());
        int line = end(text, 0);
        int method = text.indexOf(' ', 0);
        int version = text.lastIndexOf(" HTTP/1.1", line - 1);
        Http2Headers headers = new DefaultHttp2Headers(false);
        headers.method(text.subSequence(0, method)).scheme(scheme).path(text.subSequence(method + 1, version));
        long length = 0;
        boolean chunked = false;
        socket = false;
        for (int from = line + 2; from < text.length(); from = line + 2) {
            line = end(text, from);
            int colon = text.indexOf(':', from);
            AsciiString name = text.subSequence(from, colon).toLowerCase();
            AsciiString value = text.subSequence(colon + 2, line);
            if (name.equals(UPGRADE)) {
                if (!value.equals(WEBSOCKET)) {
                    throw new UntranslatableException("an upgrade");
                }
                socket = true;
            } else if (name.equals(HOST)) {
                headers.authority(value);
            } else if (name.equals(ENCODING)) {
                chunked = true;
            } else if (!LEFT_OUT.contains(name)) {
                length = name.equals(LENGTH) ? value.parseLong() : length;
                headers.add(name, value);
            }
        }
        if (socket) {
            headers.method(CONNECT).set(Http2Headers.PseudoHeaderName.PROTOCOL.value(), WEBSOCKET);
            headers.remove(KEY);
            state = State.SOCKET;
            return new Piece(headers, false, null, false);
        }
        left = length;
        state = chunked ? State.SIZE : length > 0 ? State.BODY : State.HEAD;
        return new Piece(headers, text.subSequence(0, method).equals(HEAD), null, state == State.HEAD);
    }

    private static int end(AsciiString text, int from) {
        int at = text.indexOf('\r', from);
        return at < 0 ? text.length() : at;
    }
}
