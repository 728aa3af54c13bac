// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.engine.Generation;
import io.margay.http.ExchangeHandler;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.HttpSettings;
import io.margay.log.ErrorLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A connection without a socket: literal HTTP text in, literal text out, and a clock that the test moves. */
public final class Wire implements AutoCloseable {
    static final byte[] NOTHING = {};

    final Generation generation = new Generation();
    final HttpServer server;
    final HttpLoop loop;
    final EmbeddedChannel channel;
    private final AtomicLong nanos = new AtomicLong(1);
    private final StringBuilder received = new StringBuilder();

    /** A connection whose requests get the handler. */
    public Wire(HttpSettings settings, ExchangeHandler handler) {
        server = new HttpServer(new HttpBinding(settings, handler, generation, false));
        channel = new EmbeddedChannel();
        loop = new HttpLoop(channel.eventLoop(), 0, "1.35.0", ErrorLog.standardError(), nanos::get);
        new Http1Protocol().attach(channel, server, loop);
    }

    /** A connection with default settings. */
    public Wire(ExchangeHandler handler) {
        this(HttpSettings.DEFAULTS, handler);
    }

    /** One more connection to the same loop. */
    EmbeddedChannel another() {
        EmbeddedChannel more = new EmbeddedChannel();
        new Http1Protocol().attach(more, server, loop);
        return more;
    }

    /** Sends text, byte for byte. */
    public Wire send(String text) {
        channel.writeInbound(bytes(text));
        return this;
    }

    /** Sends text one byte at a time. */
    public Wire trickle(String text) {
        for (char c : text.toCharArray()) {
            send(String.valueOf(c));
        }
        return this;
    }

    static ByteBuf bytes(String text) {
        return Unpooled.directBuffer(text.length() + 1).writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Everything received so far. */
    public String received() {
        for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            received.append(out instanceof ByteBuf data ? data.toString(StandardCharsets.ISO_8859_1)
                : "<file of " + ((FileRegion) out).count() + " bytes>");
            ReferenceCountUtil.release(out);
        }
        return received.toString();
    }

    /** Everything received since the last call, with the date replaced. */
    public String take() {
        String text = received();
        received.setLength(0);
        return text.replaceAll("Date: ..., .. ... .... ..:..:.. GMT", "Date: D");
    }

    /** The status of the next response, which is taken away; 0 if there is none. */
    public int status() {
        String text = take();
        return text.startsWith("HTTP/1.1 ") ? Integer.parseInt(text.substring(9, 12)) : 0;
    }

    /** Lets time pass and the timers look at it. */
    public Wire pass(double seconds) {
        nanos.addAndGet((long) (seconds * 1e9));
        loop.check();
        channel.runPendingTasks();
        return this;
    }

    /** Ends the client's side. */
    public Wire endInput() {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        return this;
    }

    boolean isOpen() {
        channel.runPendingTasks();
        return channel.isOpen();
    }

    @Override
    public void close() {
        received();
        channel.advanceTimeBy(1, TimeUnit.DAYS);
        channel.finishAndReleaseAll();
    }
}
