// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.log.ErrorLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.util.Optional;

/**
 * One client connection: reads requests strictly one after another, hands each to the handler of its binding, and
 * keeps the timers of spec/http.md §2. Input beyond the current request waits in {@code pending}, and reading stops.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
    HttpConnection next;
    HttpConnection previous;

    private enum State { IDLE, HEAD, BODY, HANDLING, LINGER, CLOSED }

    /** How long input is drained after an error response, so that the client sees it and no reset. */
    private static final int LINGER_SECONDS = 2;
    private static final int IDLE_RESPONSE_SECONDS = 10;

    private final HttpServer server;
    private final HttpLoop loop;
    private final ReadSizes sizes;
    private ChannelHandlerContext ctx;
    private ConnectionOutput output;
    private State state = State.CLOSED;
    private HttpBinding binding;
    private HeadParser parser;
    private RequestBody body;
    private Http1Exchange exchange;
    private ByteBuf pending = Unpooled.EMPTY_BUFFER;
    private long startNanos;
    private long deadline;
    private boolean deadlineSet;
    private boolean reading;
    private boolean processing;
    private boolean inputEnded;

    HttpConnection(HttpServer server, HttpLoop loop, ReadSizes sizes) {
        this.server = server;
        this.loop = loop;
        this.sizes = sizes;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        output = new ConnectionOutput(ctx);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        state = State.IDLE;
        loop.add(this);
        arm(loop.now(), server.settings().idleTimeout());
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (state != State.CLOSED || exchange != null || parser != null) {
            lost();
        }
        loop.remove(this, wasIdle);
        output.discard();
        pending.release();
        pending = Unpooled.EMPTY_BUFFER;
    }

    private boolean wasIdle = true;

    private void lost() {
        state = State.CLOSED;
        if (exchange != null) {
            exchange.lost();
        }
        endRequest();
    }

    // ---- input

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        reading = true;
        if (state == State.LINGER || state == State.CLOSED) {
            in.release();
        } else if (state == State.HANDLING || pending.isReadable()) {
            keep(in);
        } else {
            process(in);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        output.flush();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event != ChannelInputShutdownEvent.INSTANCE) {
            return;
        }
        inputEnded = true;
        // Requests that arrived completely are still answered, pipelined ones too.
        if (state != State.HANDLING && !pending.isReadable()) {
            output.flush();
            output.closeWhenWritten();
            endEarly();
        }
    }

    private void endEarly() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            endRequest();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!ctx.channel().isWritable()) {
            return;
        }
        if (exchange != null) {
            exchange.writable();
        }
        if (state == State.IDLE && pending.isReadable() && !processing) {
            resume();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            ErrorLog.shared().alert("connection failed: " + cause);
        }
        ctx.close();
    }

    /** Keeps input that came early, and reads no more until it is wanted. */
    private void keep(ByteBuf in) {
        ctx.channel().config().setAutoRead(false);
        if (!pending.isReadable()) {
            pending.release();
            pending = in;
            return;
        }
        ByteBuf both = ctx.alloc().directBuffer(pending.readableBytes() + in.readableBytes());
        both.writeBytes(pending).writeBytes(in);
        pending.release();
        in.release();
        pending = both;
    }

    private void resume() {
        ByteBuf in = pending;
        pending = Unpooled.EMPTY_BUFFER;
        process(in);
        if (pending.isReadable() || state == State.CLOSED) {
            return;
        }
        if (inputEnded) {
            if (state != State.HANDLING) {
                output.closeWhenWritten();
                endEarly();
            }
            return;
        }
        ctx.channel().config().setAutoRead(true);
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
    }

    /** Takes one request, or a part of it, from the input; false if nothing more can be taken now. */
    private boolean step(ByteBuf in) {
        if (state == State.IDLE && !begin()) {
            return false;
        }
        if (state == State.HEAD && !head(in)) {
            return false;
        }
        if (state == State.BODY && !body(in)) {
            return false;
        }
        if (state == State.CLOSED || state == State.LINGER) {
            return false;
        }
        dispatch();
        return state == State.IDLE && output.isWritable();
    }

    private boolean begin() {
        if (!output.isWritable()) {
            return false;
        }
        Optional<HttpBinding> entered = server.enter();
        if (entered.isEmpty()) {
            idleResponse();
            return false;
        }
        binding = entered.get();
        parser = loop.takeParser();
        parser.start(binding.settings());
        loop.counters().begun();
        wasIdle = false;
        startNanos = loop.now();
        deadlineSet = false;
        state = State.HEAD;
        return true;
    }

    private boolean head(ByteBuf in) {
        int result = parser.feed(in);
        if (result == HeadParser.MORE) {
            if (!deadlineSet) {
                arm(startNanos, binding.settings().headerReadTimeout());
            }
            return false;
        }
        deadlineSet = false;
        RequestHead head = parser.head();
        HeadRules rules = loop.rules();
        int status = result;
        if (result == HeadParser.DONE) {
            status = rules.apply(head, binding.settings());
            if (status == 0 && binding.tls()) {
                status = Http1Exchange.PLAIN_ON_TLS;
            }
            if (status == 0) {
                status = rules.framing(head, binding.settings());
            }
        } else {
            head.malformed();
        }
        if (status != 0) {
            refuse(status);
            return false;
        }
        if (!rules.chunked && rules.contentLength <= 0) {
            exchange = new Http1Exchange(this, head, rules.keepAlive, rules.webSocket, startNanos);
            return true;
        }
        return startBody(head, rules);
    }

    private boolean startBody(RequestHead head, HeadRules rules) {
        exchange = new Http1Exchange(this, head, rules.keepAlive, rules.webSocket, startNanos);
        try {
            body = new RequestBody(rules.chunked ? -1 : rules.contentLength, binding.settings(), ctx.alloc());
        } catch (RuntimeException e) {
            ErrorLog.shared().alert("no file for a request body in \"" + binding.settings().bodyTempPath() + "\": "
                + e.getMessage());
            refuse(500);
            return false;
        }
        state = State.BODY;
        return true;
    }

    private boolean body(ByteBuf in) {
        int result;
        try {
            result = body.feed(in);
        } catch (IOException e) {
            ErrorLog.shared().alert("a request body could not be stored: " + e.getMessage());
            result = 500;
        }
        if (result == RequestBody.MORE) {
            sizes.expect(body.left());
            arm(loop.now(), binding.settings().bodyReadTimeout());
            return false;
        }
        sizes.expect(0);
        deadlineSet = false;
        if (result != RequestBody.DONE) {
            refuse(result);
            return false;
        }
        if (body.isChunked()) {
            parser.head().unchunk(body.size());
        }
        exchange.body(body);
        return true;
    }

    private void dispatch() {
        state = State.HANDLING;
        Http1Exchange current = exchange;
        try {
            binding.handler().handle(current);
        } catch (RuntimeException | StackOverflowError e) {
            ErrorLog.shared().alert("request handling failed: " + e);
            current.fail(500);
        }
    }

    /** Answers with an error page, then closes. */
    private void refuse(int status) {
        if (exchange == null) {
            exchange = new Http1Exchange(this, parser.head(), false, false, startNanos);
        }
        state = State.HANDLING;
        exchange.refuse(status);
    }

    private void idleResponse() {
        wasIdle = state == State.IDLE;
        output.append(Http1Exchange.idleResponse(loop, server.settings()));
        closeWhenWritten(IDLE_RESPONSE_SECONDS);
    }

    // ---- used by the exchange

    HttpLoop loop() {
        return loop;
    }

    ChannelHandlerContext context() {
        return ctx;
    }

    HttpSettings settings() {
        return binding.settings();
    }

    ConnectionOutput output() {
        return output;
    }

    /** Sends what is ready, unless more input of this turn is to be handled first. */
    void flush() {
        if (!reading && !processing) {
            output.flush();
        }
    }

    /** Takes the file region, whose transfer the exchange awaits. */
    void send(FileRegion region, Runnable sent) {
        output.append(region, sent);
    }

    /** The exchange is complete and its response was handed over. */
    void completed(boolean keepAlive, boolean refused) {
        exchange = null;
        int sendTimeout = binding.settings().sendTimeout();
        int idleTimeout = binding.settings().idleTimeout();
        endRequest();
        output.sendTimeout(sendTimeout);
        if (!keepAlive) {
            if (refused && !inputEnded) {
                linger();
            } else {
                closeWhenWritten(sendTimeout);
            }
            return;
        }
        state = State.IDLE;
        wasIdle = true;
        loop.counters().rested();
        arm(loop.now(), idleTimeout);
        if (processing) {
            return;
        }
        flush();
        if (pending.isReadable()) {
            if (output.isWritable()) {
                resume();
            }
        } else if (inputEnded) {
            closeWhenWritten(sendTimeout);
        }
    }

    private void endRequest() {
        exchange = null;
        if (body != null) {
            body.close();
            body = null;
        }
        if (parser != null) {
            loop.giveParser(parser);
            parser = null;
            binding.generation().leave();
            binding = null;
        }
    }

    private void closeWhenWritten(int seconds) {
        state = State.CLOSED;
        output.sendTimeout(seconds);
        output.closeWhenWritten();
    }

    private void linger() {
        state = State.LINGER;
        output.flush();
        output.shutdownWhenWritten();
        arm(loop.now(), LINGER_SECONDS);
        ctx.channel().config().setAutoRead(true);
    }

    /** Cuts the connection at once. */
    void cut() {
        output.discard();
        ctx.channel().close();
    }

    // ---- timers

    private void arm(long from, int seconds) {
        deadlineSet = seconds > 0;
        deadline = from + seconds * 1_000_000_000L;
    }

    /** Looks whether a timer has expired; called by the loop's tick. */
    void check(long now) {
        if (output.isBusy()) {
            if (output.isStuck(now)) {
                cut();
            }
            return;
        }
        if (!deadlineSet || deadline - now > 0) {
            return;
        }
        deadlineSet = false;
        switch (state) {
            case IDLE -> idleResponse();
            case HEAD -> {
                parser.head().malformed();
                refuse(408);
            }
            case BODY -> refuse(408);
            case LINGER -> ctx.close();
            default -> {
            }
        }
    }

    /** Closes the connection if it waits for a request and has nothing to send. */
    boolean closeIfIdle() {
        if (state != State.IDLE || output.isBusy()) {
            return false;
        }
        ctx.close();
        return true;
    }

    ChannelFutureListener closing() {
        return ChannelFutureListener.CLOSE;
    }
}
