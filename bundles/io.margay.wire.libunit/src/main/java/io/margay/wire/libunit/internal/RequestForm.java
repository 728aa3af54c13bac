// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.lang.RequestView;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes a request as libunit reads it ({@code spec/ports.md §11}). For one thread; keeps nothing. */
final class RequestForm {

    private static final int FIXED = 96;
    private static final int FIELD = 16;
    private static final int NONE = -1;
    private static final int MAX_BYTE = 255;

    private static final int AT_TLS = 5;
    private static final int AT_WEBSOCKET = 6;
    private static final int AT_TARGET_INDEX = 7;
    private static final int AT_SERVER_NAME_LENGTH = 8;
    private static final int AT_COUNT = 24;
    private static final int AT_KNOWN = 28;
    private static final int AT_CONTENT_LENGTH = 48;
    private static final int AT_STRINGS = 56;
    private static final int AT_SERVER_NAME = 76;
    private static final int AT_TARGET = 80;
    private static final int AT_PATH = 84;
    private static final int AT_QUERY = 88;
    private static final int AT_PREREAD = 92;

    private static final AsciiString[] KNOWN = {AsciiString.cached("content-length"),
        AsciiString.cached("content-type"), AsciiString.cached("cookie"), AsciiString.cached("authorization")};

    private final RequestView request;
    private final MemorySegment to;
    private int at;

    private RequestForm(RequestView request, MemorySegment to) {
        this.request = request;
        this.to = to;
    }

    /** Bytes of the head, or -1 when something is longer than the form has room for. */
    static long size(RequestView request) {
        AsciiString target = request.target();
        long size = FIXED + 1L;
        for (AsciiString small : new AsciiString[] {request.method(), request.version(), request.remoteAddress(),
            request.localAddress(), request.localPort()}) {
            if (small.length() > MAX_BYTE) {
                return -1;
            }
            size += small.length() + 1;
        }
        size += request.serverName().length() + 1 + target.length() + 1;
        size += request.path().equals(target) ? 0 : request.path().length() + 1;
        size += queryInTarget(request) >= 0 ? 0 : request.query().length() + 1;
        for (int i = 0; i < request.fieldCount(); i++) {
            if (request.fieldName(i).length() > MAX_BYTE) {
                return -1;
            }
            size += FIELD + request.fieldName(i).length() + 1 + request.fieldValue(i).length() + 1;
        }
        return size;
    }

    private static int queryInTarget(RequestView request) {
        int mark = request.target().indexOf('?', 0);
        AsciiString query = request.query();
        return mark >= 0 && request.target().length() - mark - 1 == query.length()
            && request.target().subSequence(mark + 1, request.target().length(), false).equals(query) ? mark + 1 : -1;
    }

    /**
     * Writes a request.
     *
     * @param size of the head, what {@link #size} gave
     * @param body the part of the body that goes with it; its indexes stay
     * @param to has room for all of it
     */
    static void write(RequestView request, int size, ByteBuf body, int bodyLength, MemorySegment to) {
        to.asSlice(0, FIXED).fill((byte) 0);
        new RequestForm(request, to).write();
        to.set(ValueLayout.JAVA_BYTE, size - 1L, (byte) 0);
        link(to, AT_PREREAD, size);
        if (bodyLength > 0) {
            body.getBytes(body.readerIndex(), to.asSlice(size, bodyLength).asByteBuffer());
        }
    }

    private static void link(MemorySegment to, int field, int target) {
        to.set(ValueLayout.JAVA_INT_UNALIGNED, field, target - field);
    }

    private static int length(MemorySegment to, int field, AsciiString text) {
        to.set(ValueLayout.JAVA_INT, field, text.length());
        return text.length();
    }

    private void write() {
        int count = request.fieldCount();
        at = FIXED + count * FIELD;
        AsciiString[] strings = {request.method(), request.version(), request.remoteAddress(),
            request.localAddress(), request.localPort()};
        for (int i = 0; i < strings.length; i++) {
            to.set(ValueLayout.JAVA_BYTE, i, (byte) strings[i].length());
            text(AT_STRINGS + i * Integer.BYTES, strings[i]);
        }
        to.set(ValueLayout.JAVA_BYTE, AT_TLS, (byte) (request.tls() ? 1 : 0));
        to.set(ValueLayout.JAVA_BYTE, AT_WEBSOCKET, (byte) (request.webSocket() ? 1 : 0));
        to.set(ValueLayout.JAVA_BYTE, AT_TARGET_INDEX, (byte) request.targetIndex());
        to.set(ValueLayout.JAVA_LONG, AT_CONTENT_LENGTH, request.contentLength());
        to.set(ValueLayout.JAVA_INT, AT_COUNT, count);
        length(to, AT_SERVER_NAME_LENGTH, request.serverName());
        text(AT_SERVER_NAME, request.serverName());
        target();
        for (int i = 0; i < KNOWN.length; i++) {
            to.set(ValueLayout.JAVA_INT, AT_KNOWN + (long) i * Integer.BYTES, NONE);
        }
        for (int i = 0; i < count; i++) {
            field(i);
        }
    }

    private void target() {
        AsciiString target = request.target();
        int targetAt = at;
        length(to, AT_SERVER_NAME_LENGTH + 4, target);
        text(AT_TARGET, target);
        AsciiString path = request.path();
        length(to, AT_SERVER_NAME_LENGTH + 8, path);
        if (path.equals(target)) {
            link(to, AT_PATH, targetAt);
        } else {
            text(AT_PATH, path);
        }
        length(to, AT_SERVER_NAME_LENGTH + 12, request.query());
        int query = queryInTarget(request);
        if (query >= 0) {
            link(to, AT_QUERY, targetAt + query);
        } else if (!request.query().isEmpty()) {
            text(AT_QUERY, request.query());
        }
    }

    private void field(int index) {
        int field = FIXED + index * FIELD;
        AsciiString name = request.fieldName(index);
        AsciiString value = request.fieldValue(index);
        to.set(ValueLayout.JAVA_SHORT, field, (short) FieldHash.of(name));
        to.set(ValueLayout.JAVA_BYTE, field + 2L, (byte) 0);
        to.set(ValueLayout.JAVA_BYTE, field + 3L, (byte) name.length());
        length(to, field + 4, value);
        text(field + 8, name);
        text(field + 12, value);
        for (int i = 0; i < KNOWN.length; i++) {
            if (name.contentEqualsIgnoreCase(KNOWN[i])) {
                to.set(ValueLayout.JAVA_INT, AT_KNOWN + (long) i * Integer.BYTES, index);
            }
        }
    }

    /** Writes a string with a NUL behind it, and where it is. */
    private void text(int field, AsciiString text) {
        link(to, field, at);
        MemorySegment.copy(text.array(), text.arrayOffset(), to, ValueLayout.JAVA_BYTE, at, text.length());
        to.set(ValueLayout.JAVA_BYTE, (long) at + text.length(), (byte) 0);
        at += text.length() + 1;
    }
}
