// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.FrameListener;
import io.margay.http.FrameSession;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.HttpSettings;
import io.margay.http.Linger;
import io.margay.http.LoopConnection;
import io.margay.http.PendingInput;
import io.margay.http.Timings;
import io.margay.http.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.util.Optional;

/**
 * One client connection: reads requests strictly one after another, hands each to the handler of its binding, and
 * keeps the timers of spec/http.md §2. Input beyond the current request waits in {@code pending}, and reading stops.
 */
final class Http1Connection extends LoopConnection {
    private enum State { IDLE, READING, HANDLING, LINGER, CLOSED }

    final HttpServer server;
    final Http1Loop shared;
    private final HttpLoop loop;
    final Timings timings = new Timings();
    final PendingInput pending = new PendingInput();
    private final RequestReader request;
    private ChannelHandlerContext ctx;
    ConnectionOutput output;
    private State state = State.CLOSED;
    private Http1Exchange exchange;
    private Linger lingering;
    /** Null unless the connection is a WebSocket. */
    FrameSession frames;
    /** Null unless the body of the request that is handled is yet to come. */
    BodyIntake intake;
    /** Null unless another protocol is to go on with the connection. */
    private SwitchOver handover;
    Peers peers;
    private long startNanos;
    final Deadline timer = new Deadline();
    private boolean handshaking;
    private boolean refused;
    private boolean reading;
    private boolean processing;
    boolean inputEnded;

