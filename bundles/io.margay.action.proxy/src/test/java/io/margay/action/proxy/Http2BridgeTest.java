// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection of ours and Netty's server side, byte for byte. */
class Http2BridgeTest implements Http2Frames.Events {
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String PUT = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n";
    private static final String SOCKET = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
        + "Upgrade: websocket\r\n\r\n";
    private static final int WINDOW = 65_535;
    private static final int OUR_WINDOW = 128 << 10;
    private static final long SECOND = 1_000_000_000;

    private final EmbeddedChannel client = new EmbeddedChannel();
    private final EmbeddedChannel server = new EmbeddedChannel(Http2FrameCodecBuilder.forServer()
        .initialSettings(Http2Settings.defaultSettings().maxConcurrentStreams(7)).build());
    private final Http2Frames frames = Http2Frames.install(client, false, 16 << 10, this, () -> this.now);
    private final List<Http2FrameStream> streams = new ArrayList<>();
    private final List<Long> resets = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private Http2Headers asked;
    private long now;
    private int received;

    /** One request and what is read of its answer. */
    private final class Exchange extends ChannelInboundHandlerAdapter {
        private final Channel channel = frames.open().orElseThrow();
        private final StringBuilder answer = new StringBuilder();
        private boolean refused;

        Exchange(String request) {
            channel.pipeline().addLast(this);
            channel.writeAndFlush(bytes(request));
            exchange();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf part = (ByteBuf) message;
            answer.append(part.toString(StandardCharsets.ISO_8859_1));
            part.release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            refused = Http2Bridge.isRefused(ctx.channel());
        }
    }

    @Override
    public void allows(Http2Settings settings) {
        heard.add("allows " + settings.maxConcurrentStreams());
    }

    @Override
    public void leaves() {
        heard.add("leaves");
    }

    @Override
    public void ended() {
        heard.add("ended");
    }

    @AfterEach
    void end() {
        for (EmbeddedChannel each : List.of(client, server)) {
            each.close();
            each.releaseInbound();
            each.releaseOutbound();
        }
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    /** Carries bytes to and fro until there are none. */
    private void exchange() {
        for (boolean more = true; more;) {
            more = false;
            for (ByteBuf out = client.readOutbound(); out != null; out = client.readOutbound()) {
                more = true;
                server.writeInbound(out);
            }
            for (ByteBuf out = server.readOutbound(); out != null; out = server.readOutbound()) {
                if (client.isOpen()) {
                    more = true;
                    client.writeInbound(out);
                } else {
                    out.release();
                }
            }
            client.runPendingTasks();
        }
        for (Object in = server.readInbound(); in != null; in = server.readInbound()) {
            if (in instanceof Http2HeadersFrame head) {
                streams.add(head.stream());
                asked = head.headers();
            } else if (in instanceof Http2DataFrame data) {
                received += data.content().readableBytes();
            } else if (in instanceof Http2ResetFrame reset) {
                resets.add(reset.errorCode());
            }
            ReferenceCountUtil.release(in);
        }
    }

    private void says(Http2Frame frame) {
        server.writeOutbound(frame);
        exchange();
    }

    private void head(int stream, String length) {
        says(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200").set("content-length", length))
            .stream(streams.get(stream)));
    }

    private void data(int stream, String text, boolean last) {
        says(new DefaultHttp2DataFrame(bytes(text), last).stream(streams.get(stream)));
    }

    @Test
    void streamsGoSideBySide() {
        Exchange[] all = {new Exchange(GET), new Exchange(GET.replace("/ ", "/b ")), new Exchange(GET)};
        assertEquals(List.of("allows 7"), heard);
        assertEquals(List.of(3, 5, 7), streams.stream().map(Http2FrameStream::id).toList());
        for (int each : new int[] {2, 0, 1}) {
            head(each, "3");
        }
        for (int each : new int[] {1, 2, 0}) {
            data(each, "ab" + each, true);
            assertFalse(all[each].channel.isOpen(), "a stream has one request");
        }
        for (int i = 0; i < 3; i++) {
            assertEquals("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab" + i, all[i].answer.toString());
        }
        assertTrue(client.isOpen());
        assertEquals(List.of(), resets);
    }

    /** A stream whose windows are shut does not take more; the others do. */
    @Test
    void aBodyWaitsForWindowsAndEachByteCounts() {
        Exchange put = new Exchange(PUT);
        put.channel.writeAndFlush(bytes("x".repeat(150_000)));
        exchange();
        assertEquals(WINDOW, received);
        assertFalse(put.channel.isWritable());
        assertEquals(WINDOW, Http2Bridge.sent(put.channel), "a part that has not left as a whole");
        // A window of one byte, on the connection and on its stream.
        client.writeInbound(Unpooled.wrappedBuffer(new byte[] {0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1,
            0, 0, 4, 8, 0, 0, 0, 0, 3, 0, 0, 0, 1}));
        assertEquals(WINDOW + 1, Http2Bridge.sent(put.channel));
        client.releaseOutbound();
        assertTrue(client.isWritable());
        assertTrue(new Exchange(GET).channel.isWritable());
    }

    /** What is not read stays in the window of its stream, and takes nothing from those of others. */
    @Test
    void aClientThatDoesNotReadStopsItsStreamOnly() {
        Exchange slow = new Exchange(GET);
        Exchange fast = new Exchange(GET);
        slow.channel.config().setAutoRead(false);
        head(0, "1000000");
        head(1, "1000000");
        for (int i = 0; i < 50; i++) {
            data(0, "s".repeat(20_000), i == 49);
            data(1, "f".repeat(20_000), i == 49);
        }
        assertTrue(slow.answer.length() < 20_000, "nothing of it was read");
        assertTrue(fast.answer.toString().endsWith("f".repeat(1_000_000)));
        slow.channel.config().setAutoRead(true);
        exchange();
        assertTrue(slow.answer.toString().endsWith("s".repeat(1_000_000)));
        assertTrue(OUR_WINDOW < 1_000_000);
    }

    @Test
    void aServerThatLeavesEndsItsAnswers() {
        Exchange early = new Exchange(GET);
        Exchange late = new Exchange(GET);
        head(0, "3");
        says(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR, Unpooled.EMPTY_BUFFER));
        assertEquals(List.of("allows 7", "leaves"), heard);
        assertTrue(early.channel.isOpen());
        data(0, "abc", true);
        assertTrue(early.answer.toString().endsWith("\r\n\r\nabc"), early.answer::toString);
        assertTrue(late.channel.isOpen(), "it is among those that are answered");
        assertFalse(late.refused);
    }

