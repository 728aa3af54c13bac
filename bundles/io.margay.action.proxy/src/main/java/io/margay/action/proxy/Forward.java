// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Exchange;
import io.margay.http.FieldLines;
import io.margay.http.FrameListener;
import io.margay.http.Request;
import io.margay.http.Timings;
import io.margay.http.AnswerHead;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.Optional;
import java.util.Set;

/**
 * The way of one request: to a server, to another one if the first takes no connection and that is wanted, and of the
 * answer back to the client. On the loop of its exchange.
 */
final class Forward implements FrameListener {
    private static final int CONTINUE = 100;
    private static final int SWITCHING = 101;
    private static final int BAD_GATEWAY = 502;
    private static final int GATEWAY_TIMEOUT = 504;
    /** Those that may be sent once more when the server has closed a kept connection meanwhile (RFC 9110 §9.2.2). */
    private static final Set<AsciiString> REPEATABLE = Set.of(AsciiString.cached("GET"), AsciiString.cached("HEAD"),
        AsciiString.cached("OPTIONS"), AsciiString.cached("TRACE"), AsciiString.cached("PUT"),
        AsciiString.cached("DELETE"));

    private final Upstream upstream;
    private final Exchange exchange;
    private final LoopSide side;
    /** Null while it has none. */
    private UpstreamServer server;
    private UpstreamLink link;
    private boolean repeated;
    private boolean trailers;
    private boolean over;

    Forward(Upstream upstream, Exchange exchange, LoopSide side) {
        this.upstream = upstream;
        this.exchange = exchange;
        this.side = side;
    }

    /** Begins. */
    void begin() {
        exchange.onDone((ended, whole) -> done());
        choose();
    }

    ProxyTimeouts timeouts() {
        return upstream.timeouts();
    }

    Request request() {
        return exchange.request();
    }

    boolean isDone() {
        return over || exchange.isDone();
    }

    private void choose() {
        Optional<UpstreamServer> picked = upstream.pick();
        if (picked.isEmpty()) {
            upstream.complain("no server is there for a request");
            exchange.fail(BAD_GATEWAY);
            return;
        }
        server = picked.get();
        server.begins();
        exchange.timings().upstream(server.pool().endpoint().address());
        seek();
    }

    /** Takes a connection that is kept, here or on another loop, or makes one. */
    private void seek() {
        boolean repeatable = isRepeatable();
        LinkPool pool = server.pool();
        for (Optional<UpstreamLink> kept = pool.take(side); kept.isPresent(); kept = pool.take(side)) {
            if (kept.get().isUsable(repeatable)) {
                again(kept.get());
                return;
            }
            kept.get().close();
        }
        Optional<UpstreamLink> other = pool.takeElsewhere(side);
        if (other.isPresent()) {
            other.get().move(side, this);
        } else {
            open();
        }
    }

    /** A connection of another loop has come, if it is good. */
    void arrived(UpstreamLink kept, boolean good) {
        if (isDone()) {
            if (good) {
                kept.rest(timeouts());
            }
        } else if (good && kept.isUsable(isRepeatable())) {
            again(kept);
        } else {
            kept.close();
            open();
        }
    }

    private void again(UpstreamLink kept) {
        server.pool().reused();
        exchange.mark(Timings.Stage.WORKER);
        link = kept;
        kept.send(this, true);
    }

    private void open() {
        exchange.mark(Timings.Stage.WORKER);
        link = new UpstreamLink(server.pool(), side);
        link.open(this);
    }

    private boolean isRepeatable() {
        return REPEATABLE.contains(request().method());
    }

    /** The server has not taken a connection. */
    void unreachable(boolean late, String why) {
        upstream.complain(server, "took no connection: " + why);
        leave();
        exchange.fail(late ? GATEWAY_TIMEOUT : BAD_GATEWAY);
    }

    /** Whether the request may be sent on another connection, since a kept one was closed while it was on its way. */
    boolean mayRepeat() {
        return !repeated && isRepeatable();
    }

    /** Does so. */
    void repeat() {
        repeated = true;
        open();
    }

    // ---- answer -------------------------------------------------------

    /** An interim response came; that to {@code Expect} was given to the client before its body was read. */
    void interim(AnswerHead head) {
        if (head.status() > CONTINUE) {
            exchange.interim(head.status(), FieldLines.read(head.fields()));
        }
    }

    /** The head of the answer came. */
    void head(UpstreamLink from, AnswerHead head) {
        if (head.isMended()) {
            upstream.complain(server, "sent an invalid or repeated Content-Length; it was removed");
        }
        if (head.status() == SWITCHING) {
            if (exchange.upgrade(head.fields(), this)) {
                exchange.flush();
            }
            return;
        }
        trailers = head.isChunked() && FieldLines.takesTrailers(request());
        if (head.hasStatus()) {
            // What would be the status of an application is a field like others here.
            exchange.start(head.status(), FieldLines.read(head.fields()), head.length());
        } else {
            exchange.start(head.status(), head.fields());
        }
    }

    /** A part of the body, not the last one; false when the client has enough for now. */
    boolean data(ByteBuf part) {
        exchange.write(part, false);
        return exchange.isDone() || exchange.isWritable();
    }

    void onWritable(Runnable action) {
        exchange.onWritable(action);
    }

    /** A field behind the body. */
    void trailer(AsciiString name, AsciiString value) {
        if (trailers && FieldLines.isTrailer(name)) {
            exchange.trailer(name, value);
        }
    }

    /** The answer is complete, so its connection is free. */
    void leaves(UpstreamLink from) {
        leave();
    }

    /** The last part of the body. */
    void last(ByteBuf part) {
        exchange.write(part, true);
    }

    /** There was more than the answer. */
    void excess() {
        upstream.complain(server, "sent more than the answer to a request");
    }

    /** No answer, or no whole one, can be had. */
    void fails(int status, String why) {
        upstream.complain(server, why);
        leave();
        if (exchange.isStarted()) {
            // The client gets what there is.
            exchange.flush();
            exchange.abort();
        } else {
            exchange.fail(status);
        }
    }

    void fault(Throwable cause) {
        upstream.complain(server, "sent an answer that could not be handled: " + cause);
    }

    // ---- WebSocket ----------------------------------------------------

    @Override
    public boolean frame(ByteBuf frame) {
        if (link == null) {
            frame.release();
            return true;
        }
        return link.frame(frame);
    }

    void resume() {
        exchange.resume();
    }

    // ---- end ----------------------------------------------------------

    private void leave() {
        link = null;
        if (server != null) {
            server.ends();
            server = null;
        }
    }

    private void done() {
        over = true;
        UpstreamLink unwanted = link;
        leave();
        if (unwanted != null) {
            unwanted.abandon(this);
        }
    }
}
