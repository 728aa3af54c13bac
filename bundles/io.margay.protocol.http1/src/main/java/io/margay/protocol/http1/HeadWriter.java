// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.Answer;
import io.margay.http.Fields;
import io.margay.http.HttpDate;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.margay.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Writes response heads in the order of spec/http.md §10. */
final class HeadWriter {
    /** Room for everything but status line and fields of the handler, bytes. */
    static final int EXTRA = 256;
    /** What a field needs besides its name and value, bytes. */
    static final int FIELD = 4;

    private static final byte[] DATE = ascii("Date: ");
    private static final byte[] LENGTH = ascii("Content-Length: ");
    private static final byte[] CLOSE = ascii("Connection: close\r\n");
    private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
    private static final byte[] WEBSOCKET_VERSION = ascii("Sec-WebSocket-Version: 13\r\n");
    private static final byte[] UPGRADE =
        ascii("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
    private static final byte[] MAGIC = ascii("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    private static final int KEY = 24;
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] IDLE = ascii("Connection: close\r\nContent-Length: 0\r\n");
    private static final byte[] SWITCHING =
        ascii("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ");
    private static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");
    private static final int COLON = ':' << 8 | ' ';
    private static final int LINE_END = '\r' << 8 | '\n';

    private HeadWriter() {
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The fields of a head, as they are. */
    static void fields(ByteBuf out, ResponseHead head) {
        for (int i = 0, n = head.size(); i < n; i++) {
            head.writeName(i, out);
            out.writeShort(COLON);
            head.writeValue(i, out);
            out.writeShort(LINE_END);
        }
    }

    static void fields(ByteBuf out, Fields fields) {
        for (int i = 0; i < fields.size(); i++) {
            text(out, fields.name(i));
            out.writeShort(COLON);
            text(out, fields.value(i));
            out.writeShort(LINE_END);
        }
    }

    /** Room that {@link #fields(ByteBuf, Fields)} needs, bytes. */
    static int room(Fields fields) {
        int room = 0;
        for (int i = 0; i < fields.size(); i++) {
            room += fields.name(i).length() + fields.value(i).length() + FIELD;
        }
        return room;
    }

    private static void text(ByteBuf out, AsciiString text) {
        out.writeBytes(text.array(), text.arrayOffset(), text.length());
    }

    static void date(ByteBuf out, Http1Loop loop) {
        out.writeBytes(DATE).writeBytes(loop.date()).writeShort(LINE_END);
    }

    static void length(ByteBuf out, long length) {
        out.writeBytes(LENGTH);
        decimal(out, length);
        out.writeShort(LINE_END);
    }

    static void decimal(ByteBuf out, long value) {
        long power = 1;
        while (value / power >= 10) {
            power *= 10;
        }
        while (power > 0) {
            out.writeByte((int) ('0' + value / power % 10));
            power /= 10;
        }
    }

    static void hex(ByteBuf out, int value) {
        int shift = Math.max(0, (31 - Integer.numberOfLeadingZeros(value | 1)) / 4 * 4);
        while (shift >= 0) {
            out.writeByte("0123456789abcdef".charAt(value >> shift & 15));
            shift -= 4;
        }
    }

    /** Everything after {@code Content-Length}, and the empty line. */
    static void end(ByteBuf out, int status, boolean http10, boolean keepAlive, boolean chunked) {
        if (http10 == keepAlive) {
            out.writeBytes(keepAlive ? KEEP_ALIVE : CLOSE);
        }
        if (status == 426) {
            out.writeBytes(WEBSOCKET_VERSION);
        }
        if (chunked) {
            out.writeBytes(CHUNKED);
        }
        out.writeShort(LINE_END);
    }

    /** What makes a connection a WebSocket, and the empty line (spec/http.md §10). */
    static void upgrade(ByteBuf out, Request request) {
        out.writeBytes(UPGRADE);
        for (int i = request.fieldCount() - 1; i >= 0; i--) {
            if (request.known(i) == KnownField.SEC_WEBSOCKET_KEY && request.value(i).length() == KEY) {
                out.writeBytes(accept(request.value(i)));
                break;
            }
        }
        out.writeShort(LINE_END).writeShort(LINE_END);
    }

    private static byte[] accept(AsciiString key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            digest.update(key.array(), key.arrayOffset(), key.length());
            return Base64.getEncoder().encode(digest.digest(MAGIC));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A whole answer with a date of zeros; where the date begins is returned. */
    static int answer(ByteBuf out, Answer answer, byte[] server, boolean http10, boolean keepAlive) {
        out.writeBytes(StatusLine.of(answer.status()));
        fields(out, answer.fields());
        out.writeBytes(server).writeBytes(DATE);
        int date = out.writerIndex();
        out.writeZero(HttpDate.LENGTH).writeShort(LINE_END);
        length(out, answer.body().length);
        end(out, answer.status(), http10, keepAlive, false);
        return date;
    }

    /** Lets a client that asked before go on with the body of its request. */
    static void goOn(ConnectionOutput output) {
        output.room(CONTINUE.length).writeBytes(CONTINUE);
    }

    /** Tells a client that everything from here on is in the protocol that it has asked for. */
    static void switching(ConnectionOutput output, String token) {
        output.room(SWITCHING.length + token.length() + FIELD).writeBytes(SWITCHING).writeBytes(ascii(token))
            .writeShort(LINE_END).writeShort(LINE_END);
    }

    /** The response for connections that wait too long for a request (spec/http.md §2). */
    static void idle(ByteBuf out, Http1Loop loop) {
        out.writeBytes(StatusLine.of(408)).writeBytes(loop.server(true)).writeBytes(IDLE);
        date(out, loop);
        out.writeShort(LINE_END);
    }
}
