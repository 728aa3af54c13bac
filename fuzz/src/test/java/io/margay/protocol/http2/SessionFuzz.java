// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.margay.engine.Generation;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.HttpSettings;
import io.margay.http.Protocols;
import io.margay.http.Request;
import io.margay.protocol.http1.Http1Protocol;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Any bytes behind the preface of HTTP/2, or behind a request that has asked for it, are frames or the end of the
 * connection: the same requests are found however they are cut into pieces, nothing fails, and nothing stays behind.
 */
public final class SessionFuzz {
    private static final byte[] PREFACE = bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    private static final byte[] ASKS = bytes("GET /asks HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");
    private static final HttpSettings LIMITS = HttpSettings.DEFAULTS.change().maxBodySize(3_000).build();

    private SessionFuzz() {
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        boolean asks = data.consumeBoolean();
        int[] sizes = data.consumeInts(data.consumeInt(0, 8));
        byte[] bytes = data.consumeRemainingAsBytes();
        String whole = requests(asks, bytes, bytes.length);
        String cut = requests(asks, bytes, sizes);
        String single = requests(asks, bytes, 1);
        if (!whole.equals(cut) || !whole.equals(single)) {
            throw new IllegalStateException("pieces make a difference:\n" + String.join("\n---\n", whole, cut, single));
        }
    }

    /** What was asked when the bytes come in pieces of these sizes, again and again. */
    private static String requests(boolean asks, byte[] bytes, int... sizes) {
        StringBuilder seen = new StringBuilder();
        StringBuilder faults = new StringBuilder();
        Generation generation = new Generation();
        EmbeddedChannel channel = new EmbeddedChannel();
        HttpLoop loop = new HttpLoop(channel.eventLoop(), 0, "1", (level, text) ->
            faults.append(text.startsWith("HTTP/2 with ") ? "" : text), () -> 1);
        Http2Protocol protocol = new Http2Protocol();
        Protocols both = Protocols.of(List.of(new Http1Protocol(), protocol));
        HttpServer server = new HttpServer(new HttpBinding(LIMITS, e -> handle(e, seen), generation, false), both);
        both.attach(asks ? both.all().getLast() : protocol, channel, server, loop);
        if (asks) {
            write(channel, ASKS);
        }
        write(channel, PREFACE);
        write(channel, SETTINGS);
        for (int at = 0, i = 0; at < bytes.length && channel.isOpen(); i++) {
            int size = sizes.length == 0 ? bytes.length : Math.clamp(sizes[i % sizes.length], 1, 3_000);
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size));
            at += piece.length;
            write(channel, piece);
        }
        channel.close();
        channel.advanceTimeBy(1, TimeUnit.DAYS);
        channel.finishAndReleaseAll();
        CompletableFuture<Void> left = generation.retire().toCompletableFuture();
        channel.runPendingTasks();
        if (!faults.isEmpty() || !left.isDone()) {
            throw new IllegalStateException("left behind: " + faults + "\n---\n" + seen);
        }
        return seen.toString();
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

    private static void handle(Exchange e, StringBuilder seen) {
        Request request = e.request();
        seen.append(request.line()).append('|').append(request.path()).append('|').append(request.host());
        for (int i = 0; i < request.fieldCount(); i++) {
            // The key of a WebSocket is made by chance.
            seen.append('|').append(request.name(i)).append('=')
                .append(request.isWebSocket() ? "" : request.value(i));
        }
        seen.append('|').append(request.contentLength()).append('\n');
        e.respond(request.isWebSocket() ? 403 : 200, Fields.NONE, new byte[20]);
    }
}
