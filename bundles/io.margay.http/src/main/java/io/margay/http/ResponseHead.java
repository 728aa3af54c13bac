// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes response heads in the order of spec/http.md §10. */
final class ResponseHead {
    /** Room for everything but status line and fields of the handler, bytes. */
    static final int EXTRA = 256;

    static final byte[] HTML = ascii("Content-Type: text/html\r\n");
    static final byte[] NO_FIELDS = {};
    private static final byte[] LENGTH = ascii("Content-Length: ");
    private static final byte[] CLOSE = ascii("Connection: close\r\n");
    private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
    private static final byte[] WEBSOCKET_VERSION = ascii("Sec-WebSocket-Version: 13\r\n");
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] LINE_END = ascii("\r\n");

    private ResponseHead() {
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The lines {@code Server} and {@code Date}, the latter unless the handler has its own. */
    static void server(ByteBuf out, HttpLoop loop, HttpSettings settings, boolean date) {
        byte[] lines = loop.serverAndDate(settings.serverVersion());
        out.writeBytes(lines, 0, date ? lines.length : lines.length - loop.dateLength());
    }

    static void length(ByteBuf out, long length) {
        out.writeBytes(LENGTH);
        decimal(out, length);
        out.writeShort('\r' << 8 | '\n');
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
        out.writeBytes(LINE_END);
    }

    /** The response for connections that wait too long for a request (spec/http.md §2). */
    static byte[] idle(HttpLoop loop, HttpSettings settings) {
        byte[] lines = loop.serverAndDate(settings.serverVersion());
        int server = lines.length - loop.dateLength();
        byte[] middle = ascii("Connection: close\r\nContent-Length: 0\r\n");
        byte[] first = StatusLine.of(408);
        byte[] text = Arrays.copyOf(first, first.length + lines.length + middle.length + 2);
        int at = first.length;
        System.arraycopy(lines, 0, text, at, server);
        System.arraycopy(middle, 0, text, at + server, middle.length);
        System.arraycopy(lines, server, text, at + server + middle.length, loop.dateLength());
        text[text.length - 2] = '\r';
        text[text.length - 1] = '\n';
        return text;
    }
}
