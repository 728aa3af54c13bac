// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.conf.ConfObject;
import io.margay.engine.Generation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The protocols of one configuration, immutable. Each is held by the connections that speak it: a protocol that the
 * next configuration has not may be taken away when {@link #replacedBy} completes.
 */
public final class Protocols {
    private static final String HTTP_1 = "http/1.1";

    /** A protocol and the connections that speak it. */
    private record Held(Protocol protocol, Generation connections) {
    }

    private final List<Held> held;
    private final List<String> alpn;
    private final boolean prefaces;

    private Protocols(List<Held> held) {
        this.held = held;
        alpn = held.stream().flatMap(h -> h.protocol().alpn().stream()).distinct().toList();
        prefaces = held.stream().anyMatch(h -> h != plain() && h.protocol().preface().length > 0);
    }

    /** Protocols of a first configuration. */
    public static Protocols of(List<Protocol> protocols) {
        return new Protocols(List.of()).next(protocols);
    }

    /** Those of the next configuration; what both have is held by the connections of both. */
    public Protocols next(List<Protocol> protocols) {
        List<Held> next = new ArrayList<>();
        for (Protocol protocol : protocols) {
            next.add(held.stream().filter(h -> h.protocol() == protocol).findFirst()
                .orElseGet(() -> new Held(protocol, new Generation())));
        }
        next.sort(Comparator.comparingInt(h -> -h.protocol().priority()));
        return new Protocols(List.copyOf(next));
    }

    /** Those of them that clients of a listener may speak; they are held in common. */
    public Protocols on(ConfObject listener) {
        return new Protocols(held.stream().filter(h -> h.protocol().serves(listener)).toList());
    }

    /**
     * Lets go what the next configuration has not.
     *
     * @return completes when no connection speaks any of those protocols
     */
    public CompletionStage<Void> replacedBy(Protocols next) {
        return CompletableFuture.allOf(held.stream().filter(h -> !next.held.contains(h)).map(h -> {
            CompletionStage<Void> left = h.connections().retire();
            h.protocol().replaced();
            return left.toCompletableFuture();
        }).toArray(CompletableFuture<?>[]::new));
    }

    /** Whether there is none, so that nobody can be served. */
    public boolean isEmpty() {
        return held.isEmpty();
    }

    /** What TLS offers, the best first. */
    public List<String> alpn() {
        return alpn;
    }

    /** The protocols, the best first. */
    public List<Protocol> all() {
        return held.stream().map(Held::protocol).toList();
    }

    /** Attaches what is spoken when nothing was chosen; false when there is no protocol, or it is on its way out. */
    public boolean attach(Channel channel, HttpServer server, HttpLoop loop) {
        Held fallback = plain();
        return fallback != null && attach(fallback, channel, server, loop);
    }

    private Held plain() {
        for (Held h : held) {
            if (h.protocol().alpn().contains(HTTP_1)) {
                return h;
            }
        }
        return held.isEmpty() ? null : held.get(0);
    }

    /** The protocol that a client has chosen by name, if it is not the one that {@link #attach} takes. */
    public Optional<Protocol> other(String chosen) {
        Held fallback = plain();
        for (Held h : held) {
            if (h.protocol().alpn().contains(chosen)) {
                return h == fallback ? Optional.empty() : Optional.of(h.protocol());
            }
        }
        return Optional.empty();
    }

    /** Whether a client without TLS may choose another one than {@link #attach} takes, by its first bytes. */
    public boolean hasPreface() {
        return prefaces;
    }

    /**
     * Looks at the first bytes of a client without TLS.
     *
     * @param seen what has come
     * @return the protocol whose first bytes these are; empty if they are none's, or not yet
     */
    public Optional<Protocol> begun(ByteBuf seen) {
        for (Held h : held) {
            byte[] preface = h.protocol().preface();
            if (h != plain() && preface.length > 0 && seen.readableBytes() >= preface.length
                    && same(preface, seen) == preface.length) {
                return Optional.of(h.protocol());
            }
        }
        return Optional.empty();
    }

    /** Whether what has come may become the first bytes that {@link #begun} looks for. */
    public boolean mayBegin(ByteBuf seen) {
        for (Held h : held) {
            byte[] preface = h.protocol().preface();
            if (h != plain() && seen.readableBytes() < preface.length && same(preface, seen) == seen.readableBytes()) {
                return true;
            }
        }
        return false;
    }

    private static int same(byte[] preface, ByteBuf seen) {
        int count = 0;
        while (count < preface.length && count < seen.readableBytes()
                && preface[count] == seen.getByte(seen.readerIndex() + count)) {
            count++;
        }
        return count;
    }

    /**
     * Finds what a client without TLS asks for by the fields of a request of HTTP/1.1 that has no body.
     *
     * @param asking the request; nothing of it is used after this call
     * @return the change; empty when the client does not ask, or not for what it may have, or not as it should
     */
    public Optional<ProtocolChange> asked(Request asking, Channel channel, HttpServer server, HttpLoop loop) {
        if (FieldLines.words(asking, KnownField.CONNECTION.text()).stream()
                .noneMatch(KnownField.UPGRADE.text()::contentEqualsIgnoreCase)) {
            return Optional.empty();
        }
        for (AsciiString word : FieldLines.words(asking, KnownField.UPGRADE.text())) {
            Optional<ProtocolChange> found = held.stream()
                .filter(h -> !word.isEmpty() && word.contentEqualsIgnoreCase(h.protocol().upgradeToken()))
                .findFirst().flatMap(h -> change(h, asking, channel, server, loop));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<ProtocolChange> change(Held h, Request asking, Channel channel, HttpServer server,
            HttpLoop loop) {
        return h.protocol().upgrade(asking, channel, server, loop).filter(begin -> holds(h, channel, loop))
            .map(begin -> new ProtocolChange(h.protocol().upgradeToken(), begin));
    }

    /** Attaches one of {@link #all()}; false when it is on its way out. */
    public boolean attach(Protocol protocol, Channel channel, HttpServer server, HttpLoop loop) {
        for (Held h : held) {
            if (h.protocol() == protocol) {
                return attach(h, channel, server, loop);
            }
        }
        return false;
    }

    private static boolean attach(Held h, Channel channel, HttpServer server, HttpLoop loop) {
        boolean holds = holds(h, channel, loop);
        if (holds) {
            h.protocol().attach(channel, server, loop);
        }
        return holds;
    }

    /** Keeps a protocol until a channel is closed; false when it is on its way out. */
    private static boolean holds(Held h, Channel channel, HttpLoop loop) {
        Generation.Cell connections = h.connections().cell(loop.index(), loop.netty());
        boolean entered = connections.enter();
        if (entered) {
            channel.closeFuture().addListener(closed -> connections.leave());
        }
        return entered;
    }
}
