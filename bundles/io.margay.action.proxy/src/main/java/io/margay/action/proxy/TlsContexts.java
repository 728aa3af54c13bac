// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.certificate.CertificateBundle;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Makes what connections with TLS need, when a configuration starts, from what is stored then. */
final class TlsContexts {
    private static final ApplicationProtocolConfig HTTP = new ApplicationProtocolConfig(
        ApplicationProtocolConfig.Protocol.ALPN, ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, "http/1.1");

    private final List<LinkPool> pools = new ArrayList<>();

    /** A pool whose connections have TLS. */
    void add(LinkPool pool) {
        if (pool.endpoint().tls().isPresent()) {
            pools.add(pool);
        }
    }

    /**
     * Loads what is named and gives the pools their contexts.
     *
     * @param source of stored certificates
     */
    CompletionStage<Void> start(Function<String, CompletionStage<CertificateBundle>> source) {
        Map<String, CompletableFuture<CertificateBundle>> bundles = new HashMap<>();
        pools.forEach(pool -> {
            TlsTarget target = pool.endpoint().tls().orElseThrow();
            Stream.of(target.ca(), target.certificate()).flatMap(Optional::stream).forEach(name ->
                bundles.computeIfAbsent(name, each -> source.apply(each).toCompletableFuture()));
        });
        return CompletableFuture.allOf(bundles.values().toArray(CompletableFuture<?>[]::new)).thenAccept(loaded ->
            pools.forEach(pool -> pool.secure(context(pool.endpoint().tls().orElseThrow(), bundles))));
    }

    private static SslContext context(TlsTarget target, Map<String, CompletableFuture<CertificateBundle>> bundles) {
        SslContextBuilder builder = SslContextBuilder.forClient().applicationProtocolConfig(HTTP);
        if (!target.verify()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
        } else if (target.ca().isPresent()) {
            builder.trustManager(bundles.get(target.ca().get()).join().chain().toArray(X509Certificate[]::new));
        }
        target.certificate().map(name -> bundles.get(name).join()).ifPresent(shown ->
            builder.keyManager(shown.key(), shown.chain().toArray(X509Certificate[]::new)));
        try {
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalStateException("TLS to servers cannot be set up: " + e.getMessage(), e);
        }
    }
}
