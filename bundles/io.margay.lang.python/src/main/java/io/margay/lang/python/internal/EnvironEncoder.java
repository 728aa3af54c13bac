// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import io.margay.lang.RequestEncoder;
import io.margay.lang.RequestView;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/**
 * Writes the variable part of a WSGI environ as NUL-separated keys and values ({@code spec/languages.md §3}); Python
 * turns it into a dictionary by three calls that run at C speed. Repeated fields are joined by a comma.
 */
final class EnvironEncoder implements RequestEncoder {

    private static final byte[] METHOD = bytes("REQUEST_METHOD\0");
    private static final byte[] URI = bytes("\0REQUEST_URI\0");
    private static final byte[] PATH = bytes("\0PATH_INFO\0");
    private static final byte[] QUERY = bytes("\0QUERY_STRING\0");
    private static final byte[] PROTOCOL = bytes("\0SERVER_PROTOCOL\0");
    private static final byte[] REMOTE = bytes("\0REMOTE_ADDR\0");
    private static final byte[] ADDRESS = bytes("\0SERVER_ADDR\0");
    private static final byte[] PORT = bytes("\0SERVER_PORT\0");
    private static final byte[] NAME = bytes("\0SERVER_NAME\0");
    private static final byte[] FIELD = bytes("\0HTTP_");
    private static final byte[] LENGTH = bytes("\0CONTENT_LENGTH\0");
    private static final byte[] TYPE = bytes("\0CONTENT_TYPE\0");
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
    private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
    /** The letter of each byte of a field name in a variable's name. */
    private static final byte[] LETTERS = new byte[256];

    static {
        for (int i = 0; i < LETTERS.length; i++) {
            LETTERS[i] = (byte) (i == '-' ? '_' : i >= 'a' && i <= 'z' ? i - 'a' + 'A' : i);
        }
    }

    private static final int MOST = 65_536;

    /** Grows once for the rare large head: there are as many encoders as applications times loops. */
    private byte[] array = new byte[4096];
    private int end;
    private int limit;

    @Override
    public boolean encode(RequestView request, ByteBuf out) {
        int room = Math.min(MOST, out.writableBytes());
        boolean fits = encode(request, Math.min(array.length, room));
        if (!fits && array.length < room) {
            array = new byte[MOST];
            fits = encode(request, room);
        }
        out.writeBytes(array, 0, end);
        return fits;
    }

    private boolean encode(RequestView request, int room) {
        end = 0;
        limit = room;
        return pair(METHOD, request.method()) && pair(URI, request.target())
            && path(request.path()) && pair(QUERY, request.query()) && pair(PROTOCOL, request.version())
            && pair(REMOTE, request.remoteAddress()) && pair(ADDRESS, request.localAddress())
            && pair(PORT, request.localPort()) && pair(NAME, request.serverName()) && fields(request);
    }

    private boolean path(AsciiString path) {
        // Parsing refuses it, but a NUL that came another way would shift all that follows.
        return path.indexOf('\0', 0) < 0 && pair(PATH, path);
    }

    private boolean fields(RequestView request) {
        int count = request.fieldCount();
        long seen = 0;
        for (int i = 0; i < count; i++) {
            AsciiString name = request.fieldName(i);
            long mark = mark(name);
            if ((seen & mark) != 0 && first(request, name) < i) {
                continue;
            }
            seen |= mark;
            if (!name(name) || !put(request.fieldValue(i)) || !repeats(request, name, i)) {
                return false;
            }
            if (name.length() == LENGTH.length - 2 && equal(name, CONTENT_LENGTH)) {
                if (!pair(LENGTH, request.fieldValue(i))) {
                    return false;
                }
            } else if (name.length() == TYPE.length - 2 && equal(name, CONTENT_TYPE)
                && !pair(TYPE, request.fieldValue(i))) {
                return false;
            }
        }
        return true;
    }

    /** One of 64 bits: equal variables have equal bits, so most fields need no search for an earlier one. */
    private static long mark(AsciiString name) {
        int length = name.length();
        int first = LETTERS[name.byteAt(0) & 0xff];
        int last = LETTERS[name.byteAt(length - 1) & 0xff];
        return 1L << (length * 7 + first * 31 + last);
    }

    private static int first(RequestView request, AsciiString name) {
        int i = 0;
        while (!equal(request.fieldName(i), name)) {
            i++;
        }
        return i;
    }

    private boolean repeats(RequestView request, AsciiString name, int from) {
        int count = request.fieldCount();
        int length = name.length();
        for (int i = from + 1; i < count; i++) {
            AsciiString other = request.fieldName(i);
            if (other.length() == length && equal(other, name)) {
                if (end + 2 > limit) {
                    return false;
                }
                array[end++] = ',';
                array[end++] = ' ';
                if (!put(request.fieldValue(i))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether both names make the same variable: {@code X_Y} and {@code x-y} do. */
    private static boolean equal(AsciiString a, AsciiString b) {
        int length = a.length();
        if (length != b.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (LETTERS[a.byteAt(i) & 0xff] != LETTERS[b.byteAt(i) & 0xff]) {
                return false;
            }
        }
        return true;
    }

    private boolean name(AsciiString name) {
        int length = name.length();
        if (end + FIELD.length + length + 1 > limit) {
            return false;
        }
        System.arraycopy(FIELD, 0, array, end, FIELD.length);
        end += FIELD.length;
        byte[] from = name.array();
        int at = name.arrayOffset();
        for (int i = 0; i < length; i++) {
            array[end + i] = LETTERS[from[at + i] & 0xff];
        }
        end += length;
        array[end++] = 0;
        return true;
    }

    private boolean pair(byte[] key, AsciiString value) {
        if (end + key.length > limit) {
            return false;
        }
        System.arraycopy(key, 0, array, end, key.length);
        end += key.length;
        return put(value);
    }

    private boolean put(AsciiString value) {
        int length = value.length();
        if (end + length > limit) {
            return false;
        }
        System.arraycopy(value.array(), value.arrayOffset(), array, end, length);
        end += length;
        return true;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
