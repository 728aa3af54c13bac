// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.Arrays;

/** Names and values of fields in one array, and where each of them stands. Used for one head after the other. */
final class FieldTable {
    /** What is said of a body, and of no other (RFC 9110 §8, RFC 9530, RFC 6266). */
    static final AsciiString[] OF_BODY = {AsciiString.cached("content-type"),
        AsciiString.cached("content-encoding"), AsciiString.cached("content-language"),
        AsciiString.cached("content-location"), AsciiString.cached("content-range"),
        AsciiString.cached("content-disposition"), AsciiString.cached("content-md5"),
        AsciiString.cached("content-digest"), AsciiString.cached("repr-digest"), AsciiString.cached("digest"),
        AsciiString.cached("etag"), AsciiString.cached("last-modified"), AsciiString.cached("accept-ranges"),
        AsciiString.cached("trailer")};

    private static final int STEP = 4;
    private static final int LARGE = 64 * 1024;

    private byte[] array = new byte[1024];
    private int end;
    private int[] places = new int[16 * STEP];
    private int size;

    void clear() {
        end = 0;
        size = 0;
    }

    /** Whether it has grown so much that the collector may have it. */
    boolean isLarge() {
        return array.length > LARGE;
    }

    /** Takes the field lines of an application into an empty table; false if they are malformed. */
    boolean read(ByteBuf lines) {
        int length = lines.readableBytes();
        if (array.length < length) {
            array = new byte[length];
        }
        lines.getBytes(lines.readerIndex(), array, 0, length);
        return split(length);
    }

    private boolean split(int length) {
        int p = 0;
        while (p < length) {
            if (array[p] == '\r' && p + 2 == length && array[p + 1] == '\n' || array[p] == '\n' && p + 1 == length) {
                break;
            }
            int colon = p;
            while (colon < length && Ascii.isToken(array[colon])) {
                colon++;
            }
            // "X:: v" comes of a name with a colon, since those who write these lines put a space before the value.
            if (colon == p || colon + 1 >= length || array[colon] != ':' || array[colon + 1] == ':') {
                return false;
            }
            int stop = colon + 1;
            while (stop < length && Ascii.isValue(array[stop])) {
                stop++;
            }
            int next = stop < length && array[stop] == '\r' ? stop + 1 : stop;
            if (next >= length || array[next] != '\n') {
                return false;
            }
            // One space belongs to the line, the others to the application.
            int start = colon + 1;
            place(p, colon, start < stop && array[start] == ' ' ? start + 1 : start, stop);
            p = next + 1;
        }
        end = length;
        return true;
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }

    private void place(int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (size * STEP == places.length) {
            places = Arrays.copyOf(places, 2 * places.length);
        }
        int at = size++ * STEP;
        places[at] = nameStart;
        places[at + 1] = nameEnd;
        places[at + 2] = valueStart;
        places[at + 3] = valueEnd;
    }

    /** Whether the field has the name, letter case ignored. */
    boolean is(int i, AsciiString name) {
        int start = places[i * STEP];
        return places[i * STEP + 1] - start == name.length()
            && Ascii.equalsIgnoreCase(array, start, name.array(), name.arrayOffset(), name.length());
    }

    private int put(AsciiString text) {
        if (array.length < end + text.length()) {
            array = Arrays.copyOf(array, Math.max(end + text.length(), 2 * array.length));
        }
        System.arraycopy(text.array(), text.arrayOffset(), array, end, text.length());
        end += text.length();
        return end - text.length();
    }

    void append(AsciiString name, AsciiString value) {
        int nameStart = put(name);
        int valueStart = put(value);
        place(nameStart, nameStart + name.length(), valueStart, end);
    }

    int size() {
        return size;
    }

    int bytes() {
        return end;
    }

    /** A copy of a name. */
    AsciiString name(int field) {
        return new AsciiString(array, places[field * STEP], places[field * STEP + 1] - places[field * STEP], true);
    }

    /** A copy of a value. */
    AsciiString value(int field) {
        int start = places[field * STEP + 2];
        return new AsciiString(array, start, places[field * STEP + 3] - start, true);
    }

    /** Gives a field another value. */
    void value(int field, AsciiString value) {
        places[field * STEP + 2] = put(value);
        places[field * STEP + 3] = end;
    }

    /** The value as a number that is not negative, blanks around it ignored; negative if it is none. */
    long decimal(int field) {
        int start = places[field * STEP + 2];
        int stop = places[field * STEP + 3];
        while (start < stop && isBlank(array[start])) {
            start++;
        }
        while (stop > start && isBlank(array[stop - 1])) {
            stop--;
        }
        return Ascii.decimal(array, start, stop);
    }

    /** The first three bytes of a value as a number; negative if they are none. */
    long firstThree(int field) {
        int start = places[field * STEP + 2];
        return places[field * STEP + 3] - start < 3 ? -1 : Ascii.decimal(array, start, start + 3);
    }

    /** Puts a field in the place of another, which is lost. */
    void move(int from, int to) {
        System.arraycopy(places, from * STEP, places, to * STEP, STEP);
    }

    /** Leaves the first fields only. */
    void cut(int count) {
        size = count;
    }

    void remove(int field) {
        size--;
        System.arraycopy(places, (field + 1) * STEP, places, field * STEP, (size - field) * STEP);
    }

    void writeName(int field, ByteBuf out) {
        out.writeBytes(array, places[field * STEP], places[field * STEP + 1] - places[field * STEP]);
    }

    void writeValue(int field, ByteBuf out) {
        out.writeBytes(array, places[field * STEP + 2], places[field * STEP + 3] - places[field * STEP + 2]);
    }
}
