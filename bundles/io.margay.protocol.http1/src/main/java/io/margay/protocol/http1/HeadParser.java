// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.HttpSettings;
import io.netty.buffer.ByteBuf;

/**
 * Reads one request head: request line and fields (spec/http.md §3, §5.1) within the size model of §5.3.
 *
 * <p>The bytes are copied once into the array of a {@link RequestHead}; everything found is noted as offsets into it.
 * The parser can stop after any byte and go on with the next one, and judges each byte as early as possible.
 * One parser belongs to one connection at a time and is used by its loop only.
 */
final class HeadParser {
    /** The head is not complete. */
    static final int MORE = 0;
    /** The head is complete and well formed. */
    static final int DONE = 1;

    /** Size of the first buffer of the size model, bytes. */
    static final int FIRST_BUFFER = 2048;

    private static final int LONGEST_NAME = 255;

    private static final int START = 0;
    private static final int METHOD = 1;
    private static final int SPACES = 2;
    private static final int TARGET = 3;
    private static final int LINE_END = 4;
    private static final int FIELD = 5;
    private static final int NAME = 6;
    private static final int BLANKS = 7;
    private static final int VALUE = 8;
    private static final int VALUE_END = 9;
    private static final int HEAD_END = 10;

    private static final byte SAFE = 1;
    private static final byte UNSAFE = 2;

    private static final boolean[] METHOD_BYTES = new boolean[256];
    private static final byte[] NAME_BYTES = new byte[256];
    private static final boolean[] VALUE_BYTES = new boolean[256];

    static {
        for (int c = 'A'; c <= 'Z'; c++) {
            METHOD_BYTES[c] = true;
            NAME_BYTES[c] = SAFE;
            NAME_BYTES[c + 32] = SAFE;
        }
        METHOD_BYTES['_'] = true;
        METHOD_BYTES['-'] = true;
        for (int c = '0'; c <= '9'; c++) {
            NAME_BYTES[c] = SAFE;
        }
        NAME_BYTES['-'] = SAFE;
        for (char c : "!#$%&'*+.^_`|~".toCharArray()) {
            NAME_BYTES[c] = UNSAFE;
        }
        for (int c = 0x20; c < 256; c++) {
            VALUE_BYTES[c] = true;
        }
        VALUE_BYTES['\t'] = true;
    }

    private final RequestHead head = new RequestHead();
    private HttpSettings settings;
    private int state;
    private int position;
    private int count;
    private int token;
    private int limit;
    private int largeBuffers;
    private int mark;
    private int nameEnd;
    private byte nameClass;

    /** The head that is being filled. */
    RequestHead head() {
        return head;
    }

    /** Prepares for the next request, whose limits are those of {@code settings}. */
    void start(HttpSettings settings) {
        this.settings = settings;
        head.clear();
        state = START;
        position = 0;
        count = 0;
        token = 0;
        limit = FIRST_BUFFER;
        largeBuffers = 0;
    }

    /**
     * Takes bytes from {@code in} up to the end of the head at most.
     *
     * @return {@link #MORE}, {@link #DONE}, or the status of the error: 400, 431 or 505
     */
    int feed(ByteBuf in) {
        while (true) {
            int room = limit - count;
            if (room == 0) {
                int used = limit - token;
                if (settings.largeHeaderBufferSize() <= used || largeBuffers == settings.largeHeaderBuffers()) {
                    return 431;
                }
                largeBuffers++;
                limit = token + settings.largeHeaderBufferSize();
                room = limit - count;
            }
            int size = Math.min(room, in.readableBytes());
            if (size == 0) {
                return MORE;
            }
            byte[] a = head.room(count, size);
            in.readBytes(a, count, size);
            count += size;
            int result = parse(a);
            if (result != MORE) {
                if (result == DONE) {
                    in.readerIndex(in.readerIndex() - (count - position));
                    head.end(position);
                }
                return result;
            }
        }
    }

    private int parse(byte[] a) {
        int end = count;
        while (position < end) {
            int result = switch (state) {
                case START -> start(a, end);
                case METHOD -> method(a, end);
                case SPACES -> spaces(a, end);
                case TARGET -> target(a, end);
                case LINE_END -> a[position] == '\n' ? requestLine(a, position + 1) : 400;
                case FIELD -> field(a);
                case NAME -> name(a, end);
                case BLANKS -> blanks(a, end);
                case VALUE -> value(a, end);
                case VALUE_END -> valueEnd(a);
                default -> headEnd(a);
            };
            if (result != MORE) {
                return result;
            }
        }
        return MORE;
    }

    private int start(byte[] a, int end) {
        int p = position;
        while (p < end && (a[p] == '\r' || a[p] == '\n')) {
            p++;
        }
        position = p;
        if (p < end) {
            head.lineStart = p;
            state = METHOD;
        }
        return MORE;
    }

