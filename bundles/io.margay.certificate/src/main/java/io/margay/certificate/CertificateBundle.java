// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import java.io.ByteArrayInputStream;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A chain of certificates and the private key of the first.
 *
 * @param chain the leaf, then the others in the order of the file; at least one
 * @param key the leaf's
 */
public record CertificateBundle(List<X509Certificate> chain, PrivateKey key) {

    /** Bytes that the PEM of a bundle may have. */
    public static final int MAX_SIZE = 1 << 20;

    private static final int MIN_RSA = 1024;
    private static final Set<String> CERTIFICATES = Set.of("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE");
    private static final String KEY = "PRIVATE KEY";
    private static final String CURVE = "EC PARAMETERS";

    /** Keeps an own list. */
    public CertificateBundle {
        chain = List.copyOf(chain);
    }

    /** The certificate of the key. */
    public X509Certificate leaf() {
        return chain.getFirst();
    }

    /**
     * Reads a bundle. Dates and the order of the chain are not looked at, since a server may have to serve with what
     * there is.
     *
     * @param pem blocks in any order; text between them is ignored
     * @throws BundleException when there is not one unencrypted key with its certificate, or something else is in it
     */
    public static CertificateBundle parse(byte[] pem) throws BundleException {
        List<X509Certificate> chain = new ArrayList<>();
        List<Pem> keys = new ArrayList<>();
        for (Pem block : blocks(pem)) {
            if (isCertificate(block)) {
                chain.add(certificate(block, chain.size() + 1));
            } else if (isKey(block)) {
                keys.add(block);
            } else if (!block.type().equals(CURVE)) {
                // The curve stands in key and certificate too.
                throw unsupported(block);
            }
        }
        if (chain.isEmpty()) {
            throw new BundleException("No certificates found in the bundle.");
        }
        if (keys.size() != 1) {
            throw new BundleException(keys.isEmpty() ? "No private key found in the bundle."
                : "The bundle has several private keys; it must have exactly one.");
        }
        PrivateKey key = PrivateKeys.read(keys.getFirst(), chain.getFirst().getPublicKey());
        PrivateKeys.match(key, chain.getFirst().getPublicKey());
        if (key instanceof RSAKey rsa && rsa.getModulus().bitLength() < MIN_RSA) {
            throw new BundleException("The RSA key has " + rsa.getModulus().bitLength() + " bits; no handshake can use "
                + "one of less than " + MIN_RSA + ".");
        }
        return new CertificateBundle(chain, key);
    }

    /** The blocks of a file that is not too long. */
    static List<Pem> blocks(byte[] pem) throws BundleException {
        if (pem.length > MAX_SIZE) {
            throw new BundleException("The bundle exceeds " + MAX_SIZE + " bytes.");
        }
        return Pem.blocks(pem);
    }

    static boolean isCertificate(Pem block) {
        return CERTIFICATES.contains(block.type());
    }

    static boolean isKey(Pem block) {
        return block.type().equals(KEY) || block.type().endsWith(' ' + KEY);
    }

    static BundleException unsupported(Pem block) {
        return new BundleException("Unsupported PEM type: \"" + Pem.shown(block.type()) + "\".");
    }

    static X509Certificate certificate(Pem block, int number) throws BundleException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(block.content()));
        } catch (CertificateException e) {
            throw new BundleException("Certificate " + number + " of the bundle cannot be read: "
                + Pem.shown(String.valueOf(e.getMessage())), e);
        }
    }
}
