// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/**
 * The TLS of one listener, which may be replaced at any moment while loops begin handshakes with it. Any thread.
 */
final class TlsSlot {
    private static final AttributeKey<Begun> BEGUN = AttributeKey.valueOf(TlsSlot.class, "begun");

    private static final AttributeKey<Boolean> ANSWER = AttributeKey.valueOf(TlsSlot.class, "answer");

    /** A handshake: with which service, and when it began, as {@link System#currentTimeMillis} tells. */
    record Begun(TlsService service, long millis) {
    }

    private final AtomicReference<Optional<TlsService>> service = new AtomicReference<>(Optional.empty());

    Optional<TlsService> current() {
        return service.get();
    }

    /** New handshakes get this one from now on; the one before is released when nobody is at it. */
    void replace(Optional<TlsService> next) {
        Optional<TlsService> old = service.getAndSet(next);
        if (!old.equals(next)) {
            old.ifPresent(TlsService::retire);
        }
    }

    /** A handler from the service that is there now; empty when the listener has none any more. */
    Optional<SslHandler> handler(String host, Channel channel) {
        return use(tls -> {
            SslHandler handler = tls.handler(host, channel.alloc());
            channel.attr(BEGUN).set(new Begun(tls, System.currentTimeMillis()));
            return handler;
        });
    }

    /** Whether handshakes may have to prove something now. */
    boolean isAsked() {
        return service.get().filter(TlsService::isAsked).isPresent();
    }

    /** A handler for a handshake that proves something to a client that offers one protocol only; empty for others. */
    Optional<SslHandler> answer(String protocol, String host, Channel channel) throws SSLException {
        Optional<TlsService> tls = service.get();
        Optional<SslHandler> handler = tls.isEmpty() ? Optional.empty()
            : tls.get().answer(protocol, host, channel.alloc());
        handler.ifPresent(made -> channel.attr(ANSWER).set(true));
        return handler;
    }

    /** Whether the handshake of a channel is all that there is to it. */
    static boolean isAnswer(Channel channel) {
        return channel.hasAttr(ANSWER);
    }

    /** With what and when the handshake of a channel has begun. */
    static Begun begun(Channel channel) {
        return channel.attr(BEGUN).get();
    }

    /** Uses the service that is there now, which cannot be released meanwhile. */
    private <T> Optional<T> use(Function<TlsService, T> action) {
        for (Optional<TlsService> seen = service.get(); seen.isPresent(); seen = service.get()) {
            TlsService tls = seen.get();
            if (tls.enter()) {
                try {
                    return Optional.of(action.apply(tls));
                } finally {
                    tls.leave();
                }
            }
            // It was replaced between the look and the entry: the next one is there already.
        }
        return Optional.empty();
    }
}
