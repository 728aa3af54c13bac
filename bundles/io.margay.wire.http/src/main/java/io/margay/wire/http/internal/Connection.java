// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.margay.dispatch.AppRequest;
import io.margay.dispatch.Job;
import io.margay.dispatch.Worker;
import io.margay.http.AnswerHead;
import io.margay.http.BadResponseException;
import io.margay.http.FieldLines;
import io.margay.http.ReplyParser;
import io.margay.posix.Descriptors;
import io.margay.posix.Errno;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * One connection to a worker: a request at a time, the next when the answer to it is complete. While a client is slower
 * than the worker nothing is read. The worker runs foreign code: what is no answer ends the connection, and the client
 * gets 502, or a cut response. On the loop of its requests.
 */
final class Connection implements ReplyParser.Sink {
    /** What the program says of a body that it got as a whole. */
    private static final int CONTINUE = 100;
    private static final int BAD_GATEWAY = 502;
    private static final int FAILURE = 500;
    private static final int DRAIN = 64 << 10;
    private static final int MOST_DRAINED = 16 << 20;
    private static final long AGAIN_MILLIS = 10;
    private static final int ATTEMPTS = 1000;
    private static final int MOST_REPEATS = 10;
    private static final AsciiString HEAD = AsciiString.cached("HEAD");
    /** Those that may be sent once more when the worker has closed the connection meanwhile. */
    private static final Set<AsciiString> REPEATABLE = Set.of(AsciiString.cached("GET"), HEAD,
        AsciiString.cached("OPTIONS"), AsciiString.cached("PUT"), AsciiString.cached("DELETE"));

    /** Since when it idles. */
    long idleSince;
    private final LoopConnections home;
    private final HttpWorker worker;
    private final ReplyParser parser;
    private AbstractEpollStreamChannel channel;
    /** Null while it idles. */
    private Job job;
    private boolean reused;
    private boolean begun;
    private boolean sent;
    private boolean complete;
    private ByteBuf last = Unpooled.EMPTY_BUFFER;
    private boolean slow;
    private boolean closed;
    private int attempts;
    private int repeats;

    Connection(LoopConnections home, HttpWorker worker) {
        this.home = home;
        this.worker = worker;
        this.parser = ReplyParser.strict(worker.wire().context().app().maxHead(), this);
    }

    // ---- opening and closing ------------------------------------------

    /** Connects, then sends a request. */
    void open(Job first, int sentBefore) {
        job = first;
        repeats = sentBefore;
        first.taken(worker, this);
        connect();
    }

    private void connect() {
        if (closed || job == null || job.isDone()) {
            abandon(job);
            return;
        }
        channel = Place.channel(worker.address(), home.engine(), new ConnectionEvents(this));
        // Of a worker that does not take the whole request there may be an answer to read nevertheless.
        channel.config().setAutoClose(false);
        channel.connect(worker.address()).addListener(future -> {
            if (future.isSuccess()) {
                connected();
            } else {
                channel.close();
                refused(future.cause());
            }
        });
    }

    private void connected() {
        if (job == null || job.isDone()) {
            abandon(job);
        } else {
            send(job, false);
        }
    }

    /** A full backlog, mostly: a Unix socket refuses then instead of waiting. */
    private void refused(Throwable why) {
        if (closed) {
            return;
        }
        if (job == null || job.isDone()) {
            abandon(job);
        } else if (Place.isRefused(worker.address(), why) || ++attempts == ATTEMPTS) {
            // Nobody listens: it is on its way out.
            decline();
        } else {
            home.engine().schedule(AGAIN_MILLIS, this::connect);
        }
    }

    private void decline() {
        Job declined = job;
        job = null;
        close();
        worker.declines(declined);
    }

    void close() {
        if (!closed) {
            closed = true;
            fast();
            if (channel != null) {
                channel.close();
            }
            home.closed(this);
        }
    }

    void closeUnlessNeeded() {
        if (job == null) {
            close();
        } else if (job.isDone()) {
            abandon(job);
        }
    }

    /** The request is not wanted any more, and there is no way to say so but this. */
    void abandon(Job unwanted) {
        if (job == unwanted) {
            end(none -> { });
        }
    }

    private interface Ending {
        void of(Job job);
    }

    private void end(Ending ending) {
        Job ended = job;
        job = null;
        close();
        if (ended != null) {
            worker.ended();
            ending.of(ended);
        }
    }

    // ---- request ------------------------------------------------------

    /** Whether it can take this request: one that must not be sent twice asks the kernel. */
    boolean isUsable(Job next) {
        return channel.isActive() && (REPEATABLE.contains(next.request().method())
            || Descriptors.poll(channel.fd().intValue(), Descriptors.POLLIN, 0) == 0);
    }

    /** Sends a request. */
    void send(Job next, boolean again) {
        job = next;
        reused = again;
        sent = false;
        complete = false;
        begun = true;
        next.taken(worker, this);
        AppRequest request = next.request();
        parser.begin(HEAD.equals(request.method()), request.webSocket());
        ByteBuf head = channel.alloc().directBuffer(1024);
        worker.wire().head(home.index()).write(request, head);
        ChannelFuture written;
        try {
            written = RequestWriter.write(channel, head, request);
        } catch (IOException e) {
            worker.wire().complain("a request body cannot be read: " + e.getMessage());
            end(failed -> failed.fail(FAILURE));
            return;
        }
        written.addListener(future -> {
            if (job == next) {
                // When it could not be written, the reading side tells what became of the worker.
                sent = future.isSuccess();
                worker.heard();
            }
        });
    }

