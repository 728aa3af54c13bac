// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes the answer of one stream as HTTP/1.1, for the reader that looks at all answers. Nothing that a server sends
 * can end a line or a field there: such an answer is broken, and so is one whose body is not as long as it says.
 */
final class Http2Answer {
    private static final Set<String> LEFT_OUT = Set.of("connection", "keep-alive", "proxy-connection",
        "transfer-encoding", "upgrade");
    private static final String LENGTH = "content-length";
    private static final int STATUS_DIGITS = 3;
    private static final int INTERIM = 200;
    private static final int SWITCHING = 101;
    private static final int NO_CONTENT = 204;
    private static final int REDIRECTION = 300;
    private static final int NOT_MODIFIED = 304;
    private static final int ROOM = 512;
    private static final int CHUNK_ROOM = 16;
    private static final int MOST_DIGITS = 18;
    private static final long MALFORMED = -2;

    private boolean isHead;
    private boolean toSocket;
    private Body body = Body.NONE;
    private boolean begun;
    private boolean over = true;
    private boolean broken;
    private long left;

    private enum Body {
        NONE, LENGTH, CHUNKS, SOCKET
    }

    /**
     * A request was sent.
     *
     * @param ofSocket whether it asks for a WebSocket
     */
    void begin(boolean ofHead, boolean ofSocket) {
        isHead = ofHead;
        toSocket = ofSocket;
        body = Body.NONE;
        begun = false;
        over = false;
        broken = false;
    }

    /** Whether it is a WebSocket. */
    boolean isSocket() {
        return body == Body.SOCKET;
    }

    /** Whether nothing more belongs to it. */
    boolean isOver() {
        return over;
    }

    /** Whether there is nothing to be done any more but to close the connection. */
    boolean isBroken() {
        return broken;
    }

    /** The stream has ended early, or for good when all is there. */
    void reset() {
        if (!over) {
            fail();
        }
    }

    private ByteBuf fail() {
        broken = true;
        over = true;
        return Unpooled.EMPTY_BUFFER;
    }

    /** Takes a block of fields: an interim answer, the head, or trailers. */
    ByteBuf head(Http2Headers fields, boolean last, ByteBufAllocator memory) {
        if (over || !areClean(fields)) {
            return fail();
        }
        if (begun) {
            return trailers(fields, last, memory);
        }
        int status = status(fields);
        if (status < INTERIM) {
            if (last || status == SWITCHING || status == 0) {
                return fail();
            }
            return end(lines(status, fields, memory));
        }
        begun = true;
        if (toSocket && status < REDIRECTION) {
            body = Body.SOCKET;
            over = last;
            fields.remove(LENGTH);
            ByteBuf out = lines(SWITCHING, fields, memory);
            put(out, "connection: upgrade\r\nupgrade: websocket\r\n");
            return end(out);
        }
        long length = length(fields);
        if (length == MALFORMED) {
            return fail();
        }
        ByteBuf out = lines(status, fields, memory);
        if (isHead || status == NO_CONTENT || status == NOT_MODIFIED) {
            over = last;
        } else if (last) {
            if (length > 0) {
                out.release();
                return fail();
            }
            over = true;
            if (length < 0) {
                put(out, "content-length: 0\r\n");
            }
        } else if (length >= 0) {
            body = Body.LENGTH;
            left = length;
        } else {
            body = Body.CHUNKS;
            put(out, "transfer-encoding: chunked\r\n");
        }
        return end(out);
    }

    private ByteBuf trailers(Http2Headers fields, boolean last, ByteBufAllocator memory) {
        if (!last || body == Body.SOCKET || body == Body.LENGTH && left > 0) {
            return fail();
        }
        over = true;
        if (body != Body.CHUNKS) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf out = memory.buffer(ROOM);
        put(out, "0\r\n");
        put(out, fields);
        return end(out);
    }

    /** Takes a part of the body. */
    ByteBuf data(ByteBuf part, boolean last, ByteBufAllocator memory) {
        if (over || !begun) {
            return fail();
        }
        over = last;
        return switch (body) {
            case NONE -> Unpooled.EMPTY_BUFFER;
            case SOCKET -> part.retainedDuplicate();
            case LENGTH -> {
                left -= part.readableBytes();
                if (left < 0) {
                    yield fail();
                }
                broken = last && left > 0;
                yield part.retainedDuplicate();
            }
            case CHUNKS -> {
                ByteBuf out = memory.buffer(part.readableBytes() + 2 * CHUNK_ROOM);
                if (part.isReadable()) {
                    put(out, Integer.toHexString(part.readableBytes()) + "\r\n");
                    out.writeBytes(part, part.readerIndex(), part.readableBytes());
                    put(out, "\r\n");
                }
                if (last) {
                    put(out, "0\r\n\r\n");
                }
                yield out;
            }
        };
    }

    private static ByteBuf lines(int status, Http2Headers fields, ByteBufAllocator memory) {
        ByteBuf out = memory.buffer(ROOM);
        String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
        // One that Netty has made up has the number in it.
        put(out, "HTTP/1.1 " + status + ' ' + (reason.indexOf('(') < 0 ? reason : "") + "\r\n");
        put(out, fields);
        return out;
    }

    private static ByteBuf end(ByteBuf out) {
        return out.writeByte('\r').writeByte('\n');
    }

    private static void put(ByteBuf out, Http2Headers fields) {
        for (Map.Entry<CharSequence, CharSequence> field : fields) {
            CharSequence name = field.getKey();
            if (name.charAt(0) != ':' && !LEFT_OUT.contains(name.toString())) {
                out.writeCharSequence(name, StandardCharsets.ISO_8859_1);
                put(out, ": ");
                out.writeCharSequence(field.getValue(), StandardCharsets.ISO_8859_1);
                put(out, "\r\n");
            }
        }
    }

    private static void put(ByteBuf out, String text) {
        out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    }

    /** Three digits, told once (RFC 9110 §15, RFC 9113 §8.3.2); 0 if they are not. */
    private static int status(Http2Headers fields) {
        List<CharSequence> told = fields.getAll(Http2Headers.PseudoHeaderName.STATUS.value());
        String text = told.size() == 1 ? told.getFirst().toString() : "";
        return text.length() == STATUS_DIGITS && text.charAt(0) != '0' && areDigits(text) ? Integer.parseInt(text)
            : 0;
    }

    private static boolean areDigits(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** -1 when it is not told; what is no number, or told twice, is malformed (RFC 9113 §8.1.1). */
    private static long length(Http2Headers fields) {
        List<CharSequence> told = fields.getAll(LENGTH);
        if (told.isEmpty()) {
            return -1;
        }
        String text = told.getFirst().toString();
        return told.size() == 1 && text.length() <= MOST_DIGITS && areDigits(text) && !text.isEmpty()
            ? Long.parseLong(text) : MALFORMED;
    }

    private static boolean areClean(Http2Headers fields) {
        for (Map.Entry<CharSequence, CharSequence> field : fields) {
            CharSequence name = field.getKey();
            for (int i = 0; i < name.length(); i++) {
                char each = name.charAt(i);
                if (each <= ' ' || each >= 0x7f || each == ':' && i > 0) {
                    return false;
                }
            }
            CharSequence value = field.getValue();
            for (int i = 0; i < value.length(); i++) {
                char each = value.charAt(i);
                if (each == '\r' || each == '\n' || each == '\0') {
                    return false;
                }
            }
            if (name.isEmpty()) {
                return false;
            }
        }
        return true;
    }
}
