// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.netty.buffer.ByteBuf;

/**
 * Numbers and the header of messages between router and applications ({@code spec/ports.md §4, §5}). Both architectures
 * that the server runs on are little-endian, and so is the "native" order of everything here.
 */
final class UnitProtocol {

    static final int HEADER = 16;
    /** Longest datagram, header included; libunit's buffer has this size. */
    static final int LONGEST = 16_384;
    static final int NEW_PORT_SIZE = 32;
    static final int GET_PORT_SIZE = 8;
    static final int GET_MMAP_SIZE = 4;
    static final int RECORD = 12;

    /**
     * Who processes are in the protocol. libunit never asks the kernel but takes what it is told, so the numbers need
     * not be pids, which the process that writes the variable does not know: {@code lang.external} has the same. Those
     * of each process travel by sockets and queues of its own, so one number for all processes is enough. No pid is as
     * large.
     */
    static final int ROUTER = 0x4000_0002;
    static final int WORKER = 0x4000_0003;

    static final int RPC_ERROR = 1;
    static final int NEW_PORT = 13;
    static final int GET_PORT = 14;
    static final int PORT_ACK = 15;
    static final int MMAP = 16;
    static final int GET_MMAP = 17;
    static final int PROCESS_READY = 19;
    static final int QUIT = 22;
    static final int REQ_HEADERS = 23;
    static final int REQ_HEADERS_ACK = 24;
    static final int REQ_BODY = 25;
    static final int WEBSOCKET = 26;
    static final int DATA = 27;
    static final int OOSM = 30;
    static final int SHM_ACK = 31;
    static final int READ_QUEUE = 32;
    static final int READ_SOCKET = 33;

    private static final int TYPE_APP = 5;
    private static final int TYPE_ROUTER = 3;
    private static final int MAX_SHARE = 65_536;
    private static final int AT_REPLY = 8;
    private static final int AT_TYPE = 10;
    private static final int AT_LAST = 11;
    private static final int AT_MMAP = 12;
    private static final int AT_FRAGMENT = 13;

    private UnitProtocol() {
    }

    /** Writes a header of the router at the beginning of an empty buffer. */
    static void header(ByteBuf out, int stream, int reply, int type, boolean last, boolean mmap) {
        out.writeIntLE(stream).writeIntLE(ROUTER).writeShortLE(reply).writeByte(type).writeByte(last ? 1 : 0)
            .writeByte(mmap ? 1 : 0).writeZero(HEADER - AT_FRAGMENT);
    }

    /** Appends the description of a port of the router. */
    static void port(ByteBuf out, int id) {
        out.writeShortLE(id).writeZero(2).writeIntLE(ROUTER).writeLongLE(LONGEST).writeLongLE(MAX_SHARE)
            .writeByte(TYPE_ROUTER).writeZero(7);
    }

    /** Whether the payload describes a port of a process, not of the router. */
    static boolean isPortOfWorker(ByteBuf message) {
        return message.getIntLE(HEADER + 4) == WORKER && message.getUnsignedByte(HEADER + 24) == TYPE_APP;
    }

    static int stream(ByteBuf message) {
        return message.getIntLE(0);
    }

    static int pid(ByteBuf message) {
        return message.getIntLE(4);
    }

    static int replyPort(ByteBuf message) {
        return message.getUnsignedShortLE(AT_REPLY);
    }

    static int type(ByteBuf message) {
        return message.getUnsignedByte(AT_TYPE);
    }

    static boolean isLast(ByteBuf message) {
        return message.getByte(AT_LAST) != 0;
    }

    static boolean isMmap(ByteBuf message) {
        return message.getByte(AT_MMAP) != 0;
    }

    /** Checks what every message of a process must be; its writer index is its end. */
    static void check(ByteBuf message) {
        if (message.writerIndex() < HEADER) {
            throw new Broken("it sent a message of " + message.writerIndex() + " bytes");
        }
        if (pid(message) != WORKER) {
            throw new Broken("it sent a message as process " + pid(message));
        }
        if (message.getShortLE(AT_FRAGMENT) != 0) {
            throw new Broken("it sent a part of a message");
        }
    }

    /** A message that has no business where it arrived. */
    static Broken unexpected(ByteBuf message) {
        return new Broken("it sent a message of the unexpected type " + type(message) + " with "
            + (message.writerIndex() - HEADER) + " bytes");
    }
}
