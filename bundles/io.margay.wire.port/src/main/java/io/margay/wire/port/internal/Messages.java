// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.dispatch.AppRequest;
import io.netty.buffer.ByteBuf;

/** Offsets and numbers of the messages between the router and workers ({@code spec/ports.md §4, §5}). */
final class Messages {

    static final int[] NO_FDS = {};
    static final int HEADER = 16;
    /** Longest message, header included. */
    static final int LONGEST = 65_536;
    /** Header of the message, then flags, target, pad, head length, inline body length, content length. */
    static final int REQUEST_HEADER = 36;

    static final int TYPE_RPC_ERROR = 1;
    static final int TYPE_PROCESS_READY = 19;
    static final int TYPE_REMOVE_PID = 21;
    static final int TYPE_REQ_HEADERS = 23;
    static final int TYPE_REQ_HEADERS_ACK = 24;
    static final int TYPE_REQ_BODY = 25;
    static final int TYPE_WEBSOCKET = 26;
    static final int TYPE_DATA = 27;
    static final int TYPE_SHM_ACK = 31;
    /** Flag of a part of a response: the context works on many requests at a time. */
    static final int PART_SHARED = 1;
    /** Flag of a part of a response: the worker wants to know when the client has taken it. */
    static final int PART_ASKS = 2;

    /** Flag of the last part of a response: it holds the lines of fields that stand behind the body. */
    static final int PART_TRAILERS = 4;

    private static final int FLAG_TLS = 1;
    private static final int FLAG_BODY_FD = 2;
    private static final int FLAG_WEBSOCKET = 4;
    /** Heads of interim responses may come before the response, and fields behind its body. */
    private static final int FLAG_MORE = 8;
    private static final int AT_PID = 4;
    private static final int AT_LOOP = 8;
    private static final int AT_TYPE = 10;
    private static final int AT_LAST = 11;
    private static final int AT_PART = 12;

    private Messages() {
    }

    // Both architectures that the server runs on are little-endian, and so is the "native" order of the header.

    static void header(ByteBuf out, int stream, int pid, int loop, int type) {
        out.writeIntLE(stream).writeIntLE(pid).writeShortLE(loop).writeByte(type).writeByte(1).writeIntLE(0);
    }

    /** Writes the part of a request that is known once the head's length is. */
    static void request(ByteBuf out, int headLength, int inline, AppRequest request) {
        int flags = (request.tls() ? FLAG_TLS : 0) | (inline < request.contentLength() ? FLAG_BODY_FD : 0)
            | (request.webSocket() ? FLAG_WEBSOCKET : FLAG_MORE);
        out.setByte(16, flags).setByte(17, request.targetIndex()).setShortLE(18, 0);
        out.setIntLE(20, headLength).setIntLE(24, inline).setLongLE(28, request.contentLength());
    }

    static int stream(ByteBuf message) {
        return message.getIntLE(0);
    }

    static int pid(ByteBuf message) {
        return message.getIntLE(AT_PID);
    }

    static int loop(ByteBuf message) {
        return message.getUnsignedShortLE(AT_LOOP);
    }

    static int type(ByteBuf message) {
        return message.getUnsignedByte(AT_TYPE);
    }

    static boolean last(ByteBuf message) {
        return message.getByte(AT_LAST) != 0;
    }

    static int part(ByteBuf message) {
        return message.getByte(AT_PART);
    }
}
