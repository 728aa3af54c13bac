// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateNames;
import io.margay.engine.Generation;
import io.margay.log.ErrorLog;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * What a listener needs for TLS handshakes: one context of the TLS library for each certificate. Immutable; replaced as
 * a whole when options or certificates change. Connections keep what they were made with. Made by {@link TlsFactory}.
 */
public final class TlsService {
    private static final int CLOSE_MILLIS = 5_000;

    private final TlsOptions options;
    private final TlsMaterial material;
    private final HostNames names;
    private final Optional<ClientTrust> trust;
    private final TlsLibrary library;
    private final TlsAnswers answers;
    private final List<SslContext> contexts = new ArrayList<>();
    private final Generation generation = new Generation();
    private final AtomicBoolean retired = new AtomicBoolean();

    private TlsService(TlsOptions options, TlsMaterial material, Function<TlsService, TlsLibrary> maker,
            TlsAnswers answers, ErrorLog log) {
        this.answers = answers;
        this.options = options;
        this.material = material;
        trust = options.client().map(client -> new ClientTrust(client, material.authorities()));
        library = maker.apply(this);
        names = new HostNames(material.certificates().stream()
            .map(bundle -> CertificateNames.serverNames(bundle.leaf())).toList(), log::warn);
    }

    /**
     * Makes the contexts.
     *
     * @param maker of the library, from what is known of the service: options, trust, and what clients may speak
     * @param answers to who wants something proven
     */
    static TlsService create(TlsOptions options, TlsMaterial material, Function<TlsService, TlsLibrary> maker,
            TlsAnswers answers, ErrorLog log) {
        TlsService service = new TlsService(options, material, maker, answers, log);
        try {
            for (int i = 0; i < material.certificates().size(); i++) {
                service.add(options.certificates().get(i), material.certificates().get(i));
            }
            return service;
        } catch (RuntimeException e) {
            service.retire();
            throw e;
        }
    }

    private void add(String name, CertificateBundle bundle) {
        try {
            contexts.add(library.context(name, bundle));
        } catch (SSLException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new TlsException("certificate \"" + name + "\" cannot be used: " + cause.getMessage(), e);
        }
    }

    /** What clients may speak. */
    ApplicationProtocolConfig choice() {
        List<String> alpn = material.alpn();
        return alpn.isEmpty() ? ApplicationProtocolConfig.DISABLED
            : new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, alpn);
    }

    /** Whether clients are asked for a certificate, and must have one. */
    static ClientAuth question(Optional<ClientTrust> trust) {
        return trust.map(clients -> clients.isRequired() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL)
            .orElse(ClientAuth.NONE);
    }

    /** What it was made of. */
    public TlsOptions options() {
        return options;
    }

    /** Whether another one of the same would do the same. */
    public boolean isMadeOf(TlsOptions otherOptions, TlsMaterial otherMaterial) {
        return options.equals(otherOptions) && material.equals(otherMaterial);
    }

    /** Whether the certificate depends on the name that a client sends. */
    boolean isByName() {
        return contexts.size() > 1;
    }

    /** Whether some clients may want something proven now. */
    boolean isAsked() {
        return answers.isAwake();
    }

    /** A handler for a client that wants something proven; empty when it is one like others. */
    Optional<SslHandler> answer(String protocol, String host, ByteBufAllocator allocator) throws SSLException {
        return answers.handler(protocol, host, allocator);
    }

    /** Which clients are trusted; empty when they are not asked who they are. */
    Optional<ClientTrust> trust() {
        return trust;
    }

    /** Whether a handshake that has ended took up an earlier session again; it began at a time in milliseconds. */
    boolean isResumed(SSLEngine engine, long begun) {
        return library.isResumed(engine, begun);
    }

    /** Whether {@link #isResumed} can be relied upon. */
    boolean isSureOfThat() {
        return library.isSureOfThat();
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
        int place = names.place(host);
        SslHandler handler = contexts.get(place).newHandler(allocator);
        // The connection has timers of its own.
        handler.setHandshakeTimeoutMillis(0);
        handler.setCloseNotifyFlushTimeoutMillis(CLOSE_MILLIS);
        try {
            library.prepare(handler.engine(), place);
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
        library.close();
        generation.retire().thenRun(() -> contexts.forEach(ReferenceCountUtil::release));
    }
}
