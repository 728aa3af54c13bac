// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.margay.engine.Generation;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.HttpSettings;
import io.margay.http.Request;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Any bytes of a client are requests, each of which was read in one way, or a refusal behind which nothing is read,
 * however they are cut into pieces.
 */
public final class ConnectionFuzz {
    private static final HttpSettings[] SETTINGS = {HttpSettings.DEFAULTS, HttpSettings.DEFAULTS.change()
        .chunkedTransform(true).maxBodySize(5_000).bodyBufferSize(100).discardUnsafeFields(false).build()};

    private ConnectionFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        HttpSettings settings = SETTINGS[data.consumeInt(0, 1)];
        int[] sizes = data.consumeInts(data.consumeInt(0, 8));
        byte[] bytes = data.consumeRemainingAsBytes();
        String whole = answers(settings, bytes, bytes.length);
        String cut = answers(settings, bytes, sizes);
        String single = answers(settings, bytes, 1);
        if (!whole.equals(cut) || !whole.equals(single)) {
            throw new IllegalStateException("pieces make a difference:\n" + String.join("\n---\n", whole, cut, single));
        }
    }

    /** What was asked and answered when the bytes come in pieces of these sizes, again and again. */
    private static String answers(HttpSettings settings, byte[] bytes, int... sizes) {
        StringBuilder seen = new StringBuilder();
        StringBuilder faults = new StringBuilder();
        Generation generation = new Generation();
        EmbeddedChannel channel = new EmbeddedChannel();
        HttpLoop loop = new HttpLoop(channel.eventLoop(), 0, "1", (level, text) -> faults.append(text), () -> 1);
        new Http1Protocol().attach(channel, new HttpServer(new HttpBinding(settings, e -> handle(e, seen), generation,
            false)), loop);
        for (int at = 0, i = 0; at < bytes.length && channel.isOpen(); i++) {
            int size = sizes.length == 0 ? bytes.length : Math.clamp(sizes[i % sizes.length], 1, 3_000);
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size));
            at += piece.length;
            channel.writeInbound(Unpooled.directBuffer(piece.length).writeBytes(piece));
        }
        seen.append(received(channel));
        channel.close();
        channel.advanceTimeBy(1, TimeUnit.DAYS);
        channel.finishAndReleaseAll();
        CompletableFuture<Void> left = generation.retire().toCompletableFuture();
        channel.runPendingTasks();
        if (!faults.isEmpty() || !left.isDone()) {
            throw new IllegalStateException("left behind: " + faults + "\n---\n" + seen);
        }
        // Who has sent the body already is not told to go on.
        return seen.toString().replace("HTTP/1.1 100 Continue\r\n\r\n", "").replaceAll("Date: [^\r]*", "Date:");
    }

    private static void handle(Exchange e, StringBuilder seen) {
        Request request = e.request();
        seen.append(request.line()).append('|').append(request.path()).append('|').append(request.host());
        for (int i = 0; i < request.fieldCount(); i++) {
            seen.append('|').append(request.name(i)).append('=').append(request.value(i));
        }
        seen.append('|').append(request.contentLength()).append('|')
            .append(request.body().toString(StandardCharsets.ISO_8859_1))
            .append(request.bodyFile().map(ConnectionFuzz::text).orElse("")).append('\n');
        e.respond(200, Fields.NONE, new byte[0]);
    }

    private static String text(Fd file) {
        return new String(Files.readAll(file.number(), 1 << 20), StandardCharsets.ISO_8859_1);
    }

    private static String received(EmbeddedChannel channel) {
        StringBuilder text = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            text.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return text.toString();
    }
}
