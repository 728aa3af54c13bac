// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.Answer;
import io.margay.http.Fields;
import io.margay.http.FrameListener;
import io.margay.http.FrameSession;
import io.margay.http.PendingInput;
import io.margay.http.ResponseHead;
import io.margay.http.StatusRules;
import io.margay.http.Timings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One request and its response on a stream. */
final class StreamExchange extends StreamRequest {
    private static final long SECOND = 1_000_000_000L;
    private static final int OK = 200;
    private static final int REDIRECTION = 300;
    /** Bytes of one response that may wait for the client; a producer that obeys adds one part to that. */
    private static final int WAITING = 64 * 1024;

    private final RequestStream request;
    private final Http2Session session;
    private final Http2Stream stream;
    private long sent;
    private long progress;
    private long windows;
    private int queued;
    private boolean blocked;
    private boolean closed;
    private boolean leaving;
    /** Frames that came before the application took the request, and those that it does not take yet. */
    private final PendingInput early = new PendingInput();
    /** Null unless it has become a WebSocket. */
    private FrameSession frames;
    private long mark = -1;
    private long stuckAt;

    StreamExchange(RequestStream request, StreamHead head, StreamRules rules, Timings timings) {
        super(request, head, rules, timings);
        this.request = request;
        session = request.session();
        stream = request.stream();
    }

    @Override
    public long bodyBytesSent() {
        return sent;
    }

    /**
     * What is below 200 is followed by another response, 101 has no meaning at all (RFC 9113 §8.1, §8.6); to a client
     * that wants a WebSocket 2xx says that it has one (RFC 8441 §5), which is what 101 does to others.
     */
    @Override
    protected boolean tells(int code) {
        return code >= (isWebSocket() ? REDIRECTION : OK);
    }

    @Override
    protected void send(Answer answer, boolean withBody) {
        byte[] body = answer.body();
        boolean none = !withBody || body.length == 0;
        session.headers(stream, session.encoder().answer(answer, settings().serverVersion(), loop().date()), none,
            none ? last() : session.promise());
        if (!none) {
            sent = body.length;
            session.data(stream, session.alloc().directBuffer(body.length).writeBytes(body), true, last());
        }
    }

    @Override
    protected void send(ResponseHead head, boolean withBody) {
        boolean switching = head.status() == StatusRules.SWITCHING;
        int code = switching ? OK : head.status();
        boolean none = !switching && (!withBody || head.contentLength() == 0);
        closed = none;
        session.headers(stream, session.encoder().response(code, head, settings().serverVersion(), loop().date()), none,
            none ? last() : session.promise());
    }

    /** For the last frame: a request that the client goes on to send is not wanted any more. */
    private ChannelPromise last() {
        ChannelPromise promise = session.promise();
        if (!request.isEnded()) {
            promise.addListener(done -> session.reset(stream, Http2Error.NO_ERROR));
        }
        return promise;
    }

    @Override
    protected void sendData(ByteBuf data) {
        int size = data.readableBytes();
        sent += size;
        queued += size;
        session.data(stream, data, false, session.promise().addListener(future -> {
            queued -= size;
            progress += size;
            takesMore();
        }));
    }

    @Override
    protected void sendEnd(Fields trailers, boolean whole) {
        if (closed) {
            return;
        }
        closed = true;
        if (!whole) {
            session.reset(stream, request.error());
        } else if (trailers.size() > 0) {
            session.headers(stream, HeadMaker.trailers(trailers), true, last());
        } else {
            session.data(stream, Unpooled.EMPTY_BUFFER, true, last());
        }
    }

    @Override
    protected void sendInterim(int code, Fields fields) {
        session.headers(stream, HeadMaker.interim(code, fields), false, session.promise());
        session.flush();
    }

    @Override
    protected void sendNow() {
        session.flush();
    }

    @Override
    protected void lastOfConnection() {
        // A response that is cut or refused says so on its stream; the others are not concerned.
    }

    @Override
    protected void release(boolean complete) {
        if (frames != null) {
            frames.close();
        }
        ByteBuf rest = early.take();
        session.taken(stream, rest.readableBytes());
        rest.release();
        request.answered();
        if (complete) {
            session.answered();
        } else if (!leaving) {
            session.reset(stream, request.error());
        }
        session.flush();
    }

    @Override
    protected Optional<AsciiString> protocolField(AsciiString name) {
        return switch (name.toLowerCase().toString()) {
            case "server" -> Optional.of(session.encoder().server(settings().serverVersion()));
            case "date" -> Optional.of(new AsciiString(new String(loop().date(), StandardCharsets.ISO_8859_1)));
            default -> Optional.empty();
        };
    }

    @Override
    protected void switchProtocol(FrameListener listener) {
        frames = new FrameSession(this, listener, session.alloc(), early, new StreamCarrier(this, session, stream));
        frames.begin();
    }

    @Override
    public void resume() {
        if (!isDone() && frames != null) {
            frames.resume();
        }
    }

    /** Sends a frame that is not the application's. */
    void own(ByteBuf frame) {
        sendData(frame);
        flush();
    }

    /** The server ends a WebSocket and has said so to the client. */
    void leave() {
        sendEnd(Fields.NONE, true);
        leaving = true;
        end(false);
    }

    /**
     * What the client sends when its request has been taken: frames, if it is for a WebSocket.
     *
     * @return how much of it makes room for more at once
     */
    int input(ByteBuf data, boolean last) {
        int size = data.readableBytes();
        if (isDone() || !isWebSocket()) {
            return size;
        }
        if (size > 0) {
            ByteBuf own = session.alloc().buffer(size).writeBytes(data);
            if (frames == null) {
                early.keep(own, session.alloc());
            } else {
                frames.input(own);
            }
        }
        if (last && !isDone()) {
            lost();
        }
        return 0;
    }

    /** The client is gone, or has reset the stream. */
    void lost() {
        end(false);
    }

    @Override
    public boolean isWritable() {
        boolean writable = queued < WAITING && session.isWritable(stream);
        blocked = !writable;
        return writable;
    }

    /** The client has opened the window of the stream. */
    void opened() {
        windows++;
    }

    /** Something was sent, or a window was opened. */
    void takesMore() {
        if (!isDone() && isWritable()) {
            writable();
        }
    }

    /** Ends a response that makes no progress for the send timeout (spec/http.md §2). */
    void check(long now) {
        if (frames != null && !isDone()) {
            frames.check(now);
        }
        if (queued == 0 && !blocked && !isDone() || settings().sendTimeout() == 0) {
            mark = -1;
            return;
        }
        // A client that opens a window takes something, if only little at a time.
        long seen = progress + windows + session.windows();
        if (seen != mark) {
            mark = seen;
            stuckAt = now + settings().sendTimeout() * SECOND;
        } else if (now - stuckAt >= 0) {
            session.reset(stream, Http2Error.CANCEL);
            session.flush();
        }
    }
}
