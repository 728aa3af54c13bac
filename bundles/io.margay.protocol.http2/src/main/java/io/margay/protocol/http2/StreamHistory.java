// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * What became of the streams that a client has opened last: fields on a stream that has ended, or was never opened
 * though a later one was, are an error of the whole connection (RFC 9113 §5.1, §5.1.1), unless the server has reset the
 * stream, which the client may not know yet. Bounded: what is older is as if it had never been.
 */
final class StreamHistory extends Http2ConnectionAdapter {
    private static final int KEPT = 256;

    private final Http2Connection connection;
    private final int[] ids = new int[KEPT];
    private final boolean[] reset = new boolean[KEPT];

    StreamHistory(Http2Connection connection) {
        this.connection = connection;
        connection.addListener(this);
    }

    private static int place(int id) {
        return id >> 1 & KEPT - 1;
    }

    @Override
    public void onStreamAdded(Http2Stream stream) {
        ids[place(stream.id())] = stream.id();
        reset[place(stream.id())] = false;
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        if (ids[place(stream.id())] == stream.id()) {
            reset[place(stream.id())] = stream.isResetSent();
        }
    }

    /** Whether the server has reset the stream and its client may not know yet. */
    boolean isReset(int id) {
        return ids[place(id)] == id && reset[place(id)] && connection.stream(id) == null;
    }

    /** Takes a part of a body for a stream that is not there. */
    void swallow(ByteBuf data, int padding, boolean last) throws Http2Exception {
        connection.local().flowController().receiveFlowControlledFrame(null, data, padding, last);
    }

    /** Looks at a list of fields before anything is made of it. */
    void check(int id) throws Http2Exception {
        Http2Stream stream = connection.stream(id);
        if (stream != null) {
            if (stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE && !stream.isResetSent()) {
                throw Http2Exception.streamError(id, Http2Error.STREAM_CLOSED, "fields after the end of the request");
            }
            return;
        }
        if (!connection.remote().isValidStreamId(id) || !connection.remote().mayHaveCreatedStream(id)) {
            return;
        }
        if (ids[place(id)] != id) {
            throw Http2Exception.connectionError(Http2Error.PROTOCOL_ERROR, "stream %d is not the next one", id);
        }
        if (!reset[place(id)]) {
            throw Http2Exception.connectionError(Http2Error.STREAM_CLOSED, "fields on stream %d, which has ended", id);
        }
    }
}
