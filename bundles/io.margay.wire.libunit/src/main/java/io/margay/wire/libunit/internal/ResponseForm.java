// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The beginning of a response as libunit writes it ({@code spec/ports.md §12.2}): status, fields, perhaps the beginning
 * of the body, linked by distances that are not believed.
 */
final class ResponseForm {

    private static final int FIXED = 24;
    private static final int FIELD = 16;
    private static final int AT_COUNT = 8;
    private static final int AT_PIGGYBACK_LENGTH = 12;
    private static final int AT_STATUS = 16;
    private static final int AT_PIGGYBACK = 20;
    private static final int LEAST_CHAR = 0x21;
    private static final int MOST_CHAR = 0x7E;

    private final ByteBuf block;
    private final int start;
    private final int size;

    /** A response that cannot be passed on; the message is for the log. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        /** What the client gets. */
        private final int status;

        private Refused(int status, String why) {
            super(why, null, false, false);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    private static Refused refused(String why) {
        return new Refused(503, why);
    }

    /**
     * A response.
     *
     * @param block the readable bytes; stays the caller's
     * @throws Refused when it is too small
     */
    ResponseForm(ByteBuf block) throws Refused {
        this.block = block;
        this.start = block.readerIndex();
        this.size = block.readableBytes();
        if (size < FIXED) {
            throw refused("response buffer too small: " + size);
        }
        if ((size - FIXED) / FIELD < count() || count() < 0) {
            throw refused("response buffer too small for fields count: " + Integer.toUnsignedString(count()));
        }
    }

    private int count() {
        return block.getIntLE(start + AT_COUNT);
    }

    /** The status. */
    int status() {
        return block.getUnsignedShortLE(start + AT_STATUS);
    }

    /** Index in the block of what a link points at, which has that length and is checked to be there. */
    private int linked(int field, long length) {
        long at = field + Integer.toUnsignedLong(block.getIntLE(start + field));
        // Distances are modulo 2^32, so one that points back is large.
        at &= 0xFFFF_FFFFL;
        if (at + length > size) {
            throw new Broken("its response points out of its buffer");
        }
        return start + (int) at;
    }

    /** The body's beginning, a view. */
    ByteBuf content() {
        int length = block.getIntLE(start + AT_PIGGYBACK_LENGTH);
        return length == 0 ? block.slice(start, 0)
            : block.slice(linked(AT_PIGGYBACK, Integer.toUnsignedLong(length)), length);
    }

    /** Where {@link #content} begins in the block, unless it is empty. */
    int contentAt() {
        return linked(AT_PIGGYBACK, block.getUnsignedIntLE(start + AT_PIGGYBACK_LENGTH)) - start;
    }

    /**
     * The fields as lines; the caller releases them.
     *
     * @param limit most bytes
     */
    ByteBuf lines(int limit) throws Refused {
        ByteBuf lines = ByteBufAllocator.DEFAULT.heapBuffer(Math.min(limit, size) + 4);
        try {
            for (int i = 0, field = FIXED; i < count(); i++, field += FIELD) {
                if ((block.getByte(start + field + 2) & 1) == 0) {
                    line(lines, field, limit);
                }
            }
            return lines;
        } catch (Refused | RuntimeException e) {
            lines.release();
            throw e;
        }
    }

    private void line(ByteBuf lines, int field, int limit) throws Refused {
        int nameLength = block.getUnsignedByte(start + field + 3);
        long valueLength = block.getUnsignedIntLE(start + field + 4);
        int name = linked(field + 8, nameLength);
        int value = linked(field + 12, valueLength);
        if (lines.readableBytes() + nameLength + valueLength + 4 > limit) {
            throw new Refused(502, "a response head has more than " + limit
                + " bytes (option \"limits.response_head\")");
        }
        if (nameLength == 0) {
            throw refused("a field of a response has no name");
        }
        for (int i = name; i < name + nameLength; i++) {
            int c = block.getUnsignedByte(i);
            if (c < LEAST_CHAR || c > MOST_CHAR || c == ':') {
                throw refused("a field of a response has a character in its name that splits it");
            }
        }
        for (int i = value; i < value + valueLength; i++) {
            int c = block.getUnsignedByte(i);
            if (c == '\r' || c == '\n' || c == 0) {
                throw refused("a field of a response has a character in its value that splits it");
            }
        }
        lines.writeBytes(block, name, nameLength).writeShort(0x3A20).writeBytes(block, value, (int) valueLength)
            .writeShort(0x0D0A);
    }
}
