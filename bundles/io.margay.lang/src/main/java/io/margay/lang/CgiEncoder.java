// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes the variable part of a CGI environment as NUL-separated keys and values ({@code spec/languages.md §3}), which
 * many languages turn into a dictionary by a few calls that run at the speed of C. Repeated fields are joined by a
 * comma. As every encoder an instance belongs to one thread.
 */
public final class CgiEncoder implements RequestEncoder {

    /** Where languages differ. */
    public enum Variant {
        /** The fields {@code Content-Length} and {@code Content-Type} make no variables with {@code HTTP_} as well. */
        CONTENT_ONCE,
        /** {@code PATH_INFO} keeps repeated slashes, if nothing else in the path was changed. */
        SLASHES,
        /**
         * All keys come before all values, with two NULs between both: a client sends the same fields again and again,
         * so the runtime can keep what it made of the keys.
         */
        KEYS_FIRST
    }

    private static final byte[] METHOD = bytes("REQUEST_METHOD");
    private static final byte[] URI = bytes("REQUEST_URI");
    private static final byte[] PATH = bytes("PATH_INFO");
    private static final byte[] QUERY = bytes("QUERY_STRING");
    private static final byte[] PROTOCOL = bytes("SERVER_PROTOCOL");
    private static final byte[] REMOTE = bytes("REMOTE_ADDR");
    private static final byte[] ADDRESS = bytes("SERVER_ADDR");
    private static final byte[] PORT = bytes("SERVER_PORT");
    private static final byte[] NAME = bytes("SERVER_NAME");
    private static final byte[] FIELD = bytes("HTTP_");
    private static final byte[] LENGTH = bytes("CONTENT_LENGTH");
    private static final byte[] NONE = {};
    private static final byte[] TYPE = bytes("CONTENT_TYPE");
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

    private final boolean contentTwice;
    private final boolean slashes;
    private final boolean apart;
    /** Keys, where they come first. */
    private byte[] keys;
    private int keysEnd;
    /** Grows once for the rare large head: there are as many encoders as applications times loops. */
    private byte[] array = new byte[4096];
    private final int seed = ThreadLocalRandom.current().nextInt();
    private AsciiString[] names = new AsciiString[FEW];
    private int[] next = new int[FEW];
    private int[] last = new int[FEW];
    private int[] table = new int[LEAST_TABLE];
    private int end;
    private int limit;
    private boolean lossy;

    /** An encoder without any variant. */
    public CgiEncoder() {
        this(EnumSet.noneOf(Variant.class));
    }

    /** An encoder with variants. */
    public CgiEncoder(Set<Variant> variants) {
        contentTwice = !variants.contains(Variant.CONTENT_ONCE);
        slashes = variants.contains(Variant.SLASHES);
        apart = variants.contains(Variant.KEYS_FIRST);
        keys = apart ? new byte[array.length] : NONE;
    }

    /**
     * Whether the variables of the last request do not tell how its fields were: some were joined, or a name has an
     * underscore.
     */
    public boolean isLossy() {
        return lossy;
    }

    @Override
    public boolean encode(RequestView request, ByteBuf out) {
        lossy = false;
        int room = Math.min(MOST, out.writableBytes());
        boolean fits = encode(request, Math.min(array.length, room));
        if (!fits && array.length < room) {
            array = new byte[MOST];
            keys = apart ? new byte[MOST] : NONE;
            fits = encode(request, room);
        }
        if (apart && fits) {
            out.writeBytes(keys, 0, keysEnd).writeShort(0);
        }
        out.writeBytes(array, 0, end);
        return fits;
    }

    private boolean encode(RequestView request, int room) {
        end = 0;
        keysEnd = 0;
        limit = apart ? room - Short.BYTES : room;
        return pair(METHOD, request.method()) && pair(URI, request.target())
            && path(request) && pair(QUERY, request.query()) && pair(PROTOCOL, request.version())
            && pair(REMOTE, request.remoteAddress()) && pair(ADDRESS, request.localAddress())
            && pair(PORT, request.localPort()) && pair(NAME, request.serverName()) && fields(request);
    }

    private boolean path(RequestView request) {
        AsciiString path = request.path();
        // Parsing refuses it, but a NUL that came another way would shift all that follows.
        if (path.indexOf('\0', 0) >= 0 || !key(PATH, 0)) {
            return false;
        }
        return slashes && unmerged(request.target(), path) || put(path);
    }

    /**
     * Writes the path of the target with all its slashes; writes nothing and says false when the target has no
     * repeated ones, or differs from the path by more than those and its percent signs, or when there is no room.
     */
    private boolean unmerged(AsciiString target, AsciiString path) {
        byte[] from = target.array();
        int stop = target.arrayOffset() + target.length();
        int begin = end;
        int matched = 0;
        boolean repeated = false;
        for (int at = target.arrayOffset(); at < stop && from[at] != '?' && from[at] != '#'; at++) {
            int letter = from[at];
            if (letter == '%' && at + 2 < stop) {
                letter = Character.digit(from[at + 1], 16) << 4 | Character.digit(from[at + 2], 16);
                at += 2;
            }
            boolean again = letter == '/' && end > begin && array[end - 1] == '/';
            repeated |= again;
            if (!room(1) || !again && (matched == path.length() || path.byteAt(matched++) != (byte) letter)) {
                end = begin;
                return false;
            }
            array[end++] = (byte) letter;
        }
        if (!repeated || matched < path.length()) {
            end = begin;
            return false;
        }
        return true;
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
            int length = name.length();
            byte[] bare = length == LENGTH.length && equal(name, CONTENT_LENGTH) ? LENGTH
                : length == TYPE.length && equal(name, CONTENT_TYPE) ? TYPE : NONE;
            if (bare == NONE || contentTwice) {
                if (!name(name) || !put(request.fieldValue(i)) || !repeats(request, i)) {
                    return false;
                }
            }
            if (bare != NONE && !pair(bare, request.fieldValue(i))) {
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
                lossy = true;
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
            if (!room(2)) {
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
        if (!key(FIELD, length)) {
            return false;
        }
        byte[] from = name.array();
        byte[] to = apart ? keys : array;
        int first = apart ? keysEnd - length : end - length - 1;
        int at = name.arrayOffset();
        boolean plain = true;
        for (int i = 0; i < length; i++) {
            byte letter = from[at + i];
            plain &= letter != '_';
            to[first + i] = LETTERS[letter & 0xff];
        }
        lossy |= !plain;
        return true;
    }

    private boolean pair(byte[] key, AsciiString value) {
        return key(key, 0) && put(value);
    }

    /** Writes a key with the separators around it, and leaves room for so many bytes at its end. */
    private boolean key(byte[] key, int more) {
        int length = key.length + more;
        if (apart) {
            boolean behind = keysEnd > 0;
            if (!room(behind ? length + 2 : length)) {
                return false;
            }
            if (behind) {
                keys[keysEnd++] = 0;
                array[end++] = 0;
            }
            System.arraycopy(key, 0, keys, keysEnd, key.length);
            keysEnd += length;
        } else {
            boolean behind = end > 0;
            if (!room(behind ? length + 2 : length + 1)) {
                return false;
            }
            if (behind) {
                array[end++] = 0;
            }
            System.arraycopy(key, 0, array, end, key.length);
            end += length;
            array[end++] = 0;
        }
        return true;
    }

    private boolean room(int bytes) {
        return end + keysEnd + bytes <= limit;
    }

    private boolean put(AsciiString value) {
        int length = value.length();
        if (!room(length)) {
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
