// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.http.TlsInfo;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Reads what a handshake has led to. */
final class TlsHandshake {
    private static final int MAX_REASON = 300;

    private TlsHandshake() {
    }

    /**
     * Looks at a handshake that has succeeded.
     *
     * @throws CertPathValidatorException when the client is not to be served all the same: it came back with an earlier
     *     session, and would not be trusted today
     */
    static TlsInfo of(SSLEngine engine, TlsSlot.Begun begun) throws CertPathValidatorException {
        SSLSession session = engine.getSession();
        TlsService service = begun.service();
        boolean resumed = service.isResumed(engine, begun.millis());
        List<X509Certificate> chain = service.trust().isPresent() ? chain(session) : List.of();
        AsciiString verify = TlsInfo.NONE;
        if (service.trust().isPresent()) {
            verify = verify(service.trust().get(), chain, resumed || !service.isSureOfThat());
        }
        return new TlsInfo(AsciiString.of(session.getProtocol()), AsciiString.of(session.getCipherSuite()),
            serverName(session), resumed, verify, chain.stream().findFirst());
    }

    /** A full handshake has verified the client already, unless everybody is let in. */
    private static AsciiString verify(ClientTrust trust, List<X509Certificate> chain, boolean maybeResumed)
            throws CertPathValidatorException {
        if (chain.isEmpty()) {
            if (trust.isRequired()) {
                throw new CertPathValidatorException("the session has no certificate", null, null, -1,
                    PKIXReason.NO_TRUST_ANCHOR);
            }
            return TlsInfo.NONE;
        }
        try {
            if (maybeResumed || trust.isLenient()) {
                trust.verify(chain);
            }
            return TlsInfo.SUCCESS;
        } catch (CertPathValidatorException e) {
            if (!trust.isLenient()) {
                throw e;
            }
            String reason = String.valueOf(e.getMessage()).replaceAll("[\\x00-\\x1F\\x7F]", "?");
            return new AsciiString(("FAILED:" + reason.substring(0, Math.min(MAX_REASON, reason.length())))
                .getBytes(StandardCharsets.UTF_8), false);
        }
    }

    private static List<X509Certificate> chain(SSLSession session) {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : session.getPeerCertificates()) {
                chain.add((X509Certificate) certificate);
            }
            return chain;
        } catch (SSLPeerUnverifiedException e) {
            // It has none.
            return List.of();
        }
    }

    /** For whom the client has asked. */
    private static AsciiString serverName(SSLSession session) {
        if (!(session instanceof ExtendedSSLSession extended)) {
            return AsciiString.EMPTY_STRING;
        }
        return extended.getRequestedServerNames().stream().filter(SNIHostName.class::isInstance)
            .map(name -> AsciiString.of(((SNIHostName) name).getAsciiName())).findFirst()
            .orElse(AsciiString.EMPTY_STRING);
    }

    /** What tells most of why a handshake has failed: what was wrong with a certificate, else what the library says. */
    static Throwable reason(Throwable failure) {
        Throwable reason = failure.getCause() == null ? failure : failure.getCause();
        for (Throwable each = reason; each != null; each = each.getCause()) {
            if (each instanceof CertificateException) {
                return each;
            }
        }
        return reason;
    }
}
