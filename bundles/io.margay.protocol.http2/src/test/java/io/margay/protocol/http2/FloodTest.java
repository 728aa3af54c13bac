// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import static io.margay.testing.Http2Frames.frame;
import static io.margay.testing.Http2Frames.get;
import static io.margay.testing.Http2Frames.headers;
import static io.margay.testing.Http2Frames.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Fields;
import io.margay.http.HttpSettings;
import io.margay.testing.Http2Frames;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames that make work and bring nothing end a connection; what clients really do does not. */
class FloodTest {
    private static final int CALM = 11;
    private static final int MANY = 10_000;

    static Stream<Arguments> floods() {
        return Stream.of(flood("resets", i -> Http2Frames.join(get(2 * i + 1, "/wait"), number(Http2Frames.RESET,
                2 * i + 1, 8))),
            flood("malformed requests", i -> headers(2 * i + 1, true, ":method", "GET")),
            flood("windows of nothing", i -> Http2Frames.join(get(2 * i + 1, "/wait"),
                number(Http2Frames.WINDOW, 2 * i + 1, 0))),
            flood("settings", i -> frame(Http2Frames.SETTINGS, 0, 0)),
            flood("pings", i -> frame(Http2Frames.PING, 0, 0, new byte[8])),
            flood("answers to pings", i -> frame(Http2Frames.PING, 1, 0, new byte[8])),
            flood("priorities", i -> frame(Http2Frames.PRIORITY, 0, 2 * i + 1, new byte[5])),
            flood("unknown frames", i -> frame(99, 0, 0)),
            flood("small windows", i -> number(Http2Frames.WINDOW, 0, 1)),
            flood("windows of streams that are gone", i -> i == 0 ? get(1, "/")
                : number(Http2Frames.WINDOW, 1, 1)),
            flood("empty parts", i -> i == 0 ? headers(1, false, ":method", "POST", ":scheme", "http", ":path", "/")
                : frame(Http2Frames.DATA, 0, 1)),
            flood("continuations", i -> i == 0 ? frame(Http2Frames.HEADERS, 0, 1, Http2Frames.fields(":method", "GET"))
                : frame(Http2Frames.CONTINUATION, 0, 1, Http2Frames.fields("a", "b"))),
            flood("empty continuations", i -> i == 0 ? frame(Http2Frames.HEADERS, 0, 1)
                : frame(Http2Frames.CONTINUATION, 0, 1)));
    }

    private static Arguments flood(String name, IntFunction<byte[]> frames) {
        return Arguments.of(name, frames);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("floods")
    void isEnded(String name, IntFunction<byte[]> frames) {
        try (Peer peer = new Peer(e -> {
            if (e.request().path().contentEquals("/")) {
                e.respond(200, Fields.NONE, new byte[0]);
            }
        })) {
            int sent = 0;
            while (peer.isOpen() && sent < MANY) {
                peer.send(frames.apply(sent++));
            }
            assertTrue(sent < MANY, "all of it was taken");
            Http2Frames.Frame last = peer.frames().getLast();
            assertEquals(Http2Frames.GOAWAY, last.type());
            assertEquals(CALM, last.code(), peer.log.toString());
        }
    }

    /** Requests that get their answers give credit for those that are cancelled. */
    @Test
    void ordinaryWorkGoesOnForEver() {
        try (Peer peer = new Peer(e -> {
            if (e.request().path().contentEquals("/")) {
                e.respond(200, Fields.NONE, new byte[100]);
            }
        })) {
            for (int i = 0; i < MANY; i += 2) {
                peer.send(get(2 * i + 1, "/"), get(2 * i + 3, "/wait"), number(Http2Frames.RESET, 2 * i + 3, 8),
                    number(Http2Frames.WINDOW, 0, 100));
                peer.frames();
            }
            assertTrue(peer.isOpen(), peer.log.toString());
        }
    }

    @Test
    void whoIsSlowMaySendAnyNumber() {
        try (Peer peer = new Peer(HttpSettings.DEFAULTS.change().idleTimeout(0).build(), e -> { })) {
            for (int i = 0; i < 3000; i++) {
                peer.send(frame(Http2Frames.PING, 0, 0, new byte[8]));
                if (i % 40 == 0) {
                    peer.pass(1);
                }
            }
            assertTrue(peer.isOpen(), peer.log.toString());
        }
    }
}
