// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.conf.ConfObject;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.Protocol;
import io.margay.http.Request;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * HTTP/2 as a service: chosen by ALPN unless {@code tls.http2} is false, and, where a listener without TLS has
 * {@code h2c}, by its first bytes or by a request of HTTP/1.1 that asks for it.
 */
@Component
public final class Http2Protocol implements Protocol {
    private static final int PRIORITY = 20;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Grows when clients are to make other connections; each of those keeps the number that it began with. */
    private final AtomicInteger generation = new AtomicInteger();

    /** Creates the service. */
    @Activate
    public Http2Protocol() {
    }

    @Override
    public String name() {
        return "http2";
    }

    @Override
    public List<String> alpn() {
        return List.of("h2");
    }

    @Override
    public int priority() {
        return PRIORITY;
    }

    @Override
    public byte[] preface() {
        return PREFACE;
    }

    @Override
    public String upgradeToken() {
        return "h2c";
    }

    @Override
    public Optional<Runnable> upgrade(Request asking, Channel channel, HttpServer server, HttpLoop loop) {
        return UpgradeRequest.of(asking, server.settings()).map(request -> () ->
            SessionHandler.attach(channel, new Http2Session(server, loop, generation)).begin(channel, request));
    }

    @Override
    public boolean serves(ConfObject listener) {
        return listener.object("tls").map(tls -> tls.bool("http2", true)).orElseGet(() -> listener.bool("h2c", false));
    }

    @Override
    public Set<String> reads() {
        return Set.of("/listeners/*/h2c", "/listeners/*/tls/http2");
    }

    @Override
    public void replaced() {
        generation.incrementAndGet();
    }

    @Override
    public void attach(Channel channel, HttpServer server, HttpLoop loop) {
        SessionHandler.attach(channel, new Http2Session(server, loop, generation));
    }
}
