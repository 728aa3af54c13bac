// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.CertificateBundle;
import io.margay.conf.ConfPointer;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.KeyManagerFactoryWrapper;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;

/**
 * The TLS of the JDK, which serves where BoringSSL cannot be loaded. It is slower and can less: an option that it
 * cannot obey is refused.
 */
final class JdkTls implements TlsLibrary {
    private static final Set<String> COMMANDS = Set.of("minprotocol", "maxprotocol", "protocol");
    /** The JDK always lets clients come back; with so few seconds hardly one does. */
    private static final int SHORTEST = 1;

    private final TlsOptions options;
    private final ApplicationProtocolConfig choice;
    private final Optional<ClientTrust> trust;
    private final String[] protocols;

    /**
     * Prepares.
     *
     * @throws TlsException when an option needs BoringSSL
     */
    JdkTls(TlsOptions options, ApplicationProtocolConfig choice, Optional<ClientTrust> trust) {
        this.options = options;
        this.choice = choice;
        this.trust = trust;
        options.commands().keySet().stream().filter(name -> !COMMANDS.contains(name.toLowerCase(Locale.ROOT)))
            .findFirst().ifPresent(name -> {
                throw new TlsException(needed("command \"" + name + "\" in \"conf_commands\" option"));
            });
        if (!options.ticketKeys().isEmpty()) {
            throw new TlsException(ConfPointer.ROOT.child("session").child("tickets"),
                needed("\"tickets\" with keys"));
        }
        if (options.stapling().isPresent()) {
            throw new TlsException(Staplers.OPTION, needed("\"stapling\""));
        }
        protocols = new ConfCommands(options.commands()).protocols();
    }

    private static String needed(String what) {
        return what + " is not supported by the TLS of the JDK, which serves since BoringSSL cannot be loaded";
    }

    @Override
    public SslContext context(String name, CertificateBundle bundle) throws SSLException {
        SslContext context = SslContextBuilder.forServer(new KeyManagerFactoryWrapper(new ServerKey(bundle)))
            .sslProvider(SslProvider.JDK).trustManager(new ClientTrustManager(trust, e ->
                new CertificateException(e.getMessage(), e)))
            .clientAuth(TlsService.question(trust)).protocols(protocols).applicationProtocolConfig(choice).build();
        SSLSessionContext sessions = context.sessionContext();
        boolean kept = options.cacheSize() > 0 || options.hasTickets();
        sessions.setSessionTimeout(kept ? (int) Math.min(options.timeout(), Integer.MAX_VALUE) : SHORTEST);
        sessions.setSessionCacheSize(Math.clamp(options.cacheSize(), 1, Integer.MAX_VALUE));
        return context;
    }

    @Override
    public void prepare(SSLEngine engine, int place) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setUseCipherSuitesOrder(true);
        engine.setSSLParameters(parameters);
    }

    @Override
    public boolean isResumed(SSLEngine engine, long begun) {
        return engine.getSession().getCreationTime() < begun;
    }

    @Override
    public boolean isSureOfThat() {
        // Clocks are set.
        return false;
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
