// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.netty.buffer.ByteBuf;

/** The records of FastCGI 1.0 as they are written. There is one request at a time, and its number is 1. */
final class Records {

    static final int VERSION = 1;
    static final int REQUEST = 1;
    static final int HEADER = 8;
    static final int BEGIN_REQUEST = 1;
    static final int ABORT_REQUEST = 2;
    static final int END_REQUEST = 3;
    static final int PARAMS = 4;
    static final int STDIN = 5;
    static final int STDOUT = 6;
    static final int STDERR = 7;
    static final int GET_VALUES_RESULT = 10;
    static final int UNKNOWN_TYPE = 11;
    /** Bytes of the contents of BEGIN_REQUEST and END_REQUEST. */
    static final int BODY = 8;
    /** The most that a record can hold. */
    static final int MOST = 65_535;

    private static final int RESPONDER = 1;
    private static final int KEEP_CONNECTION = 1;

    private Records() {
    }

    /** The header of a record whose contents follow, without padding. */
    static void header(ByteBuf out, int type, int length) {
        out.writeByte(VERSION).writeByte(type).writeShort(REQUEST).writeShort(length).writeShort(0);
    }

    /** Begins a request whose connection is to be kept. */
    static void begin(ByteBuf out) {
        header(out, BEGIN_REQUEST, BODY);
        out.writeShort(RESPONDER).writeByte(KEEP_CONNECTION).writeZero(5);
    }

    /** The stream of the variables, in as many records as it takes. */
    static void params(ByteBuf out, ByteBuf pairs) {
        while (pairs.isReadable()) {
            int length = Math.min(MOST, pairs.readableBytes());
            header(out, PARAMS, length);
            out.writeBytes(pairs, length);
        }
        header(out, PARAMS, 0);
    }

    /** A name with its value, as the stream of variables has them. */
    static void pair(ByteBuf out, String name, String value) {
        out.writeByte(name.length()).writeByte(value.length());
        out.writeCharSequence(name, java.nio.charset.StandardCharsets.US_ASCII);
        out.writeCharSequence(value, java.nio.charset.StandardCharsets.US_ASCII);
    }
}
