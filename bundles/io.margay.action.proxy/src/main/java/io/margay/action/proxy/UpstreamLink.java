// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.AnswerHead;
import io.margay.http.BadResponseException;
import io.margay.http.RecordException;
import io.margay.http.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.util.Optional;

/**
 * One connection to a server: a request at a time, the next when the answer to it is complete; or one stream of an
 * {@link Http2Line}, with one request. While a client is slower than the server nothing is read. On the loop of its
 * request; while it waits for one it may move to another loop.
 */
final class UpstreamLink implements AnswerReader.Sink, Dial.Caller {
    private static final int ROOM = 1024;
    /** Up to this size the whole request has the time that it has to be answered. */
    private static final int ONE_SEND = 16 << 10;

    /** Neighbours in the list of the loop. */
    UpstreamLink next;
    UpstreamLink previous;
    boolean watched;

    private final LinkPool pool;
    private final AnswerReader answers;
    private LoopSide side;
    /** Null without a connection. */
    private Channel channel;
    /** Whose stream it is, or will be. */
    private Optional<Http2Line> line = Optional.empty();
    /** Null while it waits for a request. */
    private Forward forward;
    private final LinkClock clock = new LinkClock();
    /** What the pool keeps of it; null without a connection. */
    private KeptLink kept;
    private boolean reused;
    private boolean sent;
    private boolean complete;
    /** The body of the request, if it goes on as it comes. */
    private Optional<BodyUpload> upload = Optional.empty();
    private ByteBuf last = Unpooled.EMPTY_BUFFER;
    private boolean slow;
    private boolean closed;

    UpstreamLink(LinkPool pool, LoopSide side) {
        this.pool = pool;
        this.side = side;
        answers = pool.answers(this);
    }

    /** One of a connection that is there. */
    UpstreamLink(LinkPool pool, LoopSide side, Channel stream, Http2Line line) {
        this(pool, side);
        this.line = Optional.of(line);
        use(stream);
    }

    LoopSide side() {
        return side;
    }

    void side(LoopSide to) {
        side = to;
    }

    boolean isClosed() {
        return closed;
    }

    /** Connects, then sends a request. */
    void open(Forward first) {
        forward = first;
        clock.enter(LinkPhase.CONNECTING);
        clock.allow(side.now(), first.timeouts().connect());
        side.watch(this);
        dial();
    }

    /** Connects, within the time that is left for it. */
    void dial() {
        line = Optional.empty();
        pool.dial(this, forward, side, clock.deadline());
    }

    /** It waits for a connection that is being made. */
    void waits(Http2Line until) {
        line = Optional.of(until);
    }

    /** Whether somebody still wants to have it connected; if not it is closed. */
    @Override
    public boolean isWanted() {
        boolean wanted = !closed && forward != null && !forward.isDone();
        if (!wanted) {
            close();
        }
        return wanted;
    }

    @Override
    public void connected(AbstractEpollStreamChannel made, boolean http2) {
        pool.opened();
        connected(made);
    }

    /** There is a connection, or a stream of one. */
    void connected(Channel made) {
        if (!Http2Bridge.isIn(made)) {
            line = Optional.empty();
        }
        use(made);
        side.leave(this);
        send(forward, false);
    }

    private void use(Channel made) {
        channel = made;
        kept = new KeptLink(this, pool, made);
        channel.pipeline().addLast(new LinkEvents(this));
    }

    @Override
    public void unreachable(boolean late, String why) {
        lose().unreachable(late, why);
    }

    private Forward lose() {
        Forward lost = forward;
        forward = null;
        close();
        return lost;
    }

    void close() {
        if (!closed) {
            leave();
            if (channel != null) {
                channel.close();
            } else if (line.isPresent()) {
                line.get().forget(this);
            }
        }
    }

    private void leave() {
        closed = true;
        side.leave(this);
        pool.heard(this);
        answers.close();
    }

    /** The request is not wanted any more, and there is no way to say so but this. */
    void abandon(Forward unwanted) {
        if (forward == unwanted) {
            lose();
        }
    }

    /** Sends a request. */
    void send(Forward of, boolean again) {
        forward = of;
        reused = again;
        sent = false;
        complete = false;
        Request request = of.request();
        UpstreamWriter writer = side.writer(pool.endpoint().fastCgi());
        answers.begin(request.isHead(), request.isWebSocket());
        ByteBuf head = channel.alloc().directBuffer(ROOM);
        if (request.isWebSocket() && line.isPresent() && !line.get().takesSockets() || !writer.head(of, head)) {
            head.release();
            of.refuse(this);
            return;
        }
        clock.enter(LinkPhase.SENDING);
        side.watch(this);
        pool.begins(this, again, side.now());
        if (!of.exchange().isBodyComplete()) {
            channel.writeAndFlush(head);
            moves();
            upload = Optional.of(of.stream(this, channel, writer));
            return;
        }
        upload = Optional.empty();
        clock.allow(side.now(), request.contentLength() <= ONE_SEND ? of.timeouts().response() : of.timeouts().send());
        try {
            written(of, writer.whole(channel, request, head));
        } catch (IOException e) {
            head.release();
            fail(500, "a request body cannot be read: " + e.getMessage());
        }
    }

