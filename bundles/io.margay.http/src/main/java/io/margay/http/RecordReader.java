// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;

/**
 * The records of one connection as they come, in pieces of any size. The application is not trusted: whatever it may
 * not send at this point ends the connection.
 */
public final class RecordReader {

    /** Takes what the records hold; the bytes are valid during the call. */
    public interface Sink {

        /**
         * A part of the response.
         *
         * @throws RecordException when it is none
         */
        void output(ByteBuf bytes) throws RecordException;

        /** A part of what it has to say to the log. */
        void errors(ByteBuf bytes);
    }

    private final byte[] header = new byte[Records.HEADER];
    private final byte[] end = new byte[Records.BODY];
    private int have;
    private int type;
    private int content;
    private int padding;
    private int protocolStatus;

    /** How the last request has ended, by the word of the application. */
    public int protocolStatus() {
        return protocolStatus;
    }

    /** Whether nothing of a record has come that is not complete. */
    public boolean isAtRest() {
        return have == 0;
    }

    /**
     * Reads records.
     *
     * @param in what has come; what is left of it lies behind the end of the request
     * @return whether the request has ended
     * @throws RecordException when it is no record that may come; those before it were taken
     */
    public boolean read(ByteBuf in, Sink sink) throws RecordException {
        while (true) {
            if (have == Records.HEADER && content == 0 && padding == 0) {
                have = 0;
                if (type == Records.END_REQUEST) {
                    protocolStatus = end[4] & 0xff;
                    return true;
                }
            }
            if (!in.isReadable()) {
                return false;
            }
            if (have < Records.HEADER) {
                int length = Math.min(Records.HEADER - have, in.readableBytes());
                in.readBytes(header, have, length);
                have += length;
                if (have == Records.HEADER) {
                    head();
                }
            } else if (content > 0) {
                contents(in.readSlice(Math.min(content, in.readableBytes())), sink);
            } else {
                int length = Math.min(padding, in.readableBytes());
                in.skipBytes(length);
                padding -= length;
            }
        }
    }

    private void contents(ByteBuf part, Sink sink) throws RecordException {
        int length = part.readableBytes();
        switch (type) {
            case Records.STDOUT -> sink.output(part);
            case Records.STDERR -> sink.errors(part);
            case Records.END_REQUEST -> part.readBytes(end, Records.BODY - content, length);
            default -> {
                // An answer that nobody has asked for.
            }
        }
        content -= length;
    }

    private void head() throws RecordException {
        int request = pair(2);
        type = header[1] & 0xff;
        content = pair(4);
        padding = header[6] & 0xff;
        if (header[0] != Records.VERSION) {
            throw new RecordException("a record of version " + (header[0] & 0xff));
        }
        switch (type) {
            case Records.STDOUT, Records.STDERR, Records.END_REQUEST -> {
                if (request != Records.REQUEST) {
                    throw new RecordException("a record of request " + request + ", which it does not have");
                }
                if (type == Records.END_REQUEST && content != Records.BODY) {
                    throw new RecordException("an end of the request with " + content + " bytes");
                }
            }
            case Records.UNKNOWN_TYPE, Records.GET_VALUES_RESULT -> {
                if (request != 0) {
                    throw new RecordException("a record of type " + type + " for a request");
                }
            }
            default -> throw new RecordException("a record of the unexpected type " + type);
        }
    }

    private int pair(int at) {
        return (header[at] & 0xff) << 8 | header[at + 1] & 0xff;
    }
}
