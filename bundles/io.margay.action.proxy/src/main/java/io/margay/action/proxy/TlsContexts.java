// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateSource;
import io.margay.certificate.TrustBundle;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Makes what connections with TLS need, when a configuration starts, from what is stored then. */
final class TlsContexts {
    private static final ApplicationProtocolConfig HTTP = protocols(ApplicationProtocolNames.HTTP_1_1);
    private static final ApplicationProtocolConfig ANY_HTTP = protocols(ApplicationProtocolNames.HTTP_2,
        ApplicationProtocolNames.HTTP_1_1);

    private final List<LinkPool> pools = new ArrayList<>();

    private static ApplicationProtocolConfig protocols(String... names) {
        return new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, names);
    }

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
    CompletionStage<Void> start(CertificateSource source) {
        Map<String, CompletableFuture<CertificateBundle>> bundles = new HashMap<>();
        Map<String, CompletableFuture<TrustBundle>> trusted = new HashMap<>();
        pools.forEach(pool -> {
            TlsTarget target = pool.endpoint().tls().orElseThrow();
            target.certificate().ifPresent(name ->
                bundles.computeIfAbsent(name, each -> source.load(each).toCompletableFuture()));
            target.ca().ifPresent(name ->
                trusted.computeIfAbsent(name, each -> source.trust(each).toCompletableFuture()));
        });
        return CompletableFuture.allOf(Stream.of(bundles, trusted).flatMap(each -> each.values().stream())
            .toArray(CompletableFuture<?>[]::new)).thenAccept(loaded ->
                pools.forEach(pool -> pool.secure(context(pool.endpoint(), bundles, trusted))));
    }

    private static X509Certificate[] authorities(String name, TrustBundle bundle) {
        if (!bundle.revocations().isEmpty()) {
            throw new IllegalStateException("certificate \"" + name + "\" has revocation lists, which are not looked at"
                + " in the \"tls\" of servers");
        }
        return bundle.authorities().toArray(X509Certificate[]::new);
    }

    private static SslContext context(Endpoint endpoint, Map<String, CompletableFuture<CertificateBundle>> bundles,
            Map<String, CompletableFuture<TrustBundle>> trusted) {
        TlsTarget target = endpoint.tls().orElseThrow();
        SslContextBuilder builder = SslContextBuilder.forClient()
            .applicationProtocolConfig(endpoint.http2() ? ANY_HTTP : HTTP);
        if (!target.verify()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
        } else if (target.ca().isPresent()) {
            String name = target.ca().get();
            builder.trustManager(authorities(name, trusted.get(name).join()));
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
