// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.Optional;

/**
 * Status and fields of one response while its head is made: filled by the server or from the lines of an application,
 * changed by filters, then sent. One object serves all responses of a loop in turn; nobody keeps it.
 */
public final class ResponseHead {
    private static final AsciiString[] DROPPED = {AsciiString.cached("server"), AsciiString.cached("connection"),
        AsciiString.cached("upgrade"), AsciiString.cached("sec-websocket-accept"),
        AsciiString.cached("transfer-encoding")};
    private static final AsciiString STATUS = AsciiString.cached("status");
    private static final AsciiString DATE = AsciiString.cached("date");
    private static final AsciiString LENGTH = AsciiString.cached("content-length");
    private static final int STEP = 4;
    private static final int LARGE = 64 * 1024;

    private byte[] array = new byte[1024];
    private int end;
    private int[] places = new int[16 * STEP];
    private int size;

    private int status;
    private boolean badLength;
    private long contentLength;
    private int refusal;
    private boolean errorPage;
    private Variants variants = Variants.NONE;
    private Optional<ByteBuf> body = Optional.empty();

    /** An empty head. */
    ResponseHead() {
    }

    /** Begins with nothing but a status. */
    void clear(int code) {
        status = code;
        end = 0;
        size = 0;
        badLength = false;
        contentLength = -1;
        refusal = 0;
        errorPage = false;
        variants = Variants.NONE;
        body = Optional.empty();
    }

    /** Whether it has grown so much that the collector may have it. */
    boolean isLarge() {
        return array.length > LARGE;
    }

    /**
     * Takes the field lines of an application and filters them (spec/http.md §12).
     *
     * @return false if they are malformed, or {@code Status} is
     */
    boolean read(ByteBuf lines) {
        int length = lines.readableBytes();
        if (array.length < length) {
            array = new byte[length];
        }
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
            if (!dropped(i) && !length(i)) {
                System.arraycopy(places, i * STEP, places, kept++ * STEP, STEP);
            }
        }
        size = kept;
        if (badLength) {
            contentLength = -1;
            remove(LENGTH);
        }
        return true;
    }

    /** Looks at a length; true if it is bad, and not to be kept. */
    private boolean length(int i) {
        if (!is(i, LENGTH)) {
            return false;
        }
        int start = places[i * STEP + 2];
        int stop = places[i * STEP + 3];
        while (start < stop && isBlank(array[start])) {
            start++;
        }
        while (stop > start && isBlank(array[stop - 1])) {
            stop--;
        }
        long value = Ascii.decimal(array, start, stop);
        badLength |= value < 0 || contentLength >= 0;
        contentLength = value;
        return badLength;
    }

    private boolean goodStatus(int i) {
        int start = places[i * STEP + 2];
        return places[i * STEP + 3] - start >= 3 && Ascii.decimal(array, start, start + 3) >= 100;
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

    private boolean is(int i, AsciiString name) {
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

    static void check(AsciiString name, AsciiString value) {
        boolean good = !name.isEmpty();
        for (int i = 0; i < name.length(); i++) {
            good &= Ascii.isToken(name.byteAt(i));
        }
        if (!good) {
            throw new IllegalArgumentException("not the name of a field: \"" + name + "\"");
        }
        for (int i = 0; i < value.length(); i++) {
            if (!Ascii.isValue(value.byteAt(i))) {
                throw new IllegalArgumentException("the field \"" + name + "\" would have control characters");
            }
        }
    }

    /** The status. */
    public int status() {
        return status;
    }

    /** Changes the status to one from 200 to 999. */
    public void status(int code) {
        if (code < 200 || code > 999) {
            throw new IllegalArgumentException("not a final status: " + code);
        }
        status = code;
    }

    /** Whether the server itself has made the response, which only tells its status. */
    public boolean isErrorPage() {
        return errorPage;
    }

    void errorPage(boolean made) {
        errorPage = made;
    }

    /**
     * What filters have made of the body before; empty if it may be another one each time, or passes through a filter
     * already.
     */
    public Optional<Variants> variants() {
        return variants == Variants.NONE ? Optional.empty() : Optional.of(variants);
    }

    void variants(Variants kept) {
        variants = kept;
    }

    /**
     * Replaces the body, whose length the client is told.
     *
     * @param replacement a variant of this body
     * @throws IllegalStateException if the body has no variants
     */
    public void body(ByteBuf replacement) {
        if (variants == Variants.NONE) {
            throw new IllegalStateException("the body has no variants");
        }
        removeContentLength();
        contentLength = replacement.readableBytes();
        body = Optional.of(replacement);
    }

    Optional<ByteBuf> body() {
        return body;
    }

    /**
     * Refuses to send the response: when the filter has returned, the request is answered with the error page of the
     * status instead.
     *
     * @param status 400 to 599
     */
    public void refuse(int status) {
        refusal = status;
    }

    /** The status of the page to be sent instead; 0 if the response was not refused. */
    int refusal() {
        return refusal;
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

    /**
     * Appends a field.
     *
     * @throws IllegalArgumentException when the name is no token or the value has control characters
     */
    public void add(AsciiString name, AsciiString value) {
        check(name, value);
        append(name, value);
    }

    private void append(AsciiString name, AsciiString value) {
        int nameStart = put(name);
        int valueStart = put(value);
        place(nameStart, nameStart + name.length(), valueStart, end);
    }

    /** Appends fields, which have been checked. */
    void add(Fields fields) {
        for (int i = 0; i < fields.size(); i++) {
            append(fields.name(i), fields.value(i));
        }
    }

    /**
     * Gives the first field of the name a new value, or appends the field.
     *
     * @throws IllegalArgumentException when the name is no token or the value has control characters
     */
    public void set(AsciiString name, AsciiString value) {
        check(name, value);
        int field = find(name);
        if (field < 0) {
            append(name, value);
            return;
        }
        places[field * STEP + 2] = put(value);
        places[field * STEP + 3] = end;
    }

    /** Removes a field; those behind it get lower numbers. */
    public void remove(int field) {
        size--;
        System.arraycopy(places, (field + 1) * STEP, places, field * STEP, (size - field) * STEP);
    }

    /** Removes all fields of the name, letter case ignored. */
    public void remove(AsciiString name) {
        for (int i = size - 1; i >= 0; i--) {
            if (is(i, name)) {
                remove(i);
            }
        }
    }

    /** The length that the body will have, or -1 if that is not known. */
    public long contentLength() {
        return contentLength;
    }

    /** Sets the length of the body, which is no field while the head is made unless the application has sent it. */
    void contentLength(long length) {
        contentLength = length;
    }

    /** Forgets the length of the body, which is about to change. */
    public void removeContentLength() {
        contentLength = -1;
        remove(LENGTH);
    }

    /** Whether {@code Content-Length} is among the fields. */
    public boolean hasLengthField() {
        return find(LENGTH) >= 0;
    }

    /** Whether {@code Content-Length} was invalid or repeated, and has been removed. */
    boolean hasBadLength() {
        return badLength;
    }

    /** Whether {@code Date} is among the fields. */
    public boolean hasDate() {
        return find(DATE) >= 0;
    }

    /** Bytes of all names and values, at least. */
    public int bytes() {
        return end;
    }

    /** Writes the name of a field. */
    public void writeName(int field, ByteBuf out) {
        out.writeBytes(array, places[field * STEP], places[field * STEP + 1] - places[field * STEP]);
    }

    /** Writes the value of a field. */
    public void writeValue(int field, ByteBuf out) {
        out.writeBytes(array, places[field * STEP + 2], places[field * STEP + 3] - places[field * STEP + 2]);
    }
}