    Http1Connection(HttpServer server, Http1Loop shared, ReadSizes sizes) {
        this.server = server;
        this.shared = shared;
        loop = shared.http();
        request = new RequestReader(shared, sizes);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        output = new ConnectionOutput(context, shared);
        peers = new Peers(context.channel());
        if (context.channel().isActive() && context.channel().isRegistered()) {
            open();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        open();
    }

    private void open() {
        if (state == State.CLOSED) {
            state = State.IDLE;
            loop.add(this, ctx.channel());
            timer.arm(loop.now(), server.settings().idleTimeout());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        // Another protocol was chosen, or the channel has ended.
        end();
    }

    void end() {
        state = State.CLOSED;
        if (exchange != null) {
            exchange.lost();
        }
        endRequest();
        loop.handOver(this, ctx.channel());
        output.discard();
        pending.discard();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        reading = true;
        if (state == State.LINGER) {
            lingering.drain(in, ctx);
        } else if (state == State.CLOSED) {
            in.release();
        } else if (frames != null) {
            frames.input(in);
        } else if (intake != null) {
            intake.input(in);
        } else if (state == State.HANDLING || pending.isReadable()) {
            keep(in);
        } else {
            process(in);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        flush();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof Transport transport) {
            handshaking = transport == Transport.HANDSHAKE;
            if (transport == Transport.TLS) {
                output.secure();
            }
        }
        // Once the own end is said, TLS takes whatever it reads for that of the client: the true one comes from below.
        if (event != ChannelInputShutdownEvent.INSTANCE || state == State.LINGER && output.isSecure()) {
            return;
        }
        inputEnded = true;
        // Requests that arrived completely are still answered, those that wait included.
        if (frames != null) {
            exchange.lost();
        } else if (intake != null) {
            intake.inputEnded();
        } else if (state == State.HANDLING) {
            timer.arm(loop.now(), Deadline.PROBE_SECONDS);
            FarEnd.watch(ctx.channel());
        } else if (!pending.isReadable()) {
            closeWhenWritten();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (output.isWritable() && exchange != null) {
            exchange.writable();
        }
        if (output.isWritable() && state == State.IDLE && !processing) {
            resume();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            loop.log().alert("connection failed: " + cause);
        }
        ctx.close();
    }

    /** Keeps input that came early, and reads no more until it is wanted. */
    void keep(ByteBuf in) {
        ctx.channel().config().setAutoRead(false);
        pending.keep(in, ctx.alloc());
    }

    /** Goes on with input that was kept, or lets more come, after a request is done. */
    private void resume() {
        if (pending.isReadable()) {
            process(pending.take());
            flush();
        }
        if (state == State.HANDLING || pending.isReadable()) {
            return;
        }
        if (!inputEnded) {
            ctx.channel().config().setAutoRead(true);
        } else if (state != State.CLOSED) {
            closeWhenWritten();
        }
    }

    private void process(ByteBuf in) {
        processing = true;
        try {
            while (in.isReadable() && step(in)) {
                continue;
            }
        } finally {
            processing = false;
            if (in.isReadable() && (state == State.HANDLING || state == State.IDLE)) {
                keep(in);
            } else {
                in.release();
            }
        }
        if (handover != null) {
            handover.run();
        }
    }

    /** Takes one request, or a part of it, from the input; false if nothing more can be taken now. */
    private boolean step(ByteBuf in) {
        if (state == State.IDLE && !begin()) {
            return false;
        }
        int status = request.read(in, ctx.alloc());
        if (status == RequestReader.MORE) {
            if (request.isInBody()) {
                request.goOn(output);
                timer.arm(loop.now(), request.binding().settings().bodyReadTimeout());
            } else if (!timer.isArmed()) {
                timer.arm(startNanos, request.binding().settings().headerReadTimeout());
            }
            return false;
        }
        timer.disarm();
        if (status != RequestReader.DONE && status != RequestReader.EARLY) {
            refuse(status);
            return false;
        }
        dispatch(status == RequestReader.EARLY);
        return state == State.IDLE;
    }

    private boolean begin() {
        if (!output.isWritable()) {
            return false;
        }
        Optional<HttpBinding> entered = server.enter(loop);
        if (entered.isEmpty()) {
            idleResponse();
            return false;
        }
        request.begin(entered.get(), output.isSecure());
        loop.begun(this);
        loop.counters().request();
        startNanos = loop.now();
        timings.clear();
        timings.mark(Timings.Stage.BEGIN, startNanos);
        timer.disarm();
        state = State.READING;
        return true;
    }

    private void dispatch(boolean early) {
        state = State.HANDLING;
        timings.mark(Timings.Stage.REQUEST, loop.now());
        Http1Exchange current = new Http1Exchange(this, request);
        handover = request.asks() ? SwitchOver.of(this, current, ctx) : null;
        if (handover != null) {
            return;
        }
        exchange = current;
        intake = early ? new BodyIntake(this, request, current, ctx) : null;
        try {
            request.binding().handler().handle(current);
        } catch (RuntimeException | StackOverflowError e) {
            loop.log().alert("request handling failed: " + e);
            current.fail(500);
        }
    }

    private void refuse(int status) {
        state = State.HANDLING;
        refused = true;
        exchange = Http1Exchange.refused(this, request);
        exchange.refuse(status);
    }

    private void idleResponse() {
        if (handshaking) {
            ctx.close();
            return;
        }
        HeadWriter.idle(output.room(HeadWriter.EXTRA), shared);
        output.hurry();
        closeWhenWritten();
    }

    /** Sends what is ready, unless more input of this turn is to be handled first. */
    void flush() {
        if (!reading && !processing && output.hasGathered()) {
            output.flush();
        }
    }

    /** The exchange is complete and its response was handed over. */
    void completed(boolean keepAlive) {
        HttpSettings settings = request.binding().settings();
        output.limits(settings);
        boolean lingers = refused || frames != null || intake != null || pending.isReadable();
        endRequest();
        if (!keepAlive) {
            leave(lingers && !inputEnded);
            return;
        }
        state = State.IDLE;
        loop.rested(this);
        timer.arm(loop.now(), settings.idleTimeout());
        if (!processing) {
            flush();
            resume();
        }
    }

    private void endRequest() {
        if (frames != null) {
            frames.close();
        }
        frames = null;
        intake = null;
        exchange = null;
        request.end(this);
    }

    void upgraded(FrameListener listener) {
        frames = new FrameSession(exchange, listener, ctx.alloc(), pending, new FrameCarrier(this, exchange, ctx));
        frames.begin();
    }

    private void closeWhenWritten() {
        state = State.CLOSED;
        output.closeWhenWritten();
        endRequest();
    }

    private void leave(boolean slowly) {
        if (!slowly) {
            closeWhenWritten();
            return;
        }
        state = State.LINGER;
        pending.discard();
        lingering = new Linger(loop);
        output.shutdownWhenWritten(lingering);
        ctx.channel().config().setAutoRead(true);
    }

    void cut() {
        if (state != State.CLOSED) {
            output.discard();
            ctx.close();
        }
    }

    @Override
    protected void check(long now) {
        if (output.isBusy()) {
            if (output.isStuck(now)) {
                ctx.close();
            }
        } else if (frames != null) {
            frames.check(now);
        } else if (state == State.LINGER ? lingering.isOver(now) : timer.isOver(now) || request.isSlow(now)) {
            timer.disarm();
            expired();
        }
    }

    /** No timer runs while a request is handled, unless the client has ended its side. */
    private void expired() {
        switch (state) {
            case IDLE -> idleResponse();
            case READING -> {
                request.giveUp();
                refuse(408);
            }
            case HANDLING -> timer.arm(loop.now(), intake == null ? exchange.probe() : intake.expired());
            case LINGER -> ctx.close();
            default -> { }
        }
    }

    @Override
    protected boolean closeIfIdle(boolean slowly) {
        boolean idle = state == State.IDLE && !output.isBusy() && !output.hasGathered();
        if (idle && slowly && !handshaking) {
            leave(!inputEnded);
        } else if (idle) {
            ctx.close();
        }
        return idle;
    }
}