    /** Whether it is busy with a request. */
    boolean serves(Forward of) {
        return forward == of && !closed;
    }

    /** Something goes on, so that there is time for more. */
    void moves() {
        clock.moves(side.now(), forward.timeouts());
    }

    /** The last of a request was handed over. */
    void written(Forward of, ChannelFuture written) {
        written.addListener(future -> {
            if (forward == of) {
                // When it could not be written, the reading side tells what became of the server.
                sent = future.isSuccess();
                clock.sent(side.now(), of.timeouts());
            }
        });
    }

    /** Takes what has come. */
    void take(ByteBuf in) {
        if (closed) {
            return;
        }
        if (forward == null) {
            // Something that nobody has asked for.
            close();
            pool.ended(kept);
            return;
        }
        clock.allow(side.now(), forward.timeouts().read());
        pool.heard(this);
        try {
            answers.read(in);
        } catch (BadResponseException | RecordException e) {
            fail(502, "sent " + e.getMessage());
            return;
        }
        if (complete) {
            if (in.isReadable()) {
                sent = false;
                forward.excess();
            }
            finish();
        } else if (forward != null && forward.isDone()) {
            abandon(forward);
        }
    }

    /** Whether the server says that it has not looked at the request. */
    private boolean isRefused() {
        return line.isPresent() && Http2Bridge.isRefused(channel);
    }

    private void fail(int status, String why) {
        Forward failed = lose();
        if (failed != null) {
            failed.fails(status, why, answers.isUntouched(), isRefused());
        }
    }

    @Override
    public void says(String line) {
        forward.says(line);
    }

    @Override
    public void interim(AnswerHead head) {
        forward.interim(head);
    }

    @Override
    public void head(AnswerHead head) {
        clock.enter(head.status() == 101 ? LinkPhase.SOCKET : LinkPhase.READING);
        // When the client has another answer, the end of this one is noticed after the call.
        forward.head(this, head);
    }

    @Override
    public void trailer(AsciiString name, AsciiString value) {
        forward.trailer(name, value);
    }

    @Override
    public void data(ByteBuf part, boolean isLast) {
        if (isLast) {
            complete = true;
            last = part;
        } else if (!forward.data(part) && !slow) {
            slow = true;
            channel.config().setAutoRead(false);
            forward.onWritable(this::fast);
        }
    }

    private void fast() {
        if (slow && !closed) {
            slow = false;
            if (forward != null) {
                clock.allow(side.now(), forward.timeouts().read());
            }
            channel.config().setAutoRead(true);
        }
    }

    private void finish() {
        Forward done = forward;
        ByteBuf part = last;
        forward = null;
        last = Unpooled.EMPTY_BUFFER;
        fast();
        side.leave(this);
        done.leaves(this);
        // Before the client hears of the end and sends another request.
        if (!sent || !answers.keepsAlive() || clock.is(LinkPhase.SOCKET) || !channel.isActive() || done.isDone()) {
            close();
        } else if (line.isPresent()) {
            leave();
            Http2Bridge.leave(channel);
        } else {
            clock.enter(LinkPhase.IDLE);
            kept.rest(done.timeouts());
        }
        done.last(part);
    }

    /** Passes a frame of a client on; false when the server has enough for now. */
    boolean frame(ByteBuf frame) {
        if (!closed) {
            channel.writeAndFlush(frame);
            return channel.isWritable();
        }
        frame.release();
        return true;
    }

    /** The server reads again. */
    void writable() {
        if (forward != null && clock.is(LinkPhase.SOCKET)) {
            forward.resume();
        } else if (forward != null && upload.isPresent()) {
            forward.resumeBody();
        }
    }

    /** The connection has ended; {@code broken} when it was not closed as it should be. */
    void ended(boolean broken) {
        if (closed) {
            return;
        }
        Forward of = forward;
        if (of == null) {
            close();
            pool.ended(kept);
            return;
        }
        if (of.isDone()) {
            abandon(of);
            return;
        }
        boolean refused = isRefused();
        if (answers.isUntouched() && (refused || reused) && of.mayRepeat(refused)) {
            lose().repeat();
            return;
        }
        if (!broken && answers.eof()) {
            sent = false;
            finish();
        } else {
            fail(502, refused ? "refused a request" : (line.isPresent() ? "ended a stream" : "closed a connection")
                + " before its answer was " + (answers.isUntouched() ? "begun" : "complete"));
        }
    }

    /** Something in the handling of an answer went wrong. */
    void fault(Throwable cause) {
        if (forward != null) {
            forward.fault(cause);
        }
    }

    /** Looks at the deadline; now and then. */
    void check(long now) {
        if (clock.is(LinkPhase.SOCKET) || slow || forward == null
            || !clock.isOver(now, forward.timeouts(), channel, upload.filter(body -> !body.isOver()).isPresent())) {
            return;
        }
        if (clock.is(LinkPhase.CONNECTING)) {
            unreachable(true, clock.phase().late());
        } else {
            // Perhaps nothing goes through any more: others get another connection.
            line.ifPresent(Http2Line::retire);
            fail(504, clock.phase().late());
        }
    }
}
