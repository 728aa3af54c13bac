// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static io.margay.testing.Http2Frames.frame;
import static io.margay.testing.Http2Frames.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2Settings;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames of a server that make work and bring nothing end its connection; what servers really do does not. */
class Http2GuardTest implements Http2Frames.Events {
    private static final int SETTINGS = io.margay.testing.Http2Frames.SETTINGS;
    private static final int PING = io.margay.testing.Http2Frames.PING;
    private static final int WINDOW = io.margay.testing.Http2Frames.WINDOW;
    private static final int DATA = io.margay.testing.Http2Frames.DATA;
    private static final int PRIORITY = io.margay.testing.Http2Frames.PRIORITY;
    private static final int GOAWAY = io.margay.testing.Http2Frames.GOAWAY;
    private static final int CALM = 11;
    private static final int MANY = 20_000;
    private static final long SECOND = 1_000_000_000;

    private final EmbeddedChannel client = new EmbeddedChannel();
    private final Http2Frames frames = Http2Frames.install(client, false, 16 << 10, this, () -> this.now);
    private long now;
    private boolean ended;
    private int lastCode = -1;

    @Override
    public void allows(Http2Settings settings) {
    }

    @Override
    public void leaves() {
    }

    @Override
    public void ended() {
        ended = true;
    }

    @AfterEach
    void end() {
        client.finishAndReleaseAll();
    }

    static Stream<Arguments> floods() {
        return Stream.of(flood("settings", i -> frame(SETTINGS, 0, 0)),
            flood("answers to settings", i -> frame(SETTINGS, 1, 0)),
            flood("pings", i -> frame(PING, 0, 0, new byte[8])),
            flood("answers to pings", i -> frame(PING, 1, 0, new byte[8])),
            flood("priorities", i -> frame(PRIORITY, 0, 2 * i + 1, new byte[5])),
            flood("unknown frames", i -> frame(99, 0, 0)),
            flood("small windows", i -> number(WINDOW, 0, 1)),
            flood("small windows of a stream", i -> number(WINDOW, 3, 1)),
            flood("ends", i -> frame(GOAWAY, 0, 0, new byte[] {0, 0, 0, 99, 0, 0, 0, 0})),
            flood("empty parts", i -> i == 0 ? frame(io.margay.testing.Http2Frames.HEADERS, 4, 3,
                io.margay.testing.Http2Frames.fields(":status", "200")) : frame(DATA, 0, 3)));
    }

    private static Arguments flood(String name, IntFunction<byte[]> frames) {
        return Arguments.of(name, frames);
    }

    private void sends(byte[] bytes) {
        client.writeInbound(Unpooled.wrappedBuffer(bytes));
        client.runPendingTasks();
        for (ByteBuf out = client.readOutbound(); out != null; out = client.readOutbound()) {
            if (out.readableBytes() >= 17 && out.getByte(out.readerIndex() + 3) == GOAWAY) {
                lastCode = out.getInt(out.readerIndex() + 13);
            }
            out.release();
        }
    }

    private Channel request() {
        sends(frame(SETTINGS, 0, 0));
        Channel stream = frames.open().orElseThrow();
        stream.writeAndFlush(Unpooled.copiedBuffer("GET / HTTP/1.1\r\nHost: h\r\n\r\n", StandardCharsets.ISO_8859_1));
        return stream;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("floods")
    void isLeft(String name, IntFunction<byte[]> flood) {
        request();
        int sent = 0;
        while (client.isOpen() && sent < MANY) {
            sends(flood.apply(sent++));
        }
        assertTrue(sent < MANY, "all of it was taken");
        assertTrue(ended);
        assertEquals(CALM, lastCode);
    }

    @Test
    void whoIsSlowMaySendAnyNumber() {
        request();
        for (int i = 0; i < 5000; i++) {
            sends(frame(PING, 0, 0, new byte[8]));
            now += i % 500 == 0 ? SECOND : 0;
        }
        assertTrue(client.isOpen());
    }

    /** Each part of a body may be followed by windows. */
    @Test
    void whoTakesBodiesMayOpenWindows() {
        sends(frame(SETTINGS, 0, 0));
        Channel put = frames.open().orElseThrow();
        put.writeAndFlush(Unpooled.copiedBuffer("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 20000\r\n\r\n",
            StandardCharsets.ISO_8859_1));
        for (int i = 0; i < MANY; i++) {
            put.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
            sends(number(WINDOW, 3, 1));
        }
        assertTrue(client.isOpen());
    }

    /** Answers to what a server asks wait for it, but not without end. */
    @Test
    void whoAsksMustRead() {
        request();
        client.unsafe().outboundBuffer().addMessage(Unpooled.buffer(2 << 20).writerIndex(2 << 20), 2 << 20,
            client.newPromise());
        sends(frame(PING, 0, 0, new byte[8]));
        assertFalse(client.isOpen());
    }
}
