// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateNames;
import io.margay.engine.Generation;
import io.margay.log.ErrorLog;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.KeyManagerFactoryWrapper;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * What a listener needs for TLS handshakes: one context of the TLS library for each certificate. Immutable; replaced as
 * a whole when options or certificates change. Connections keep what they were made with. Made by {@link TlsFactory}.
 */
public final class TlsService {
    private static final int CLOSE_MILLIS = 5_000;

    private final TlsOptions options;
    private final List<CertificateBundle> bundles;
    private final List<String> alpn;
    private final HostNames names;
    private final ConfCommands commands;
    private final List<SslContext> contexts = new ArrayList<>();
    private final Generation generation = new Generation();
    private final AtomicBoolean retired = new AtomicBoolean();

    private TlsService(TlsOptions options, List<CertificateBundle> bundles, List<String> alpn, ErrorLog log) {
        this.options = options;
        this.bundles = List.copyOf(bundles);
        this.alpn = List.copyOf(alpn);
        this.commands = new ConfCommands(options.commands());
        this.names = new HostNames(bundles.stream().map(bundle -> CertificateNames.serverNames(bundle.leaf())).toList(),
            log::warn);
    }

    /** Makes the contexts; {@code random} is the key of tickets when the options ask for one. */
    static TlsService create(TlsOptions options, List<CertificateBundle> bundles, List<String> alpn, byte[] random,
                             ErrorLog log) {
        if (!OpenSsl.isAvailable()) {
            throw new TlsException("the TLS library cannot be loaded: " + OpenSsl.unavailabilityCause(),
                OpenSsl.unavailabilityCause());
        }
        TlsService service = new TlsService(options, bundles, alpn, log);
        try {
            for (int i = 0; i < bundles.size(); i++) {
                service.add(options.certificates().get(i), bundles.get(i), random);
            }
            return service;
        } catch (RuntimeException e) {
            service.retire();
            throw e;
        }
    }

    private void add(String name, CertificateBundle bundle, byte[] random) {
        SslContext context;
        try {
            context = SslContextBuilder.forServer(new OpenSslCachingX509KeyManagerFactory(
                    new KeyManagerFactoryWrapper(new ServerKey(bundle)), 1))
                .sslProvider(SslProvider.OPENSSL_REFCNT).trustManager(new NoTrust()).protocols(commands.protocols())
                .applicationProtocolConfig(choice()).build();
        } catch (SSLException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new TlsException("certificate \"" + name + "\" cannot be used: " + cause.getMessage(), e);
        }
        contexts.add(context);
        OpenSslServerSessionContext sessions = (OpenSslServerSessionContext) context.sessionContext();
        sessions.setSessionCacheEnabled(options.cacheSize() > 0);
        if (options.cacheSize() > 0) {
            sessions.setSessionCacheSize((int) Math.min(options.cacheSize(), Integer.MAX_VALUE));
            sessions.setSessionTimeout((int) Math.min(options.timeout(), Integer.MAX_VALUE));
        }
        if (options.hasTickets()) {
            sessions.setTicketKeys(TicketKeys.of(options.randomTickets() ? List.of(random) : options.keys()));
        }
        if (!commands.isEmpty()) {
            // A connection that never is tells now whether those to come can be told.
            SSLEngine probe = context.newEngine(ByteBufAllocator.DEFAULT);
            try {
                commands.apply(address(probe));
            } finally {
                ReferenceCountUtil.release(probe);
            }
        }
    }

    private ApplicationProtocolConfig choice() {
        return alpn.isEmpty() ? ApplicationProtocolConfig.DISABLED
            : new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, alpn);
    }

    private static long address(SSLEngine engine) {
        return ((ReferenceCountedOpenSslEngine) engine).sslPointer();
    }

    /** What it was made of. */
    public TlsOptions options() {
        return options;
    }

    /** Whether another one of the same would do the same. */
    public boolean isMadeOf(TlsOptions otherOptions, List<CertificateBundle> otherBundles, List<String> otherAlpn) {
        return options.equals(otherOptions) && bundles.equals(otherBundles) && alpn.equals(otherAlpn);
    }

    /** Whether the certificate depends on the name that a client sends. */
    boolean isByName() {
        return contexts.size() > 1;
    }

    /** Begins to use it; false when another one has taken its place. */
    boolean enter() {
        return generation.enter();
    }

    void leave() {
        generation.leave();
    }

    /** A handler for one connection of a client that wants this host; only between enter and leave. */
    SslHandler handler(String host, ByteBufAllocator allocator) {
        SslHandler handler = contexts.get(names.place(host)).newHandler(allocator);
        // The connection has timers of its own.
        handler.setHandshakeTimeoutMillis(0);
        handler.setCloseNotifyFlushTimeoutMillis(CLOSE_MILLIS);
        try {
            if (!options.hasTickets()) {
                // Netty gives them out with TLS 1.3, whatever the context says.
                SSL.setOptions(address(handler.engine()), SSL.SSL_OP_NO_TICKET);
            }
            if (!commands.isEmpty()) {
                commands.apply(address(handler.engine()));
            }
        } catch (RuntimeException e) {
            ReferenceCountUtil.release(handler.engine());
            throw e;
        }
        return handler;
    }

    /** Releases it when the last handshake that is about to begin with it has begun; from any thread, also again. */
    public void retire() {
        if (!retired.compareAndSet(false, true)) {
            return;
        }
        generation.retire().thenRun(() -> contexts.forEach(ReferenceCountUtil::release));
    }
}
