// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.CertificateBundle;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.KeyManagerFactoryWrapper;
import io.netty.util.ReferenceCountUtil;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * Makes the TLS of handshakes that prove something and lead to nothing else. They are few, so each has a context of its
 * own.
 */
final class TlsAnswers {
    private final HandshakeAnswers answers;
    private final SslProvider provider;

    TlsAnswers(HandshakeAnswers answers, boolean boringSsl) {
        this.answers = answers;
        provider = boringSsl ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
    }

    boolean isAwake() {
        return answers.isAwake();
    }

    /**
     * A handler for a client that offers one protocol only.
     *
     * @return empty when nothing is to be proven to it
     * @throws SSLException when the certificate cannot be used
     */
    Optional<SslHandler> handler(String protocol, String host, ByteBufAllocator allocator) throws SSLException {
        Optional<CertificateBundle> found = answers.certificate(protocol, host.toLowerCase(Locale.ROOT));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        SslContext context = SslContextBuilder.forServer(new KeyManagerFactoryWrapper(new ServerKey(found.get())))
            .sslProvider(provider).applicationProtocolConfig(new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, protocol)).build();
        try {
            SslHandler handler = context.newHandler(allocator);
            // The connection has timers of its own.
            handler.setHandshakeTimeoutMillis(0);
            return Optional.of(handler);
        } finally {
            // The connection keeps what it needs.
            ReferenceCountUtil.release(context);
        }
    }
}
