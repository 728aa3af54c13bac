// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Any frames of a server in HTTP/2 are an answer in HTTP/1.1 or the end of its connection: the same whole answer in
 * whatever parts they come, and what is written of one can always be read.
 */
public final class StreamAnswerFuzz implements Http2Frames.Events {
    /** With leave to ask for WebSockets (RFC 8441 §3). */
    private static final byte[] SETTINGS = {0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1};
    private static final int LONGEST_HEAD = 400;
    private static final String[] REQUESTS = {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 90000\r\n\r\n" + "x".repeat(90_000),
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"};

    private StreamAnswerFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        int request = data.consumeInt(0, REQUESTS.length - 1);
        int[] sizes = data.consumeInts(data.consumeInt(0, 8));
        byte[] bytes = data.consumeRemainingAsBytes();
        String whole = answer(request, bytes, bytes.length);
        String cut = answer(request, bytes, sizes);
        String single = answer(request, bytes, 1);
        if (!whole.equals(cut) || !whole.equals(single)) {
            throw new IllegalStateException("pieces make a difference:\n" + String.join("\n---\n", whole, cut, single));
        }
    }

    /** What a client would get when the bytes come in pieces of these sizes, again and again. */
    private static String answer(int request, byte[] bytes, int... sizes) {
        EmbeddedChannel channel = new EmbeddedChannel();
        Http2Frames frames = Http2Frames.install(channel, false, LONGEST_HEAD, new StreamAnswerFuzz(), () -> 1);
        write(channel, SETTINGS);
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        Channel stream = frames.open().orElseThrow();
        stream.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                seen.writeBytes(ByteBufUtil.getBytes((ByteBuf) message));
                ReferenceCountUtil.release(message);
            }
        });
        stream.writeAndFlush(Unpooled.copiedBuffer(REQUESTS[request], StandardCharsets.US_ASCII));
        for (int at = 0, i = 0; at < bytes.length && channel.isOpen(); i++) {
            int size = sizes.length == 0 ? bytes.length : Math.clamp(sizes[i % sizes.length], 1, 3_000);
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size));
            at += piece.length;
            write(channel, piece);
        }
        channel.close();
        channel.advanceTimeBy(1, TimeUnit.DAYS);
        channel.finishAndReleaseAll();
        if (stream.isOpen()) {
            throw new IllegalStateException("a stream has outlived its connection");
        }
        SeenAnswer answer = new SeenAnswer(false, LONGEST_HEAD * 20, request == 1, request == REQUESTS.length - 1);
        answer.read(seen.toByteArray(), Math.max(1, seen.size()));
        if (answer.isBad()) {
            throw new IllegalStateException("no answer: " + seen.toString(StandardCharsets.ISO_8859_1));
        }
        // Of what is not whole more or less may have come through before the connection ended.
        return answer.isComplete() ? answer.toString() : "";
    }

    private static void write(EmbeddedChannel channel, byte[] piece) {
        if (channel.isOpen()) {
            channel.writeInbound(Unpooled.directBuffer(piece.length).writeBytes(piece));
            channel.runPendingTasks();
        }
        for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            ReferenceCountUtil.release(out);
        }
    }

    @Override
    public void allows(Http2Settings settings) {
        // What the server allows changes nothing for a request that is on its way.
    }

    @Override
    public void leaves() {
        // The answer may still come.
    }

    @Override
    public void ended() {
        // The stream has heard of it.
    }
}
