// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.Arrays;

/**
 * The fields of one response while its head is made: read from the lines of an application, changed by filters,
 * then written. One object serves all responses of a loop in turn; nobody keeps it.
 */
public final class ResponseFields {
    private static final AsciiString[] DROPPED = {AsciiString.cached("server"), AsciiString.cached("connection"),
        AsciiString.cached("upgrade"), AsciiString.cached("sec-websocket-accept"),
        AsciiString.cached("transfer-encoding")};
    private static final AsciiString STATUS = AsciiString.cached("status");
    private static final AsciiString DATE = AsciiString.cached("date");
    private static final AsciiString LENGTH = AsciiString.cached("content-length");
    private static final int STEP = 4;

    private byte[] array = new byte[1024];
    private int end;
    private int[] places = new int[16 * STEP];
    private int size;

    private boolean date;
    private boolean badLength;
    private long contentLength;

    ResponseFields() {
    }

    private void clear(int room) {
        if (array.length < room) {
            array = new byte[room];
        }
        end = 0;
        size = 0;
        date = false;
        badLength = false;
        contentLength = -1;
    }

    /** Takes fields that the server made itself, each line complete. */
    void trust(byte[] lines) {
        clear(lines.length);
        System.arraycopy(lines, 0, array, 0, lines.length);
        split(lines.length);
    }

    /**
     * Takes the field lines of an application and filters them (spec/http.md §12).
     *
     * @return false if they are malformed, or {@code Status} is
     */
    boolean filter(ByteBuf lines) {
        int length = lines.readableBytes();
        clear(length);
        lines.getBytes(lines.readerIndex(), array, 0, length);
        if (!split(length)) {
            return false;
        }
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (is(i, STATUS)) {
                if (!goodStatus(i)) {
                    return false;
                }
                continue;
            }
            if (!dropped(i)) {
                System.arraycopy(places, i * STEP, places, kept * STEP, STEP);
                inspect(kept++);
            }
        }
        size = kept;
        if (badLength) {
            contentLength = -1;
            for (int i = find(LENGTH); i >= 0; i = find(LENGTH)) {
                remove(i);
            }
        }
        return true;
    }

    private void inspect(int i) {
        if (is(i, DATE)) {
            date = true;
        } else if (is(i, LENGTH)) {
            long value = places[i * STEP + 2] == places[i * STEP + 3] ? -1
                : HeadRules.decimal(array, places[i * STEP + 2], places[i * STEP + 3]);
            badLength |= value < 0 || contentLength >= 0;
            contentLength = value;
        }
    }

    private boolean goodStatus(int i) {
        int start = places[i * STEP + 2];
        if (places[i * STEP + 3] - start < 3) {
            return false;
        }
        return HeadRules.decimal(array, start, start + 3) >= 100;
    }

    private boolean dropped(int i) {
        for (AsciiString name : DROPPED) {
            if (is(i, name)) {
                return true;
            }
        }
        return false;
    }

    private boolean split(int length) {
        int p = 0;
        while (p < length) {
            if (array[p] == '\r' && p + 2 == length && array[p + 1] == '\n' || array[p] == '\n' && p + 1 == length) {
                break;
            }
            int colon = p;
            while (colon < length && HeadParser.isNameByte(array[colon])) {
                colon++;
            }
            if (colon == p || colon == length || array[colon] != ':') {
                return false;
            }
            int stop = colon + 1;
            while (stop < length && HeadParser.isValueByte(array[stop])) {
                stop++;
            }
            int next = stop < length && array[stop] == '\r' ? stop + 1 : stop;
            if (next >= length || array[next] != '\n') {
                return false;
            }
            int start = colon + 1;
            while (start < stop && (array[start] == ' ' || array[start] == '\t')) {
                start++;
            }
            while (stop > start && (array[stop - 1] == ' ' || array[stop - 1] == '\t')) {
                stop--;
            }
            place(p, colon, start, stop);
            p = next + 1;
        }
        end = length;
        return true;
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

    private boolean is(int i, AsciiString name) {
        int start = places[i * STEP];
        return places[i * STEP + 1] - start == name.length()
            && KnownField.equalsIgnoreCase(array, start, name.array(), name.arrayOffset(), name.length());
    }

    private int put(AsciiString text) {
        if (array.length < end + text.length()) {
            array = Arrays.copyOf(array, Math.max(end + text.length(), 2 * array.length));
        }
        System.arraycopy(text.array(), text.arrayOffset(), array, end, text.length());
        end += text.length();
        return end - text.length();
    }

    /** Number of fields. */
    public int size() {
        return size;
    }

    /** A copy of the name of a field. */
    public AsciiString name(int field) {
        return new AsciiString(array, places[field * STEP], places[field * STEP + 1] - places[field * STEP], true);
    }

    /** A copy of the value of a field. */
    public AsciiString value(int field) {
        int start = places[field * STEP + 2];
        return new AsciiString(array, start, places[field * STEP + 3] - start, true);
    }

    /** The first field of the name, letter case ignored; -1 if there is none. */
    public int find(AsciiString name) {
        for (int i = 0; i < size; i++) {
            if (is(i, name)) {
                return i;
            }
        }
        return -1;
    }

    /** Gives the first field of the name a new value, or appends the field. Both must be fit for a field line. */
    public void set(AsciiString name, AsciiString value) {
        int field = find(name);
        int nameStart = field < 0 ? put(name) : places[field * STEP];
        int valueStart = put(value);
        if (field < 0) {
            place(nameStart, nameStart + name.length(), valueStart, end);
        } else {
            places[field * STEP + 2] = valueStart;
            places[field * STEP + 3] = end;
        }
    }

    /** Removes a field. */
    public void remove(int field) {
        size--;
        System.arraycopy(places, (field + 1) * STEP, places, field * STEP, (size - field) * STEP);
    }

    /** The length that {@code Content-Length} declares, or -1. */
    long contentLength() {
        return contentLength;
    }

    /** Whether {@code Content-Length} was invalid or repeated, and has been removed. */
    boolean hasBadLength() {
        return badLength;
    }

    /** Whether the application sent its own {@code Date}. */
    boolean hasDate() {
        return date;
    }

    /** Room that {@link #write} needs at most, bytes. */
    int room() {
        return end + 4 * size;
    }

    void write(ByteBuf out) {
        for (int i = 0; i < size; i++) {
            int at = i * STEP;
            out.writeBytes(array, places[at], places[at + 1] - places[at]);
            out.writeShort(':' << 8 | ' ');
            out.writeBytes(array, places[at + 2], places[at + 3] - places[at + 2]);
            out.writeShort('\r' << 8 | '\n');
        }
    }
}
