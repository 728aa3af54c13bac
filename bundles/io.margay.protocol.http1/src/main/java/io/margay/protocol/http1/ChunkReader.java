// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.Ascii;
import io.netty.buffer.ByteBuf;

/**
 * Decodes a chunked body (spec/http.md §7.2): extensions are skipped, trailer fields checked and dropped, both bounded.
 */
final class ChunkReader {
    static final int MORE = 0;
    static final int DONE = 1;

    /** Most bytes of all trailer fields, and of one extension. */
    private static final int LONGEST_EXTRA = 4096;

    /** Most digits of the size of a chunk: those of the largest number. */
    private static final int MOST_DIGITS = 16;

    private static final int SIZE = 0;
    private static final int EXTENSION = 1;
    private static final int SIZE_END = 2;
    private static final int DATA = 3;
    private static final int DATA_CR = 4;
    private static final int DATA_LF = 5;
    private static final int TRAILER = 6;
    private static final int TRAILER_NAME = 7;
    private static final int TRAILER_VALUE = 8;
    private static final int TRAILER_LF = 9;
    private static final int LAST_LF = 10;
    private static final int BLANKS = 11;

    private int state = SIZE;
    private int digits;
    private int extra;
    private long left;

    /** Takes what it can from {@code in} and appends data to {@code out}; {@link #MORE}, {@link #DONE}, 400 or 413. */
    int feed(ByteBuf in, RequestBody out, long most) {
        while (in.isReadable()) {
            if (state == DATA) {
                int size = (int) Math.min(left, in.readableBytes());
                out.append(in, size);
                left -= size;
                state = left == 0 ? DATA_CR : DATA;
                continue;
            }
            int result = step(in.readByte());
            if (result != MORE) {
                return result;
            }
            if (state == DATA && left > most - out.size()) {
                return 413;
            }
        }
        return MORE;
    }

    private int step(byte c) {
        return switch (state) {
            case SIZE -> size(c);
            case BLANKS -> blanks(c);
            case EXTENSION -> extension(c);
            case SIZE_END -> go(c == '\n', left > 0 ? DATA : TRAILER);
            case DATA_CR -> go(c == '\r', DATA_LF);
            case DATA_LF -> {
                digits = 0;
                yield go(c == '\n', SIZE);
            }
            case TRAILER -> c == '\r' ? go(true, LAST_LF) : go(trailer() && Ascii.isToken(c), TRAILER_NAME);
            case TRAILER_NAME -> c == ':' ? go(trailer(), TRAILER_VALUE)
                : go(trailer() && Ascii.isToken(c), TRAILER_NAME);
            case TRAILER_VALUE -> c == '\r' ? go(true, TRAILER_LF)
                : go(trailer() && Ascii.isValue(c), TRAILER_VALUE);
            case TRAILER_LF -> go(c == '\n', TRAILER);
            default -> c == '\n' ? DONE : 400;
        };
    }

    private boolean trailer() {
        return ++extra <= LONGEST_EXTRA;
    }

    private int go(boolean good, int next) {
        state = next;
        return good ? MORE : 400;
    }

    private int size(byte c) {
        int digit = Ascii.hex(c);
        if (digit >= 0) {
            if (digits == 0) {
                left = 0;
            }
            digits++;
            if (left > Long.MAX_VALUE >> 4 || digits > MOST_DIGITS) {
                return 400;
            }
            left = left << 4 | digit;
            return MORE;
        }
        if (digits == 0) {
            return 400;
        }
        extra = 0;
        return c == '\r' ? go(true, SIZE_END) : c == ';' ? go(true, EXTENSION) : go(isBlank(c), BLANKS);
    }

    /** Blanks may stand between the size and an extension, and nowhere else. */
    private int blanks(byte c) {
        return c == ';' ? go(true, EXTENSION) : go(isBlank(c) && ++extra <= LONGEST_EXTRA, BLANKS);
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }

    private int extension(byte c) {
        if (c == '\r') {
            extra = 0;
            return go(true, SIZE_END);
        }
        return go(Ascii.isValue(c) && ++extra <= LONGEST_EXTRA, EXTENSION);
    }
}
