// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.engine.Generation;
import io.margay.http.ExchangeHandler;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.HttpSettings;
import io.margay.http.Protocol;
import io.margay.http.Protocols;
import io.margay.testing.Http2Frames;
import io.margay.testing.Http2Frames.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A client without a socket: frames in, frames out, and a clock that the test moves. */
final class Peer implements AutoCloseable {
    final Generation generation = new Generation();
    final List<String> log = new ArrayList<>();
    final Http2Protocol protocol = new Http2Protocol();
    final HttpServer server;
    final HttpLoop loop;
    final EmbeddedChannel channel = new EmbeddedChannel();
    private final AtomicLong nanos = new AtomicLong(1);
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    /** Has begun, with these settings of its own. */
    Peer(HttpSettings settings, ExchangeHandler handler, int... own) {
        server = new HttpServer(new HttpBinding(settings, handler, generation, false));
        loop = new HttpLoop(channel.eventLoop(), 0, "1.35.0", (level, text) -> log.add(level + " " + text), nanos::get);
        protocol.attach(channel, server, loop);
        send(Http2Frames.preface(own));
        frames();
    }

    Peer(ExchangeHandler handler) {
        this(HttpSettings.DEFAULTS, handler);
    }

    /** Has said nothing, and is heard as one that speaks HTTP/1.1 unless it asks for another protocol. */
    Peer(ExchangeHandler handler, Protocol usual) {
        Protocols both = Protocols.of(List.of(usual, protocol));
        server = new HttpServer(new HttpBinding(HttpSettings.DEFAULTS, handler, generation, false), both);
        loop = new HttpLoop(channel.eventLoop(), 0, "1.35.0", (level, text) -> log.add(level + " " + text), nanos::get);
        both.attach(channel, server, loop);
    }

    Peer send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** What was received up to the next empty line. */
    String head() {
        receive();
        String text = received.toString(StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        received.reset();
        received.writeBytes(text.substring(end < 0 ? 0 : end + 4).getBytes(StandardCharsets.ISO_8859_1));
        return end < 0 ? "" : text.substring(0, end);
    }

    Peer send(byte[]... frames) {
        for (byte[] frame : frames) {
            channel.writeInbound(Unpooled.directBuffer(frame.length + 1).writeBytes(frame));
        }
        channel.runPendingTasks();
        return this;
    }

    private void receive() {
        for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            ByteBuf data = (ByteBuf) out;
            byte[] bytes = new byte[data.readableBytes()];
            data.readBytes(bytes).release();
            received.writeBytes(bytes);
        }
    }

    /** The frames since the last call. */
    List<Frame> frames() {
        receive();
        List<Frame> frames = Http2Frames.parse(received.toByteArray());
        received.reset();
        return frames;
    }

    /** What was received on streams since the last call, in words. */
    String take() {
        StringBuilder words = new StringBuilder();
        for (Frame frame : frames()) {
            String end = frame.has(Http2Frames.END_STREAM) ? " end" : "";
            switch (frame.type()) {
                case Http2Frames.HEADERS -> words.append(frame.stream()).append(" [").append(fields(frame)).append(']')
                    .append(end).append('\n');
                case Http2Frames.DATA -> words.append(frame.stream()).append(' ').append(new String(frame.payload(),
                    StandardCharsets.ISO_8859_1)).append(end).append('\n');
                case Http2Frames.RESET -> words.append(frame.stream()).append(" reset ").append(frame.number())
                    .append('\n');
                case Http2Frames.GOAWAY -> words.append("goaway ").append(frame.number()).append(' ')
                    .append(frame.code()).append('\n');
                default -> { }
            }
        }
        return words.toString().strip();
    }

    private String fields(Frame frame) {
        StringBuilder text = new StringBuilder();
        try {
            decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.payload())).forEach(field -> {
                String value = field.getKey().toString().equals("date") ? "D" : field.getValue().toString();
                text.append(text.isEmpty() ? "" : ", ").append(field.getKey()).append('=').append(value);
            });
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }

    /** Lets time pass and the timers look at it. */
    Peer pass(double seconds) {
        nanos.addAndGet((long) (seconds * 1e9));
        loop.check();
        channel.runPendingTasks();
        return this;
    }

    boolean isOpen() {
        channel.runPendingTasks();
        return channel.isOpen();
    }

    @Override
    public void close() {
        frames();
        if (channel.isOpen()) {
            channel.advanceTimeBy(1, TimeUnit.DAYS);
            channel.finishAndReleaseAll();
        }
        CompletableFuture<Void> left = generation.retire().toCompletableFuture();
        channel.runPendingTasks();
        assertTrue(left.isDone(), "a request is counted still");
    }
}
