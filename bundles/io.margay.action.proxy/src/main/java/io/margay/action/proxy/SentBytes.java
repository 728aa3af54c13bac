// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Counts what the windows of a server have let out of each stream, byte for byte: the future of a part of a body says
 * nothing before its last byte has left. On the loop of the connection.
 */
final class SentBytes implements Http2RemoteFlowController {
    private final Http2Connection connection;
    private final Http2RemoteFlowController windows;
    private final Http2Guard guard;
    private final Http2Connection.PropertyKey key;

    private SentBytes(Http2Connection connection, Http2Guard guard) {
        this.connection = connection;
        this.guard = guard;
        windows = connection.remote().flowController();
        key = connection.newKey();
    }

    /** Begins to count on a connection that has sent nothing yet. */
    static SentBytes of(Http2Connection connection, Http2Guard guard) {
        SentBytes counter = new SentBytes(connection, guard);
        connection.remote().flowController(counter);
        return counter;
    }

    /** Bytes of a stream so far; 0 when it has sent none, or is no more. */
    long of(int stream) {
        Http2Stream known = connection.stream(stream);
        long[] count = known == null ? null : known.getProperty(key);
        return count == null ? 0 : count[0];
    }

    private void add(Http2Stream stream, int size) {
        long[] count = stream.getProperty(key);
        if (count == null) {
            count = new long[1];
            stream.setProperty(key, count);
        }
        count[0] += size;
        if (size > 0) {
            guard.sent();
        }
    }

    @Override
    public void addFlowControlled(Http2Stream stream, FlowControlled part) {
        windows.addFlowControlled(stream, new Counted(stream, part));
    }

    @Override
    public ChannelHandlerContext channelHandlerContext() {
        return windows.channelHandlerContext();
    }

    @Override
    public void channelHandlerContext(ChannelHandlerContext ctx) throws Http2Exception {
        windows.channelHandlerContext(ctx);
    }

    @Override
    public boolean hasFlowControlled(Http2Stream stream) {
        return windows.hasFlowControlled(stream);
    }

    @Override
    public void writePendingBytes() throws Http2Exception {
        windows.writePendingBytes();
    }

    @Override
    public void listener(Listener listener) {
        windows.listener(listener);
    }

    @Override
    public boolean isWritable(Http2Stream stream) {
        return windows.isWritable(stream);
    }

    @Override
    public void channelWritabilityChanged() throws Http2Exception {
        windows.channelWritabilityChanged();
    }

    @Override
    public void updateDependencyTree(int child, int parent, short weight, boolean exclusive) {
        windows.updateDependencyTree(child, parent, weight, exclusive);
    }

    @Override
    public void initialWindowSize(int size) throws Http2Exception {
        windows.initialWindowSize(size);
    }

    @Override
    public int initialWindowSize() {
        return windows.initialWindowSize();
    }

    @Override
    public int windowSize(Http2Stream stream) {
        return windows.windowSize(stream);
    }

    @Override
    public void incrementWindowSize(Http2Stream stream, int more) throws Http2Exception {
        windows.incrementWindowSize(stream, more);
    }

    /** A part that waits for a window. */
    private final class Counted implements FlowControlled {
        private final Http2Stream stream;
        private final FlowControlled part;

        Counted(Http2Stream stream, FlowControlled part) {
            this.stream = stream;
            this.part = part;
        }

        @Override
        public int size() {
            return part.size();
        }

        @Override
        public void error(ChannelHandlerContext ctx, Throwable cause) {
            part.error(ctx, cause);
        }

        @Override
        public void writeComplete() {
            part.writeComplete();
        }

        @Override
        public void write(ChannelHandlerContext ctx, int allowed) {
            int before = part.size();
            part.write(ctx, allowed);
            add(stream, before - part.size());
        }

        @Override
        public boolean merge(ChannelHandlerContext ctx, FlowControlled next) {
            // What is merged is of the same kind: all parts of the connection are counted.
            return part.merge(ctx, ((Counted) next).part);
        }
    }
}
