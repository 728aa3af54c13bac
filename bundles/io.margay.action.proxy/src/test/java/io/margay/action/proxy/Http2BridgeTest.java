// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection of ours and Netty's server side, byte for byte. */
class Http2BridgeTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String PUT = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n";
    private static final int WINDOW = 65_535;

    private final EmbeddedChannel client = new EmbeddedChannel();
    private final EmbeddedChannel server = new EmbeddedChannel(Http2FrameCodecBuilder.forServer().build());
    private final StringBuilder answers = new StringBuilder();
    private Http2FrameStream stream;
    private int received;

    @BeforeEach
    void install() {
        Http2Bridge.install(client.pipeline(), Optional.empty(), false, 16 << 10);
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
                stream = head.stream();
            } else if (in instanceof Http2DataFrame data) {
                received += data.content().readableBytes();
            }
            ReferenceCountUtil.release(in);
        }
        for (ByteBuf in = client.readInbound(); in != null; in = client.readInbound()) {
            answers.append(in.toString(StandardCharsets.ISO_8859_1));
            in.release();
        }
    }

    private void ask(String request) {
        client.writeOutbound(bytes(request));
        exchange();
    }

    private void head(boolean last) {
        server.writeOutbound(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")
            .set("content-length", "3"), last).stream(stream));
        exchange();
    }

    private void data() {
        server.writeOutbound(new DefaultHttp2DataFrame(bytes("abc"), true).stream(stream));
        exchange();
    }

    @Test
    void aStreamForEachRequest() {
        for (int id = 3; id <= 7; id += 2) {
            answers.setLength(0);
            ask(GET);
            assertEquals(id, stream.id());
            head(false);
            data();
            assertEquals("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", answers.toString());
        }
        assertTrue(client.isOpen());
    }

    /** The channel is always writable, but the windows of the server are not always open. */
    @Test
    void aBodyWaitsForWindows() {
        ask(PUT);
        client.writeOutbound(bytes("x".repeat(150_000)));
        exchange();
        assertEquals(WINDOW, received);
        assertTrue(client.isWritable());
        assertFalse(Http2Bridge.takesMore(client));
        assertEquals(0, Http2Bridge.sent(client), "the part is not through");
    }

    @Test
    void aServerThatLeavesEndsItsAnswer() {
        ask(GET);
        head(false);
        server.writeOutbound(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(2));
        exchange();
        assertTrue(client.isOpen());
        data();
        assertTrue(answers.toString().endsWith("\r\n\r\nabc"), answers::toString);
        assertFalse(client.isOpen());
    }

    @Test
    void aServerThatLeavesWhileNothingIsAsked() {
        ask(GET);
        head(false);
        data();
        server.writeOutbound(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
        exchange();
        assertFalse(client.isOpen());
    }

    @Test
    void aResetEndsTheConnection() {
        ask(GET);
        head(false);
        server.writeOutbound(new DefaultHttp2ResetFrame(Http2Error.CANCEL).stream(stream));
        exchange();
        assertFalse(client.isOpen());
    }

    @Test
    void whoClosesDoesNotWaitForTheRestOfAnAnswer() {
        ask(GET);
        head(false);
        client.close();
        client.runScheduledPendingTasks();
        assertFalse(client.isOpen());
    }

    @Test
    void whatHasNoFormInHttp2EndsTheConnection() {
        assertFalse(client.writeOneOutbound(bytes(GET.replace("Host: h", "Upgrade: x"))).isSuccess());
        assertFalse(client.isOpen());
    }
}