    @Test
    void streamsThatAServerHasNotSeenAreRefused() {
        Exchange early = new Exchange(GET);
        Exchange late = new Exchange(GET);
        // It has not come to the second one: as if its GOAWAY had been sent before.
        client.writeInbound(Unpooled.wrappedBuffer(new byte[] {0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0}));
        client.runPendingTasks();
        assertTrue(late.refused);
        assertFalse(late.channel.isOpen());
        assertFalse(early.refused);
        assertTrue(early.channel.isOpen());
    }

    @Test
    void aResetEndsItsStreamOnly() {
        Exchange cut = new Exchange(GET);
        Exchange refused = new Exchange(GET);
        Exchange good = new Exchange(GET);
        head(0, "3");
        says(new DefaultHttp2ResetFrame(Http2Error.CANCEL).stream(streams.get(0)));
        says(new DefaultHttp2ResetFrame(Http2Error.REFUSED_STREAM).stream(streams.get(1)));
        assertFalse(cut.channel.isOpen());
        assertFalse(cut.refused);
        assertFalse(refused.channel.isOpen());
        assertTrue(refused.refused);
        head(2, "3");
        data(2, "abc", true);
        assertTrue(good.answer.toString().endsWith("abc"));
    }

    @Test
    void whoIsNotWantedIsReset() {
        Exchange unwanted = new Exchange(GET);
        head(0, "3");
        unwanted.channel.close();
        exchange();
        assertEquals(List.of(Http2Error.CANCEL.code()), resets);
        assertTrue(client.isOpen());
    }

    /** Many servers end a stream with a frame of its own behind the body. */
    @Test
    void theEndOfAnAnswerIsAwaited() {
        Exchange one = new Exchange(GET);
        head(0, "3");
        data(0, "abc", false);
        Http2Bridge.leave(one.channel);
        data(0, "", true);
        assertFalse(one.channel.isOpen());
        assertEquals(List.of(), resets);
        Exchange other = new Exchange(GET);
        head(1, "0");
        Http2Bridge.leave(other.channel);
        client.advanceTimeBy(6, TimeUnit.SECONDS);
        client.runScheduledPendingTasks();
        exchange();
        assertEquals(List.of(Http2Error.CANCEL.code()), resets, "but not forever");
    }

    @Test
    void anAnswerThatIsBrokenIsReset() {
        Exchange one = new Exchange(GET);
        head(0, "3");
        data(0, "abcd", true);
        assertFalse(one.channel.isOpen());
        assertTrue(client.isOpen());
    }

    @Test
    void aServerThatSendsFramesForNothingIsLeft() {
        for (int second = 0; second < 3; second++) {
            for (int i = 0; i < 900; i++) {
                server.writeOutbound(new DefaultHttp2PingFrame(i));
            }
            exchange();
            assertTrue(client.isOpen());
            now += SECOND;
        }
        for (int i = 0; i < 2001; i++) {
            server.writeOutbound(new DefaultHttp2PingFrame(i));
        }
        exchange();
        assertFalse(client.isOpen());
        assertTrue(heard.contains("ended"));
    }

    @Test
    void whoClosesDoesNotWaitForTheRestOfAnAnswer() {
        new Exchange(GET);
        head(0, "3");
        client.close();
        client.runScheduledPendingTasks();
        assertFalse(client.isOpen());
    }

    @Test
    void whatHasNoFormInHttp2EndsTheStream() {
        assertFalse(new Exchange(GET.replace("Host: h", "Upgrade: x")).channel.isOpen());
        assertTrue(client.isOpen());
    }

    @Test
    void theFieldsOfARequest() {
        new Exchange(GET);
        assertEquals("h", asked.authority().toString());
        assertEquals("http", asked.scheme().toString());
    }

    @Test
    void aWebSocketPassesBothWaysUntilOneEnds() {
        Exchange socket = new Exchange(SOCKET);
        assertEquals("CONNECT", asked.method().toString());
        assertEquals("websocket", asked.get(":protocol").toString());
        says(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")).stream(streams.getFirst()));
        assertTrue(socket.answer.toString().startsWith("HTTP/1.1 101 "));
        socket.channel.writeAndFlush(bytes("from the client"));
        exchange();
        assertEquals(15, received);
        data(0, "abc", false);
        assertTrue(socket.answer.toString().endsWith("\r\n\r\nabc"));
        assertTrue(socket.channel.isOpen());
        data(0, "", true);
        assertFalse(socket.channel.isOpen(), "this side ends as well");
        assertEquals(List.of(), resets);
        Exchange other = new Exchange(SOCKET);
        says(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")).stream(streams.get(1)));
        other.channel.close();
        exchange();
        assertEquals(List.of(Http2Error.CANCEL.code()), resets, "a client that has gone");
    }
}
