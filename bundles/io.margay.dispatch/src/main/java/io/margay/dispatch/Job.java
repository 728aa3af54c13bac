// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.http.Fields;
import io.margay.http.Timings;
import io.margay.http.WebSocketFault;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.Optional;

/**
 * A request that the application has not finished. Lives on one loop and is used there only; wires tell it what its
 * worker says. It ends once: calls after that release what they were given, and nothing else.
 */
public final class Job {

    /** Where a request is. */
    public enum State {
        /** In this process. */
        WAITING,
        /** In a queue that workers pull from. */
        QUEUED,
        /** With a worker. */
        RUNNING,
        /** Answered, or given up. */
        DONE
    }

    private static final int LEAST_STATUS = 200;
    private static final int MOST_STATUS = 999;
    private static final int UNAVAILABLE = 503;
    /** Interim responses of one request; more are not sent, as nothing waits until the client has taken them. */
    private static final int MOST_INTERIM = 64;
    private static final int SWITCHING = 101;

    /** When it came, was taken, or was last heard of, {@link System#nanoTime}; 0 while nobody measures it. */
    long since;

    private final PoolLoop loop;
    private final int id;
    private final AppRequest request;
    private State state = State.WAITING;
    private Worker worker;
    private Object link;
    private long order;
    private boolean headSent;
    private boolean upgraded;
    private int interims;
    /** Whether it is known, before its worker says so, that one has it. */
    private boolean reckoned;

    Job(PoolLoop loop, int id, AppRequest request) {
        this.loop = loop;
        this.id = id;
        this.request = request;
    }

    /** Its number, unique among the unfinished requests of its loop; never 0. */
    public int id() {
        return id;
    }

    /** The number of its loop. */
    public int loop() {
        return loop.index();
    }

    /** What the client wants, and where the response goes. */
    public AppRequest request() {
        return request;
    }

    /** Where it is. */
    public State state() {
        return state;
    }

    /** Whether it is answered or given up. */
    public boolean isDone() {
        return state == State.DONE;
    }

    /** Who works on it, once that is known. */
    public Optional<Worker> worker() {
        return Optional.ofNullable(worker);
    }

    boolean isWith(Worker other) {
        return worker == other;
    }

    /** What the wire keeps with it; null at first. The hot path asks for it, so it is no Optional. */
    public Object link() {
        return link;
    }

    /** Place in the order in which its loop filled the queue; kept for the wire. */
    public long order() {
        return order;
    }

    /**
     * It is in the queue of the wire.
     *
     * @param place what {@link #order} gives from now on
     * @param with what the wire wants to keep
     */
    public void queued(long place, Object with) {
        state = State.QUEUED;
        order = place;
        link = with;
    }

    /** It is in this process again. */
    void waits() {
        state = State.WAITING;
        worker = null;
        link = null;
    }

    /**
     * A worker has it.
     *
     * @param by the worker
     * @param with what the wire wants to keep
     */
    public void taken(Worker by, Object with) {
        if (state != State.DONE) {
            if (state != State.RUNNING) {
                state = State.RUNNING;
                if (!reckoned) {
                    request.mark(Timings.Stage.WORKER);
                }
                loop.touch(this);
            }
            worker = by;
            link = with;
        }
    }

    /** A worker must have taken it, though none says so yet. */
    void reckonedTaken() {
        if (state == State.QUEUED) {
            reckoned = true;
            request.mark(Timings.Stage.WORKER);
        }
    }

    /** Begins the response; false when it is answered with an error instead. */
    public boolean head(int status, ByteBuf fields) {
        if (state == State.DONE) {
            return false;
        }
        if (status == SWITCHING && request.webSocket() && worker != null && worker.takesFrames(this)) {
            return upgrade(fields);
        }
        if (status < LEAST_STATUS || status > MOST_STATUS) {
            loop.alert("the application sent the status " + status + ", which no response can have");
            fail(UNAVAILABLE);
            return false;
        }
        if (!request.start(status, fields)) {
            loop.finish(this);
            return false;
        }
        headSent = true;
        return true;
    }

    /** Sends an interim response, 102 to 199; nothing once the response has begun. */
    public void interim(int status, Fields fields) {
        if (state != State.DONE && !headSent && ++interims <= MOST_INTERIM) {
            loop.touch(this);
            request.interim(status, fields);
        }
    }

    /** Adds a field to be sent behind the body; before the last part of that. */
    public void trailer(AsciiString name, AsciiString value) {
        if (state != State.DONE && headSent && !upgraded) {
            request.trailer(name, value);
        }
    }

    private boolean upgrade(ByteBuf fields) {
        headSent = true;
        if (!request.upgrade(fields, this::frame)) {
            loop.finish(this);
            return false;
        }
        upgraded = true;
        loop.upgraded();
        return true;
    }

    private boolean frame(ByteBuf frame) {
        if (state == State.DONE) {
            frame.release();
            return true;
        }
        return worker.frame(this, frame);
    }

    /** Whether the client's connection has become a WebSocket: what is sent are frames. */
    public boolean isUpgraded() {
        return upgraded;
    }

    /** The worker takes frames again, see {@link Worker#frame}. */
    public void resume() {
        if (state != State.DONE) {
            request.resume();
        }
    }

    /** Whether the head was sent. */
    public boolean isStarted() {
        return headSent;
    }

    /**
     * Sends a part of the body behind the head.
     *
     * @param part taken over
     * @param last whether the response is complete with it
     * @return whether the client takes more now; if not, the wire is to wait for {@link #onWritable}
     */
    public boolean data(ByteBuf part, boolean last) {
        if (state == State.DONE) {
            part.release();
            return true;
        }
        loop.touch(this);
        if (last) {
            loop.finish(this);
            request.write(part, true);
            return true;
        }
        if (part.isReadable()) {
            request.write(part, false);
        } else {
            part.release();
            request.flush();
        }
        return request.isDone() || request.isWritable();
    }

    /** Runs the action once when the client takes more or the request is done. */
    public void onWritable(Runnable action) {
        request.onWritable(action);
    }

    /** Ends it without a response of the application. */
    public void fail() {
        fail(UNAVAILABLE);
    }

    /** Ends it with an error page, or with a cut connection when the response has begun. */
    public void fail(int status) {
        if (state != State.DONE) {
            loop.finish(this);
            if (headSent) {
                request.abort();
            } else {
                request.fail(status);
            }
        }
    }

    /**
     * Closes a WebSocket whose worker is to leave, by the close frame that says so where one may stand, and tells the
     * worker.
     */
    void goAway() {
        if (state == State.DONE || !upgraded) {
            return;
        }
        worker.cancel(this);
        if (state != State.DONE) {
            loop.finish(this);
            request.close(WebSocketFault.LEAVING);
        }
    }

    /** The loop has let go of it. */
    void done() {
        state = State.DONE;
    }
}
