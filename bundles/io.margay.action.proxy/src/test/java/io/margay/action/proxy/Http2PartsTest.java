// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2WindowUpdateFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Parts of bodies that nobody reads; what comes out of the channel is what waits in that of the stream. */
class Http2PartsTest {
    private static final int WINDOW = 128 << 10;
    private static final int PIECE = 16 << 10;

    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final Http2Parts parts = new Http2Parts(channel.pipeline().firstContext());
    private final Http2FrameStream stream = new Http2FrameStream() {
        @Override
        public int id() {
            return 3;
        }

        @Override
        public Http2Stream.State state() {
            return Http2Stream.State.OPEN;
        }
    };

    @AfterEach
    void end() {
        parts.end();
        channel.finishAndReleaseAll();
    }

    private ByteBuf part(String text, int padding, boolean last) {
        ByteBuf content = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
        parts.add(new DefaultHttp2DataFrame(content, last, padding).stream(stream));
        return content;
    }

    /** What the channel of the stream reads: the sizes of what has waited there. */
    private List<Integer> read() {
        List<Integer> sizes = new ArrayList<>();
        for (Http2DataFrame each = channel.readInbound(); each != null; each = channel.readInbound()) {
            sizes.add(each.content().readableBytes());
            assertEquals(stream, each.stream());
            each.release();
            parts.read();
            channel.runPendingTasks();
        }
        return sizes;
    }

    @Test
    void whatIsReadGoesAsItIs() {
        for (int i = 0; i < 100; i++) {
            ByteBuf content = part("a", 0, i == 99);
            Http2DataFrame out = channel.readInbound();
            assertEquals(content, out.content());
            assertEquals(i == 99, out.isEndStream());
            out.release();
            parts.read();
        }
    }

    @Test
    void crumbsThatNobodyReadsAreFewPieces() {
        for (int i = 0; i < WINDOW; i++) {
            ByteBuf crumb = part("a", 0, false);
            assertTrue(i < 4 || crumb.refCnt() == 0, "nothing is kept of what it came in");
        }
        assertEquals(12 - 1, channel.inboundMessages().size());
        List<Integer> all = read();
        assertEquals(WINDOW, all.stream().mapToInt(Integer::intValue).sum());
        assertEquals(4 + WINDOW / PIECE, all.size());
    }

    @Test
    void theOrderStays() {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            String text = i % 7 == 0 ? "x".repeat(PIECE + i) : Integer.toString(i);
            all.append(text);
            part(text, 0, i == 2999);
        }
        StringBuilder seen = new StringBuilder();
        boolean ended = false;
        for (Http2DataFrame each = channel.readInbound(); each != null; each = channel.readInbound()) {
            assertFalse(ended);
            seen.append(each.content().toString(StandardCharsets.ISO_8859_1));
            ended = each.isEndStream();
            each.release();
            parts.read();
            channel.runPendingTasks();
        }
        assertEquals(all.toString(), seen.toString());
        assertTrue(ended);
    }

    @Test
    void anEndWithoutBytesEndsThePiece() {
        for (int i = 0; i < 5; i++) {
            part("a", 0, false);
        }
        part("", 0, true);
        assertEquals(List.of(1, 1, 1, 1, 1), read());
        parts.flush();
        assertNull(channel.readInbound());
    }

    @Test
    void whatComesBehindThePartsFindsThemThere() {
        for (int i = 0; i < 6; i++) {
            part("ab", 0, false);
        }
        assertEquals(4, channel.inboundMessages().size());
        parts.flush();
        assertEquals(List.of(2, 2, 2, 2, 4), read());
    }

    @Test
    void paddingGoesBackToTheWindow() {
        for (int i = 0; i < 6; i++) {
            part("ab", 200, false);
        }
        channel.flush();
        for (int i = 0; i < 2; i++) {
            Http2WindowUpdateFrame back = channel.readOutbound();
            assertEquals(200, back.windowSizeIncrement());
            assertEquals(stream, back.stream());
        }
        assertNull(channel.readOutbound());
    }

    @Test
    void aStreamThatEndsKeepsNothing() {
        List<ByteBuf> crumbs = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            crumbs.add(part("a", 0, false));
        }
        parts.end();
        parts.flush();
        assertEquals(4, channel.inboundMessages().size());
        channel.releaseInbound();
        crumbs.forEach(each -> assertEquals(0, each.refCnt()));
    }
}