    // ---- response -----------------------------------------------------

    /** Takes what has come. */
    void take(ByteBuf in) {
        if (closed) {
            return;
        }
        worker.heard();
        if (job == null) {
            worker.wire().complain("process " + worker.pid() + " sent something that was no answer to a request");
            close();
            return;
        }
        try {
            parser.read(in);
        } catch (BadResponseException e) {
            bad(e.getMessage());
            return;
        }
        if (complete) {
            if (in.isReadable()) {
                worker.wire().complain("process " + worker.pid() + " sent more than the answer to a request");
                sent = false;
            }
            finish();
        } else if (job != null && job.isDone()) {
            abandon(job);
        }
    }

    private void bad(String how) {
        worker.wire().complain("process " + worker.pid() + " sent " + how);
        end(failed -> failed.fail(BAD_GATEWAY));
    }

    @Override
    public void interim(AnswerHead head) {
        if (head.status() > CONTINUE) {
            job.interim(head.status(), FieldLines.read(head.fields()));
        }
    }

    @Override
    public void trailer(AsciiString name, AsciiString value) {
        job.trailer(name, value);
    }

    @Override
    public void head(AnswerHead head) {
        // False means that the client has another answer; the end of this one is noticed after the call.
        job.head(head.status(), head.fields());
    }

    @Override
    public void data(ByteBuf part, boolean isLast) {
        if (isLast) {
            complete = true;
            last = part;
        } else if (!job.data(part, false) && !slow) {
            slow = true;
            worker.slow(1);
            channel.config().setAutoRead(false);
            job.onWritable(this::fast);
        }
    }

    /** Something in the handling of an answer went wrong. */
    void fault(Throwable cause) {
        if (!closed) {
            worker.wire().complain("an answer of process " + worker.pid() + " could not be handled: " + cause);
        }
    }

    /** Whether it is that of this connection, and not of an attempt to have one. */
    boolean owns(Channel other) {
        return channel == other;
    }

    /** The worker reads again. */
    void drained() {
        if (job != null && job.isUpgraded()) {
            job.resume();
        }
    }

    /** Passes a frame of a client on; false when the worker has enough for now. */
    boolean frame(ByteBuf frame) {
        if (closed) {
            frame.release();
            return true;
        }
        worker.heard();
        channel.writeAndFlush(frame);
        return channel.isWritable();
    }

    private void fast() {
        if (slow) {
            slow = false;
            worker.slow(-1);
            channel.config().setAutoRead(true);
        }
    }

    private void finish() {
        Job done = job;
        ByteBuf part = last;
        job = null;
        last = Unpooled.EMPTY_BUFFER;
        fast();
        // Before the pool hears of the end and gives this place to another request.
        if (sent && parser.keepsAlive() && !worker.isStopping() && channel.isActive()) {
            home.idles(this);
        } else {
            close();
        }
        worker.ended();
        done.data(part, true);
    }

    // ---- end ----------------------------------------------------------

    /**
     * The connection has ended.
     *
     * @param reset whether the kernel says that the worker has closed it with something in it that it had not read
     */
    void eof(boolean reset) {
        if (closed) {
            return;
        }
        if (job == null || job.isDone()) {
            end(none -> { });
            return;
        }
        boolean unheard = parser.isUntouched() && repeats < MOST_REPEATS
            && (reset && job.request().contentLength() == 0
            || reused && REPEATABLE.contains(job.request().method()));
        ReplyParser.End how = parser.eof();
        if (how == ReplyParser.End.COMPLETE) {
            sent = false;
            finish();
        } else if (unheard && worker.state() != Worker.State.GONE) {
            again();
        } else if (unheard) {
            // The pool knows already, and has not come to this loop yet.
            decline();
        } else {
            worker.wire().complain("process " + worker.pid() + " closed a connection before its answer was "
                + (how == ReplyParser.End.NOTHING ? "begun" : "complete"));
            end(Job::fail);
        }
    }

    /** The worker has closed the connection while the request was on its way. When it is gone, the next one shows. */
    private void again() {
        Job repeated = job;
        job = null;
        close();
        if (worker.mayOpen()) {
            home.open(repeated, repeats + 1);
        } else {
            worker.makeRoom(repeated, 0);
        }
    }

    /** The worker is gone: what it has sent before is in the socket. */
    void drain() {
        if (job != null && !begun && !job.isDone()) {
            decline();
            return;
        }
        if (job != null && channel != null && channel.isActive()) {
            boolean reset = false;
            int left = MOST_DRAINED;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(DRAIN);
                int length;
                while (!closed && job != null && left > 0
                    && (length = Files.read(channel.fd().intValue(), buffer, 0, DRAIN)) > 0) {
                    left -= length;
                    take(Unpooled.copiedBuffer(buffer.asSlice(0, length).asByteBuffer()));
                }
            } catch (PosixException e) {
                // It died with data from here unread.
                reset = e.errno() == Errno.ECONNRESET;
            }
            if (reset && !closed && job != null && parser.isUntouched() && job.request().contentLength() == 0) {
                decline();
                return;
            }
        }
        eof(false);
        close();
    }
}
