// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Exchange;
import io.margay.http.FieldLines;
import io.margay.http.FrameListener;
import io.margay.http.Request;
import io.margay.http.Timings;
import io.margay.http.AnswerHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.AsciiString;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;

/**
 * The way of one request: to a server, to another one if the first takes no connection and that is wanted, and of the
 * answer back to the client. On the loop of its exchange.
 */
final class Forward implements FrameListener, Candidates {
    private static final int CONTINUE = 100;
    private static final int SWITCHING = 101;
    private static final int TOO_LARGE = 431;
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
    private boolean streamed;
    private boolean desperate;
    private int tries;
    private long begun;
    private long time;
    private int failure = BAD_GATEWAY;
    /** Servers that have failed with it. Null while none has. */
    private BitSet tried;
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
        begun = side.now();
        choose();
    }

    ProxyTimeouts timeouts() {
        return upstream.options().timeouts();
    }

    ProxyOptions options() {
        return upstream.options();
    }

    @Override
    public Exchange exchange() {
        return exchange;
    }

    @Override
    public long now() {
        return time;
    }

    void desperate(boolean on) {
        desperate = on;
    }

    @Override
    public boolean takes(UpstreamServer candidate) {
        return (tried == null || !tried.get(candidate.index())) && candidate.isOpen(desperate, time);
    }

    Request request() {
        return exchange.request();
    }

    boolean isDone() {
        return over || exchange.isDone();
    }

    private void choose() {
        time = side.now();
        Optional<UpstreamServer> picked = upstream.pick(this);
        if (picked.isEmpty()) {
            if (tries == 0) {
                upstream.complain("no server is there for a request");
            }
            exchange.fail(failure);
            return;
        }
        tries++;
        repeated = false;
        server = picked.get();
        server.state().begins();
        exchange.timings().upstream(server.pool().endpoint().address());
        seek();
    }

    /** The server has failed: the request goes to another one if that does no harm. */
    private void another(int status, boolean safe) {
        failure = status;
        server.failed(side.now());
        if (tried == null) {
            tried = new BitSet();
        }
        tried.set(server.index());
        leave();
        if (safe && upstream.options().retry().allows(tries, begun, side.now())) {
            choose();
        } else {
            exchange.fail(status);
        }
    }

    /** Takes a connection that is kept, here or on another loop, or makes one. */
    private void seek() {
        boolean repeatable = isRepeatable() && exchange.isBodyComplete();
        LinkPool pool = server.pool();
        if (options().proxyProtocol() > 0) {
            // Those that are kept do not tell of this client.
            open();
            return;
        }
        for (Optional<Kept> kept = pool.take(side); kept.isPresent(); kept = pool.take(side)) {
            if (kept.get().isUsable(repeatable)) {
                again(kept.get());
                return;
            }
            kept.get().retire();
        }
        Optional<Kept> other = pool.takeElsewhere(side);
        if (other.isPresent()) {
            other.get().move(side, this);
        } else {
            open();
        }
    }

    /** A connection of another loop has come, if it is good. */
    void arrived(Kept kept, boolean good) {
        if (isDone()) {
            if (good) {
                kept.rest(timeouts());
            }
        } else if (good && kept.isUsable(isRepeatable() && exchange.isBodyComplete())) {
            again(kept);
        } else {
            kept.retire();
            open();
        }
    }

    private void again(Kept kept) {
        Optional<UpstreamLink> taken = kept.link();
        if (taken.isEmpty()) {
            open();
            return;
        }
        server.pool().reused();
        exchange.mark(Timings.Stage.WORKER);
        link = taken.get();
        link.send(this, true);
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
        // Nothing of the request has been sent.
        another(late ? GATEWAY_TIMEOUT : BAD_GATEWAY, true);
    }

    /**
     * Whether the request may be sent on another connection, since a kept one was closed while it was on its way.
     *
     * @param refused whether the server says that it has not looked at it
     */
    boolean mayRepeat(boolean refused) {
        return !repeated && isHarmless(refused, true);
    }

    /** Whether it does no harm to send it again; {@code silent} if nothing of an answer has come. */
    private boolean isHarmless(boolean refused, boolean silent) {
        return !streamed && (refused || silent && isRepeatable());
    }

    /** Does so. */
    void repeat() {
        repeated = true;
        open();
    }

    /** The body of the request is on its way: it cannot be sent again. */
    BodyUpload stream(UpstreamLink on, Channel channel, UpstreamWriter writer) {
        streamed = true;
        BodyUpload upload = new BodyUpload(on, this, channel, writer);
        exchange.streamBody(upload);
        return upload;
    }

    void resumeBody() {
        exchange.resumeBody();
    }

    /** No server of this kind can be told all of the request; nothing of it was sent, and no server is to blame. */
    void refuse(UpstreamLink unused) {
        boolean socket = exchange.request().isWebSocket() && options().fastCgi().isEmpty();
        if (socket) {
            upstream.complain(server, "speaks HTTP/2 without extended CONNECT (RFC 8441): no WebSocket is passed on");
        }
        leave();
        unused.close();
        exchange.fail(socket ? BAD_GATEWAY : TOO_LARGE);
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
        server.state().answered(head.status());
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

    /** The server says something that is not for the client. */
    void says(String line) {
        upstream.complain(server, line);
    }

    /** There was more than the answer. */
    void excess() {
        upstream.complain(server, "sent more than the answer to a request");
    }

    /**
     * No answer, or no whole one, can be had.
     *
     * @param silent whether nothing of one has come
     * @param refused whether the server says that it has not looked at the request
     */
    void fails(int status, String why, boolean silent, boolean refused) {
        if (isDone()) {
            return;
        }
        upstream.complain(server, why);
        if (!exchange.isStarted()) {
            another(status, isHarmless(refused, silent));
            return;
        }
        server.failed(side.now());
        leave();
        // The client gets what there is.
        exchange.flush();
        exchange.abort();
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
            server.state().ends();
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
