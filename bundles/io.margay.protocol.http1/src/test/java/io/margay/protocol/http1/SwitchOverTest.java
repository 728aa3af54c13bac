// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.HttpCounters;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.HttpSettings;
import io.margay.http.Protocol;
import io.margay.http.Protocols;
import io.margay.http.Request;
import io.margay.http.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client asks for another protocol: RFC 9110 §7.8. */
class SwitchOverTest {
    private static final String SWITCHED =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n";
    private static final String ASKS = "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n";

    private final List<String> asked = new ArrayList<>();
    private final List<Exchange> held = new ArrayList<>();

    /** Says what it hears in capital letters; takes no request for a path with "no". */
    private final class Shout implements Protocol {
        @Override
        public String name() {
            return "shout";
        }

        @Override
        public List<String> alpn() {
            return List.of();
        }

        @Override
        public int priority() {
            return 1;
        }

        @Override
        public String upgradeToken() {
            return "shout";
        }

        @Override
        public Optional<Runnable> upgrade(Request asking, Channel channel, HttpServer server, HttpLoop loop) {
            asked.add(asking.line().toString());
            return asking.path().toString().contains("no") ? Optional.empty()
                : Optional.of(() -> attach(channel, server, loop));
        }

        @Override
        public void attach(Channel channel, HttpServer server, HttpLoop loop) {
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    ByteBuf in = (ByteBuf) message;
                    String text = in.toString(StandardCharsets.ISO_8859_1).toUpperCase();
                    in.release();
                    ctx.writeAndFlush(Wire.bytes(text));
                }
            });
        }
    }

    private Wire wire() {
        Wire wire = new Wire(HttpSettings.DEFAULTS, e -> {
            if (e.request().path().toString().equals("/held")) {
                held.add(e);
            } else {
                e.respond(200, Fields.NONE, Wire.NOTHING);
            }
        });
        wire.server.speak(Protocols.of(List.of(new Http1Protocol(), new Shout())));
        return wire;
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " | ", value = {
        "GET / HTTP/1.1 | Upgrade | shout", "PUT /x HTTP/1.1 | uPGRADE | SHOUT",
        "GET / HTTP/1.7 | a, upgrade ,b | shout",
        "GET / HTTP/1.1 | Upgrade | whisper, shout/2 ,shout", "OPTIONS * HTTP/1.1 | keep-alive, Upgrade | ,shout"})
    void whoAsksGetsIt(String line, String connection, String upgrade) {
        String request = line + "\r\nConnection: " + connection + "\r\nUpgrade: " + upgrade + "\r\n\r\n";
        try (Wire wire = wire()) {
            assertEquals(SWITCHED, wire.send(request).take());
            assertEquals("HEY", wire.send("hey").take());
        }
        try (Wire wire = wire()) {
            assertEquals(SWITCHED + "TWO\r\n", wire.send(request + "two\r\n").take());
        }
        try (Wire wire = wire()) {
            assertEquals(SWITCHED + "TWO", wire.trickle(request + "two").take());
            assertEquals(3, asked.size());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " | ", value = {
        "GET / HTTP/1.1 | Upgrade | whisper", "GET / HTTP/1.1 | X-Upgrade | shout", "GET / HTTP/1.1 | close | shout",
        "GET / HTTP/1.1 | Upgrade | shout/2", "GET / HTTP/1.1 | Upgrade | shoutX", "GET / HTTP/1.1 | Upgrade | ''",
        "GET / HTTP/1.0 | Upgrade | shout", "GET /no HTTP/1.1 | Upgrade | shout"})
    void whoDoesNotGetsAnAnswer(String line, String connection, String upgrade) {
        try (Wire wire = wire()) {
            wire.send(line + "\r\nConnection: " + connection + "\r\nUpgrade: " + upgrade + "\r\n\r\n");
            assertEquals(200, wire.status());
            assertEquals(line.contains("/no") ? List.of(line) : List.of(), asked);
        }
    }

    /** Bytes of a body would be taken for the other protocol, or those for the body. */
    @ParameterizedTest
    @CsvSource(delimiterString = " | ", value = {"Content-Length: 3 | hey | 200", "Content-Length: 4 | hey | 0",
        "Transfer-Encoding: chunked | 0 | 411", "Content-Length: 3, 3 | hey | 400"})
    void aRequestWithABodyIsNone(String field, String body, int status) {
        try (Wire wire = wire()) {
            wire.send("POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: shout\r\n" + field + "\r\n\r\n" + body);
            assertEquals(status, wire.status());
            assertEquals(List.of(), asked);
        }
    }

    @Test
    void itsTurnComesBehindWhatWasAskedBefore() {
        try (Wire wire = wire()) {
            wire.send("GET /held HTTP/1.1\r\n\r\n" + ASKS + "hey");
            assertEquals("", wire.take());
            held.getFirst().respond(204, Fields.NONE, Wire.NOTHING);
            String text = wire.take();
            assertTrue(text.startsWith("HTTP/1.1 204 No Content\r\n") && text.endsWith("\r\n\r\n" + SWITCHED + "HEY"),
                text);
            assertTrue(wire.channel.config().isAutoRead());
            assertEquals(new HttpCounters.Totals(1, 0, 1, 2), wire.loop.counters().totals(), "the other is new");
        }
    }

    @Test
    void nothingIsLeftOfTheFormerProtocol() {
        try (Wire wire = wire()) {
            wire.send(ASKS);
            assertEquals(1, wire.channel.pipeline().names().stream().filter(name -> !name.contains("Tail")).count());
            CompletableFuture<Void> left = wire.generation.retire().toCompletableFuture();
            wire.channel.runPendingTasks();
            assertTrue(left.isDone(), "a request is counted still");
            assertEquals(SWITCHED, wire.pass(1000).take());
            assertTrue(wire.isOpen());
        }
    }

    @Test
    void whoSaysNoMoreIsAnswered() {
        try (Wire wire = wire()) {
            wire.send("GET /held HTTP/1.1\r\n\r\n" + ASKS).endInput();
            held.getFirst().respond(204, Fields.NONE, Wire.NOTHING);
            String text = wire.take();
            assertTrue(text.contains("HTTP/1.1 200 OK\r\n") && !text.contains("101"), text);
            assertFalse(wire.isOpen());
        }
    }

    /** By its handshake it was settled what is spoken. */
    @Test
    void withTlsNobodyCanAsk() {
        try (Wire wire = wire()) {
            wire.channel.pipeline().fireUserEventTriggered(Transport.TLS);
            wire.send(ASKS);
            assertEquals(200, wire.status());
            assertEquals(List.of(), asked);
        }
    }
}
