// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.AnswerHead;
import io.margay.http.BadResponseException;
import io.margay.http.RecordException;
import io.margay.http.Request;
import io.margay.posix.Descriptors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * One connection to a server: a request at a time, the next when the answer to it is complete. While a client is slower
 * than the server nothing is read. On the loop of its request; while it waits for one it may move to another loop.
 */
final class UpstreamLink implements AnswerReader.Sink {
    private static final int ROOM = 1024;
    /** Up to this size the whole request has the time that it has to be answered. */
    private static final int ONE_SEND = 16 << 10;
    private static final long NANOS = 1_000_000;

    /** Neighbours in the list of the loop. */
    UpstreamLink next;
    UpstreamLink previous;
    boolean watched;

    private final LinkPool pool;
    private final AnswerReader answers;
    private LoopSide side;
    private AbstractEpollStreamChannel channel;
    /** Null while it waits for a request. */
    private Forward forward;
    private LinkPhase phase = LinkPhase.IDLE;
    private long deadline;
    private final SendWatch sending = new SendWatch();
    private long idleUntil;
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

    LoopSide side() {
        return side;
    }

    /** Where it leads; null without a connection. */
    SocketAddress server() {
        return channel.remoteAddress();
    }

    /** Until when it is kept, by the clock of its loop. */
    long idleUntil() {
        return idleUntil;
    }

    /** Connects, then sends a request. */
    void open(Forward first) {
        forward = first;
        phase = LinkPhase.CONNECTING;
        deadline = side.now() + first.timeouts().connect() * NANOS;
        side.watch(this);
        new Dial(this, first, pool, side, deadline).begin();
    }

    /** Whether somebody still wants to have it connected; if not it is closed. */
    boolean isWanted() {
        boolean wanted = !closed && forward != null && !forward.isDone();
        if (!wanted) {
            close();
        }
        return wanted;
    }

    /** There is a connection. */
    void connected(AbstractEpollStreamChannel made) {
        channel = made;
        pool.opened();
        side.leave(this);
        channel.pipeline().addLast(new LinkEvents(this));
        send(forward, false);
    }

    /** There will be none. */
    void unreachable(boolean late, String why) {
        lose().unreachable(late, why);
    }

    private Forward lose() {
        Forward lost = forward;
        forward = null;
        close();
        return lost;
    }

    /** Moves a connection that waits, and is kept by nobody, to another loop, for a request there. Called on that. */
    @SuppressWarnings("deprecation") // The method without a promise exists for all event loops only in this form.
    void move(LoopSide to, Forward first) {
        side.netty().execute(() -> channel.deregister().addListener(gone -> to.netty().execute(() -> {
            side = to;
            if (!gone.isSuccess() || closed || !channel.isOpen()) {
                closed = true;
                channel.close();
                first.arrived(this, false);
                return;
            }
            to.netty().register(channel).addListener(there -> first.arrived(this, there.isSuccess()));
        })));
    }

    /** Waits for another request. */
    void rest(ProxyTimeouts timeouts) {
        if (timeouts.idle() == 0 || pool.isWanted(side.now())) {
            close();
            return;
        }
        phase = LinkPhase.IDLE;
        idleUntil = side.now() + timeouts.idle() * NANOS;
        pool.give(this);
    }

    void close() {
        if (!closed) {
            closed = true;
            side.leave(this);
            pool.heard(this);
            answers.close();
            if (channel != null) {
                channel.close();
            }
        }
    }

    /** The request is not wanted any more, and there is no way to say so but this. */
    void abandon(Forward unwanted) {
        if (forward == unwanted) {
            lose();
        }
    }

    /** Whether it can take a request; one that must not be sent twice asks the kernel. */
    boolean isUsable(boolean repeatable) {
        return !closed && channel.isActive()
            && (repeatable || Descriptors.poll(channel.fd().intValue(), Descriptors.POLLIN, 0) == 0);
    }

    /** Sends a request. */
    void send(Forward of, boolean again) {
        forward = of;
        reused = again;
        sent = false;
        complete = false;
        phase = LinkPhase.SENDING;
        Request request = of.request();
        UpstreamWriter writer = side.writer(pool.endpoint().fastCgi());
        answers.begin(request.isHead(), request.isWebSocket());
        ByteBuf head = channel.alloc().directBuffer(ROOM);
        if (request.isWebSocket() && Http2Bridge.isIn(channel) || !writer.head(of, head)) {
            head.release();
            of.refuse(this);
            return;
        }
        sending.begin();
        side.watch(this);
        pool.begins(this, again, side.now());
        if (!of.exchange().isBodyComplete()) {
            channel.writeAndFlush(head);
            moves();
            upload = Optional.of(of.stream(this, channel, writer));
            return;
        }
        upload = Optional.empty();
        deadline = side.now() + NANOS
            * (request.contentLength() <= ONE_SEND ? of.timeouts().response() : of.timeouts().send());
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
        ProxyTimeouts timeouts = forward.timeouts();
        deadline = side.now() + NANOS * (phase == LinkPhase.SENDING ? timeouts.send() : timeouts.read());
    }

    /** The last of a request was handed over. */
    void written(Forward of, ChannelFuture written) {
        written.addListener(future -> {
            if (forward == of) {
                // When it could not be written, the reading side tells what became of the server.
                sent = future.isSuccess();
                if (phase == LinkPhase.SENDING) {
                    phase = LinkPhase.WAITING;
                    deadline = side.now() + of.timeouts().response() * NANOS;
                }
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
            pool.ended(this);
            return;
        }
        deadline = side.now() + forward.timeouts().read() * NANOS;
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

    private void fail(int status, String why) {
        Forward failed = lose();
        if (failed != null) {
            failed.fails(status, why, answers.isUntouched());
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
        phase = head.status() == 101 ? LinkPhase.SOCKET : LinkPhase.READING;
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
                deadline = side.now() + forward.timeouts().read() * NANOS;
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
        if (sent && answers.keepsAlive() && phase != LinkPhase.SOCKET && channel.isActive() && !done.isDone()) {
            rest(done.timeouts());
        } else {
            close();
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
        if (forward != null && phase == LinkPhase.SOCKET) {
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
            pool.ended(this);
            return;
        }
        if (of.isDone()) {
            abandon(of);
            return;
        }
        if (answers.isUntouched() && reused && of.mayRepeat()) {
            lose().repeat();
            return;
        }
        if (!broken && answers.eof()) {
            sent = false;
            finish();
        } else {
            fail(502, "closed a connection before its answer was " + (answers.isUntouched() ? "begun" : "complete"));
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
        if (phase == LinkPhase.SOCKET || slow || forward == null) {
            return;
        }
        if (phase == LinkPhase.CONNECTING) {
            if (now - deadline >= 0) {
                unreachable(true, phase.late());
            }
        } else if (phase == LinkPhase.SENDING
            && (sending.hasMoved(channel) || isUploading() && Http2Bridge.takesMore(channel))) {
            // A server is not to blame for a client that is slow.
            deadline = Math.max(deadline, now + forward.timeouts().send() * NANOS);
        } else if (phase == LinkPhase.READING && isUploading() && Http2Bridge.takesMore(channel)) {
            deadline = Math.max(deadline, now + forward.timeouts().read() * NANOS);
        } else if (now - deadline >= 0) {
            fail(504, phase.late());
        }
    }

    private boolean isUploading() {
        return upload.isPresent() && !upload.get().isOver();
    }
}
