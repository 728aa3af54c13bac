// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import java.net.Socket;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Says during a handshake what becomes of a client by its certificates. Without {@link ClientTrust} nobody is trusted,
 * nor asked; the list of the JVM would be loaded if there were no such object.
 */
final class ClientTrustManager extends X509ExtendedTrustManager {
    private final Optional<ClientTrust> trust;
    private final Function<CertPathValidatorException, CertificateException> refused;

    /** Verifies by {@code trust}; {@code refused} tells the library of TLS why a client is not trusted. */
    ClientTrustManager(Optional<ClientTrust> trust,
            Function<CertPathValidatorException, CertificateException> refused) {
        this.trust = trust;
        this.refused = refused;
    }

    private static CertificateException refusal() {
        return new CertificateException("certificates are not accepted");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        ClientTrust known = trust.orElseThrow(ClientTrustManager::refusal);
        if (known.isLenient()) {
            return;
        }
        try {
            known.verify(List.of(chain));
        } catch (CertPathValidatorException e) {
            throw refused.apply(e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw refusal();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw refusal();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        throw refusal();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trust.map(ClientTrust::authorities).orElse(List.of()).toArray(X509Certificate[]::new);
    }
}
