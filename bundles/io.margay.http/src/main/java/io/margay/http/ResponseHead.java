// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
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
    private static final AsciiString TYPE = AsciiString.cached("Content-Type");

    private final FieldTable table = new FieldTable();
    private int status;
    private boolean badLength;
    private long contentLength;
    private int refusal;
    private boolean errorPage;
    private boolean replaced;
    private Variants variants = Variants.NONE;
    private Optional<ByteBuf> body = Optional.empty();

    /** An empty head. */
    ResponseHead() {
    }

    /** Begins with nothing but a status. */
    void clear(int code) {
        status = code;
        table.clear();
        badLength = false;
        contentLength = -1;
        refusal = 0;
        errorPage = false;
        replaced = false;
        variants = Variants.NONE;
        body = Optional.empty();
    }

    /** Whether it has grown so much that the collector may have it. */
    boolean isLarge() {
        return table.isLarge();
    }

    /**
     * Takes the field lines of an application and filters them (spec/http.md §12).
     *
     * @return false if they are malformed, or {@code Status} is
     */
    boolean read(ByteBuf lines) {
        if (!table.read(lines)) {
            return false;
        }
        int kept = 0;
        for (int i = 0; i < table.size(); i++) {
            if (table.is(i, STATUS)) {
                if (!goodStatus(i)) {
                    return false;
                }
                continue;
            }
            if (!dropped(i) && !length(i)) {
                table.move(i, kept++);
            }
        }
        table.cut(kept);
        if (badLength) {
            contentLength = -1;
            remove(LENGTH);
        }
        return true;
    }

    /** Looks at a length; true if it is bad, and not to be kept. */
    private boolean length(int i) {
        if (!table.is(i, LENGTH)) {
            return false;
        }
        long value = table.decimal(i);
        badLength |= value < 0 || contentLength >= 0;
        contentLength = value;
        return badLength;
    }

    private boolean goodStatus(int i) {
        return table.firstThree(i) >= 100;
    }

    private boolean dropped(int i) {
        for (AsciiString name : DROPPED) {
            if (table.is(i, name)) {
                return true;
            }
        }
        return false;
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

    /**
     * Puts another body in the place of that which the response has, whatever it comes from: that one is thrown away,
     * with the fields that describe it. Filters that have seen the head before do not see the new body; those after
     * this one do.
     *
     * @param type the value of {@code Content-Type}
     * @param replacement its length is told to the client; not taken over, must stay as it is as long as the exchange
     * @param kept what filters keep of their work on the new body, if it is the same each time
     * @throws IllegalStateException if a response with this status has no body
     */
    public void replace(AsciiString type, ByteBuf replacement, Optional<Variants> kept) {
        if (!StatusRules.allowsBody(status)) {
            throw new IllegalStateException("a response with the status " + status + " has no body");
        }
        for (AsciiString name : FieldTable.OF_BODY) {
            remove(name);
        }
        removeContentLength();
        add(TYPE, type);
        contentLength = replacement.readableBytes();
        body = Optional.of(replacement);
        variants = kept.orElse(Variants.NONE);
        errorPage = false;
        replaced = true;
    }

    /** Whether a filter has {@linkplain #replace replaced} the body. */
    public boolean isReplaced() {
        return replaced;
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
        return table.size();
    }

    /** A copy of the name of a field. */
    public AsciiString name(int field) {
        return table.name(field);
    }

    /** A copy of the value of a field. */
    public AsciiString value(int field) {
        return table.value(field);
    }

    /** The first field of the name, letter case ignored; -1 if there is none. */
    public int find(AsciiString name) {
        for (int i = 0; i < table.size(); i++) {
            if (table.is(i, name)) {
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
        table.append(name, value);
    }

    /** Appends fields, which have been checked. */
    void add(Fields fields) {
        for (int i = 0; i < fields.size(); i++) {
            table.append(fields.name(i), fields.value(i));
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
            table.append(name, value);
            return;
        }
        table.value(field, value);
    }

    /** Removes a field; those behind it get lower numbers. */
    public void remove(int field) {
        table.remove(field);
    }

    /** Removes all fields of the name, letter case ignored. */
    public void remove(AsciiString name) {
        for (int i = table.size() - 1; i >= 0; i--) {
            if (table.is(i, name)) {
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
        return table.bytes();
    }

    /** Writes the name of a field. */
    public void writeName(int field, ByteBuf out) {
        table.writeName(field, out);
    }

    /** Writes the value of a field. */
    public void writeValue(int field, ByteBuf out) {
        table.writeValue(field, out);
    }
}
