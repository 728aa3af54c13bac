// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** The records of FastCGI 1.0 as they are written. There is one request at a time, and its number is 1. */
public final class Records {
    /** The version of all records. */
    public static final int VERSION = 1;
    /** The number of the request. */
    public static final int REQUEST = 1;
    /** Bytes of the header of a record. */
    public static final int HEADER = 8;
    /** Type: a request begins. */
    public static final int BEGIN_REQUEST = 1;
    /** Type: nobody wants the response any more. */
    public static final int ABORT_REQUEST = 2;
    /** Type: the response is complete. */
    public static final int END_REQUEST = 3;
    /** Type: a part of the variables. */
    public static final int PARAMS = 4;
    /** Type: a part of the body of the request. */
    public static final int STDIN = 5;
    /** Type: a part of the response. */
    public static final int STDOUT = 6;
    /** Type: a part of what is for the log. */
    public static final int STDERR = 7;
    /** Type: an answer to a question for values. */
    public static final int GET_VALUES_RESULT = 10;
    /** Type: a record was not understood. */
    public static final int UNKNOWN_TYPE = 11;
    /** Bytes of the contents of BEGIN_REQUEST and END_REQUEST. */
    public static final int BODY = 8;
    /** The most that a record can hold. */
    public static final int MOST = 65_535;

    private static final int RESPONDER = 1;
    private static final int KEEP_CONNECTION = 1;
    private static final int SHORT = 127;
    private static final int LONG_FORM = 0x8000_0000;

    private Records() {
    }

    /** The header of a record whose contents follow, without padding. */
    public static void header(ByteBuf out, int type, int length) {
        out.writeByte(VERSION).writeByte(type).writeShort(REQUEST).writeShort(length).writeShort(0);
    }

    /** Begins a request whose connection is to be kept. */
    public static void begin(ByteBuf out) {
        header(out, BEGIN_REQUEST, BODY);
        out.writeShort(RESPONDER).writeByte(KEEP_CONNECTION).writeZero(5);
    }

    /** The stream of the variables, in as many records as it takes. */
    public static void params(ByteBuf out, ByteBuf pairs) {
        while (pairs.isReadable()) {
            int length = Math.min(MOST, pairs.readableBytes());
            header(out, PARAMS, length);
            out.writeBytes(pairs, length);
        }
        header(out, PARAMS, 0);
    }

    /** A name with its value, both of ASCII, as the stream of variables has them. */
    public static void pair(ByteBuf out, String name, String value) {
        pair(out, name.length(), value.length());
        out.writeCharSequence(name, StandardCharsets.US_ASCII);
        out.writeCharSequence(value, StandardCharsets.US_ASCII);
    }

    /** What stands before a name with its value: how long they are, bytes. */
    public static void pair(ByteBuf out, int name, int value) {
        length(out, name);
        length(out, value);
    }

    private static void length(ByteBuf out, int length) {
        if (length <= SHORT) {
            out.writeByte(length);
        } else {
            out.writeInt(length | LONG_FORM);
        }
    }
}
