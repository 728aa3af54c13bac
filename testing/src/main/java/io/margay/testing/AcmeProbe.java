// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** Asks a server for proofs, as authorities do. */
final class AcmeProbe {
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final String IDENTIFIER = "1.3.6.1.5.5.7.1.31";
    private static final byte[] TWO_STRINGS = {4, 34, 4, 32};

    private AcmeProbe() {
    }

    /**
     * Asks over HTTP (RFC 8555 §8.3).
     *
     * @param answer what is to be answered
     * @throws IOException when there is no answer
     */
    static void http(int port, String domain, String token, String answer) throws AcmeRefusal, IOException {
        String found;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(("GET /.well-known/acme-challenge/" + token + " HTTP/1.1\r\nHost: " + domain
                + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            found = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
        if (!found.startsWith("HTTP/1.1 200 ") || !found.endsWith("\r\n\r\n" + answer)) {
            throw new AcmeRefusal(403, "incorrectResponse", "the answer is "
                + found.lines().findFirst().orElse("nothing"));
        }
    }

    /** Asks by a handshake, after which nothing may follow (RFC 8737 §3). */
    static void tls(int port, String domain, String answer) throws AcmeRefusal, IOException {
        try (SSLSocket socket = (SSLSocket) anybody().getSocketFactory().createSocket(
                InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"acme-tls/1"});
            parameters.setServerNames(List.of(new SNIHostName(domain)));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(answer.getBytes(StandardCharsets.US_ASCII));
            byte[] extension = leaf.getExtensionValue(IDENTIFIER);
            String wrong = !socket.getApplicationProtocol().equals("acme-tls/1") ? "the protocol"
                : !List.<Collection<?>>of(List.of(2, domain)).equals(names(leaf)) ? "the name"
                : extension == null || !critical(leaf).contains(IDENTIFIER)
                    || !Arrays.equals(Arrays.copyOf(extension, 4), TWO_STRINGS)
                    || !Arrays.equals(Arrays.copyOfRange(extension, 4, extension.length), digest) ? "the digest"
                : socket.getInputStream().read() != -1 ? "what follows" : "";
            if (!wrong.isEmpty()) {
                throw new AcmeRefusal(403, "incorrectResponse", wrong + " is wrong");
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static List<Collection<?>> names(X509Certificate leaf) throws GeneralSecurityException {
        return leaf.getSubjectAlternativeNames() == null ? List.of() : List.copyOf(leaf.getSubjectAlternativeNames());
    }

    private static Set<String> critical(X509Certificate leaf) {
        return leaf.getCriticalExtensionOIDs() == null ? Set.of() : leaf.getCriticalExtensionOIDs();
    }

    /** How somebody asks about a certificate whose issuer's key is named by a SHA-1 (RFC 9773 §4.1). */
    static String renewalId(String chain) throws GeneralSecurityException {
        X509Certificate leaf = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(
            new ByteArrayInputStream(chain.getBytes(StandardCharsets.US_ASCII)));
        byte[] key = leaf.getExtensionValue("2.5.29.35");
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return base64.encodeToString(Arrays.copyOfRange(key, key.length - 20, key.length)) + "."
            + base64.encodeToString(leaf.getSerialNumber().toByteArray());
    }

    /** Whoever is there: who it is tells what it proves. */
    private static SSLContext anybody() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new AllTrust()}, new SecureRandom());
        return context;
    }
}
