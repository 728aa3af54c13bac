// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import io.margay.lang.RequestEncoder;
import io.margay.lang.RequestView;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

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
    private static final int FEW = 32;
    private static final int LEAST_TABLE = 128;

    /** Grows once for the rare large head: there are as many encoders as applications times loops. */
    private byte[] array = new byte[4096];
    private final int seed = ThreadLocalRandom.current().nextInt();
    private AsciiString[] names = new AsciiString[FEW];
    private int[] next = new int[FEW];
    private int[] last = new int[FEW];
    private int[] table = new int[LEAST_TABLE];
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
        join(request, count);
        for (int i = 0; i < count; i++) {
            AsciiString name = names[i];
            if (name == null) {
                continue;
            }
            names[i] = null;
            AsciiString value = request.fieldValue(i);
            if (!name(name) || !put(value) || !repeats(request, i)) {
                return false;
            }
            int length = name.length();
            if (length == LENGTH.length - 2 && equal(name, CONTENT_LENGTH) && !pair(LENGTH, value)
                || length == TYPE.length - 2 && equal(name, CONTENT_TYPE) && !pair(TYPE, value)) {
                return false;
            }
        }
        return true;
    }

    /** Finds the fields that make the same variable: each points to the next, and only the first keeps its name. */
    private void join(RequestView request, int count) {
        if (names.length < count) {
            names = new AsciiString[2 * count];
            next = new int[2 * count];
            last = new int[2 * count];
        }
        int size = Math.max(LEAST_TABLE, Integer.highestOneBit(2 * count) << 1);
        if (table.length < size) {
            table = new int[size];
        }
        Arrays.fill(table, 0, size, -1);
        for (int i = 0; i < count; i++) {
            AsciiString name = request.fieldName(i);
            names[i] = name;
            next[i] = -1;
            last[i] = i;
            int at = (count <= FEW ? quickHash(name) : hash(name)) & size - 1;
            while (table[at] >= 0 && !equal(names[table[at]], name)) {
                at = at + 1 & size - 1;
            }
            int first = table[at];
            if (first < 0) {
                table[at] = i;
            } else {
                next[last[first]] = i;
                last[first] = i;
                names[i] = null;
            }
        }
    }

    /** Good enough for the few fields that requests mostly have. */
    private static int quickHash(AsciiString name) {
        int length = name.length();
        int hash = length * 7 + LETTERS[name.byteAt(0) & 0xff] * 31 + LETTERS[name.byteAt(length - 1) & 0xff] * 131
            + LETTERS[name.byteAt(length / 2) & 0xff] * 517;
        return hash ^ hash >>> 7;
    }

    /** Nobody outside can make many names that meet. */
    private int hash(AsciiString name) {
        int hash = seed;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ LETTERS[name.byteAt(i) & 0xff]) * 0x01000193;
            hash ^= hash >>> 15;
        }
        return hash ^ hash >>> 16;
    }

    private boolean repeats(RequestView request, int first) {
        for (int i = next[first]; i >= 0; i = next[i]) {
            if (end + 2 > limit) {
                return false;
            }
            array[end++] = ',';
            array[end++] = ' ';
            if (!put(request.fieldValue(i))) {
                return false;
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