    private int method(byte[] a, int end) {
        int p = position;
        while (p < end && METHOD_BYTES[a[p] & 0xff]) {
            p++;
        }
        position = p;
        if (p == end) {
            return MORE;
        }
        if (a[p] != ' ' || p == head.lineStart) {
            return 400;
        }
        head.methodEnd = p;
        state = SPACES;
        return MORE;
    }

    private int spaces(byte[] a, int end) {
        int p = position;
        while (p < end && a[p] == ' ') {
            p++;
        }
        position = p;
        if (p < end) {
            byte c = a[p];
            // Absolute form and the asterisk of OPTIONS are judged when the line is complete.
            if (c != '/' && c != '*' && (c | 0x20) != 'h') {
                return 400;
            }
            head.targetStart = p;
            state = TARGET;
        }
        return MORE;
    }

    private int target(byte[] a, int end) {
        int p = position;
        byte c = ' ';
        // Signed bytes: only NUL, CR and LF of the values up to CR end the loop for good.
        while (p < end && ((c = a[p]) > '\r' || c < 0 || c != '\r' && c != '\n' && c != 0)) {
            p++;
        }
        position = p;
        if (p == end) {
            return MORE;
        }
        if (c == 0) {
            return 400;
        }
        mark = p;
        if (c == '\n') {
            return requestLine(a, p + 1);
        }
        position = p + 1;
        state = LINE_END;
        return MORE;
    }

    private int requestLine(byte[] a, int next) {
        int version = mark - 8;
        if (version - 1 <= head.targetStart || a[version - 1] != ' ' || !isVersion(a, version)) {
            return 400;
        }
        head.lineEnd = mark;
        int p = version - 1;
        while (a[p - 1] == ' ') {
            p--;
        }
        head.targetEnd = p;
        // The target is judged first, as in Unit: the preface of HTTP/2 is a bad request, not one of another version.
        if (a[head.targetStart] != '/' && !head.otherForm()) {
            return 400;
        }
        head.minor = a[version + 7] - '0';
        if (a[version + 5] != '1') {
            return 505;
        }
        position = next;
        token = next;
        state = FIELD;
        return MORE;
    }

    private static boolean isVersion(byte[] a, int at) {
        return a[at] == 'H' && a[at + 1] == 'T' && a[at + 2] == 'T' && a[at + 3] == 'P' && a[at + 4] == '/'
            && isDigit(a[at + 5]) && a[at + 6] == '.' && isDigit(a[at + 7]);
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    private int field(byte[] a) {
        token = position;
        byte c = a[position];
        if (c == '\r') {
            position++;
            state = HEAD_END;
            return MORE;
        }
        if (c == '\n') {
            position++;
            return DONE;
        }
        nameClass = SAFE;
        state = NAME;
        return MORE;
    }

    private int name(byte[] a, int end) {
        int p = position;
        int kinds = nameClass;
        byte kind = 0;
        while (p < end && (kind = NAME_BYTES[a[p] & 0xff]) != 0) {
            kinds |= kind;
            p++;
        }
        position = p;
        nameClass = (byte) kinds;
        if (p - token > LONGEST_NAME) {
            return 431;
        }
        if (p == end) {
            return MORE;
        }
        if (a[p] != ':' || p == token) {
            return 400;
        }
        mark = token;
        nameEnd = p;
        position = p + 1;
        token = position;
        state = BLANKS;
        return MORE;
    }

    private int blanks(byte[] a, int end) {
        int p = position;
        while (p < end && (a[p] == ' ' || a[p] == '\t')) {
            p++;
        }
        position = p;
        token = p;
        if (p < end) {
            state = VALUE;
        }
        return MORE;
    }

    private int value(byte[] a, int end) {
        int p = position;
        while (p < end && VALUE_BYTES[a[p] & 0xff]) {
            p++;
        }
        position = p;
        if (p == end) {
            return MORE;
        }
        byte c = a[p];
        if (c != '\r' && c != '\n') {
            return 400;
        }
        int last = p;
        while (last > token && (a[last - 1] == ' ' || a[last - 1] == '\t')) {
            last--;
        }
        if (nameClass == SAFE || !settings.discardUnsafeFields()) {
            head.add(mark, nameEnd, token, last);
        }
        token = p;
        position = p + 1;
        state = c == '\r' ? VALUE_END : FIELD;
        return MORE;
    }

    private int valueEnd(byte[] a) {
        if (a[position] != '\n') {
            return 400;
        }
        position++;
        token = position;
        state = FIELD;
        return MORE;
    }

    private int headEnd(byte[] a) {
        if (a[position] != '\n') {
            return 400;
        }
        position++;
        return DONE;
    }
}
