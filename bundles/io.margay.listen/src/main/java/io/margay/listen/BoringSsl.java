// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.CertificateBundle;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.KeyManagerFactoryWrapper;
import io.netty.internal.tcnative.CertificateVerifier;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.PKIXReason;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** BoringSSL, as Netty brings it: what serves unless it cannot be loaded. */
final class BoringSsl implements TlsLibrary {
    private final TlsOptions options;
    private final ApplicationProtocolConfig choice;
    private final Optional<ClientTrust> trust;
    private final Optional<TicketRing> tickets;
    private final List<OpenSslServerSessionContext> known = new CopyOnWriteArrayList<>();
    private volatile List<byte[]> keys;
    private final ConfCommands commands;
    private final Staplers staplers;
    private final List<Stapler> stapled = new CopyOnWriteArrayList<>();

    /**
     * Prepares.
     *
     * @param tickets has the keys of tickets when the options ask for some of the process
     * @param staplers ask what the authorities of certificates say
     */
    BoringSsl(TlsOptions options, ApplicationProtocolConfig choice, Optional<ClientTrust> trust,
            Optional<TicketRing> tickets, Staplers staplers) {
        this.staplers = staplers;
        this.options = options;
        this.choice = choice;
        this.trust = trust;
        this.tickets = options.randomTickets() ? tickets : Optional.empty();
        keys = this.tickets.map(TicketRing::keys).orElse(options.keys());
        commands = new ConfCommands(options.commands());
    }

    @Override
    public SslContext context(String name, CertificateBundle bundle) throws SSLException {
        SslContext context = SslContextBuilder.forServer(new OpenSslCachingX509KeyManagerFactory(
                new KeyManagerFactoryWrapper(new ServerKey(bundle)), 1))
            .sslProvider(SslProvider.OPENSSL_REFCNT).trustManager(new ClientTrustManager(trust, BoringSsl::refused))
            .clientAuth(TlsService.question(trust)).protocols(commands.protocols())
            .applicationProtocolConfig(choice).enableOcsp(options.stapling().isPresent()).build();
        try {
            sessions((OpenSslServerSessionContext) context.sessionContext());
            if (!commands.isEmpty()) {
                probe(context);
            }
            options.stapling().ifPresent(told -> stapled.add(staplers.acquire(name, bundle, told)));
        } catch (RuntimeException e) {
            ReferenceCountUtil.release(context);
            throw e;
        }
        return context;
    }

    /** What becomes the alert that the client gets; of most reasons Netty would say that this server has failed. */
    private static CertificateException refused(CertPathValidatorException e) {
        int code = CertificateVerifier.X509_V_ERR_CERT_REJECTED;
        if (e.getReason() instanceof BasicReason basic) {
            code = switch (basic) {
                case EXPIRED -> CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
                case NOT_YET_VALID -> CertificateVerifier.X509_V_ERR_CERT_NOT_YET_VALID;
                case REVOKED -> CertificateVerifier.X509_V_ERR_CERT_REVOKED;
                case UNDETERMINED_REVOCATION_STATUS -> CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_CRL;
                default -> code;
            };
        } else if (e.getReason() instanceof PKIXReason pkix) {
            code = switch (pkix) {
                case NO_TRUST_ANCHOR -> CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
                case PATH_TOO_LONG -> CertificateVerifier.X509_V_ERR_CERT_CHAIN_TOO_LONG;
                case INVALID_KEY_USAGE -> CertificateVerifier.X509_V_ERR_INVALID_PURPOSE;
                default -> code;
            };
        }
        return new OpenSslCertificateException(e.getMessage(), e, code);
    }

    private void sessions(OpenSslServerSessionContext sessions) {
        sessions.setSessionCacheEnabled(options.cacheSize() > 0);
        if (options.cacheSize() > 0) {
            sessions.setSessionCacheSize((int) Math.min(options.cacheSize(), Integer.MAX_VALUE));
            sessions.setSessionTimeout((int) Math.min(options.timeout(), Integer.MAX_VALUE));
        }
        if (options.hasTickets()) {
            sessions.setTicketKeys(TicketKeys.of(keys));
            known.add(sessions);
        }
        // A session tells who the client is: it counts only where the same clients are trusted.
        trust.ifPresent(clients -> sessions.setSessionIdContext(clients.identity()));
    }

    /** A connection that never is tells now whether those to come can be told. */
    private void probe(SslContext context) {
        SSLEngine probe = context.newEngine(ByteBufAllocator.DEFAULT);
        try {
            commands.apply(address(probe));
        } finally {
            ReferenceCountUtil.release(probe);
        }
    }

    @Override
    public void prepare(SSLEngine engine, int place) {
        tickets.map(TicketRing::keys).filter(now -> now != keys).ifPresent(this::turn);
        if (!options.hasTickets()) {
            // Netty gives them out with TLS 1.3, whatever the context says.
            SSL.setOptions(address(engine), SSL.SSL_OP_NO_TICKET);
        }
        if (!commands.isEmpty()) {
            commands.apply(address(engine));
        }
        if (!stapled.isEmpty()) {
            stapled.get(place).current().ifPresent(((ReferenceCountedOpenSslEngine) engine)::setOcspResponse);
        }
    }

    /** Seldom: the keys of the process have changed. */
    private synchronized void turn(List<byte[]> now) {
        if (now != keys) {
            known.forEach(sessions -> sessions.setTicketKeys(TicketKeys.of(now)));
            keys = now;
        }
    }

    @Override
    public boolean isResumed(SSLEngine engine, long begun) {
        long address = address(engine);
        return address != 0 && SSL.isSessionReused(address);
    }

    @Override
    public boolean isSureOfThat() {
        return true;
    }

    @Override
    public void close() {
        stapled.forEach(staplers::release);
    }

    private static long address(SSLEngine engine) {
        return ((ReferenceCountedOpenSslEngine) engine).sslPointer();
    }
}
