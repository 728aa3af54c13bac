// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * Certificates of authorities that are trusted, and what they have revoked. It is uploaded as a bundle without a key;
 * one with a key stands for its chain.
 *
 * <p>Immutable, for any thread.
 */
public final class TrustBundle {
    private static final String LIST = "X509 CRL";
    private static final int SIGNS_CERTIFICATES = 5;
    /** The extension subjectAltName. */
    private static final String NAMES = "2.5.29.17";
    /** Extensions that say nothing about what a list covers: its number, and the key that signed it. */
    private static final Set<String> HARMLESS = Set.of("2.5.29.20", "2.5.29.35");

    /** Who signs: two authorities may have the same name, as before and after a change of the key. */
    private record Signer(X500Principal name, PublicKey key) {
        static Signer of(X509Certificate authority) {
            return new Signer(authority.getSubjectX500Principal(), authority.getPublicKey());
        }
    }

    private final List<X509Certificate> authorities;
    private final Map<Signer, X509CRL> lists;

    private TrustBundle(List<X509Certificate> authorities, Map<Signer, X509CRL> lists) {
        this.authorities = List.copyOf(authorities);
        this.lists = Map.copyOf(lists);
    }

    /**
     * Reads a bundle. Dates are not looked at, since a server may have to serve with what there is.
     *
     * @param pem blocks in any order; text between them is ignored
     * @throws BundleException when there is no key and a certificate is not that of an authority (RFC 5280 §4.2.1.3), a
     *     list was signed by nobody in the bundle, or something else is in it
     */
    public static TrustBundle parse(byte[] pem) throws BundleException {
        List<Pem> blocks = CertificateBundle.blocks(pem);
        if (blocks.stream().anyMatch(CertificateBundle::isKey)) {
            return new TrustBundle(CertificateBundle.parse(pem).chain(), Map.of());
        }
        List<X509Certificate> authorities = new ArrayList<>();
        List<Pem> lists = new ArrayList<>();
        for (Pem block : blocks) {
            if (CertificateBundle.isCertificate(block)) {
                authorities.add(authority(block, authorities.size() + 1));
            } else if (block.type().equals(LIST)) {
                lists.add(block);
            } else {
                throw CertificateBundle.unsupported(block);
            }
        }
        if (authorities.isEmpty()) {
            throw new BundleException("No certificates found in the bundle.");
        }
        Map<Signer, X509CRL> read = new HashMap<>();
        for (int i = 0; i < lists.size(); i++) {
            add(list(lists.get(i), i + 1), i + 1, authorities, read);
        }
        return new TrustBundle(authorities, read);
    }

    /** Whether it is meant as one: it has lists of revocations, or authorities and no key. */
    static boolean isMeant(byte[] pem) throws BundleException {
        List<Pem> blocks = CertificateBundle.blocks(pem);
        if (blocks.stream().anyMatch(CertificateBundle::isKey)) {
            return false;
        }
        if (blocks.stream().anyMatch(block -> block.type().equals(LIST))) {
            return true;
        }
        for (Pem block : blocks) {
            if (!CertificateBundle.isCertificate(block) || !isAuthority(CertificateBundle.certificate(block, 1))) {
                return false;
            }
        }
        return !blocks.isEmpty();
    }

    private static X509Certificate authority(Pem block, int number) throws BundleException {
        X509Certificate certificate = CertificateBundle.certificate(block, number);
        if (!isAuthority(certificate)) {
            throw new BundleException("Certificate " + number + " of the bundle may not sign others (keyCertSign); "
                + "without a private key there may be authorities only.");
        }
        return certificate;
    }

    /**
     * Who may sign certificates. Where nothing is said of the use of the key any is allowed (RFC 5280 §4.2.1.3), as in
     * authorities that {@code openssl req -x509} makes; but then so is that of a server which has signed itself, and
     * that names its hosts.
     */
    private static boolean isAuthority(X509Certificate certificate) {
        boolean[] usage = certificate.getKeyUsage();
        return certificate.getBasicConstraints() >= 0
            && (usage == null ? certificate.getExtensionValue(NAMES) == null : usage[SIGNS_CERTIFICATES]);
    }

    private static X509CRL list(Pem block, int number) throws BundleException {
        try {
            X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(block.content()));
            Set<String> critical = list.getCriticalExtensionOIDs();
            if (critical != null && !HARMLESS.containsAll(critical)) {
                throw new BundleException("Revocation list " + number
                    + " of the bundle is not a complete one of all certificates of its issuer.");
            }
            return list;
        } catch (CRLException | CertificateException e) {
            throw new BundleException("Revocation list " + number + " of the bundle cannot be read: "
                + Pem.shown(String.valueOf(e.getMessage())), e);
        }
    }

    /** Of several lists of one signer the latest counts. */
    private static void add(X509CRL list, int number, List<X509Certificate> authorities, Map<Signer, X509CRL> read)
            throws BundleException {
        for (X509Certificate authority : authorities) {
            if (authority.getSubjectX500Principal().equals(list.getIssuerX500Principal())
                    && isSigned(list, authority.getPublicKey())) {
                read.merge(Signer.of(authority), list, (one, other) ->
                    one.getThisUpdate().before(other.getThisUpdate()) ? other : one);
                return;
            }
        }
        throw new BundleException("Revocation list " + number + " of the bundle was signed by none of its "
            + "certificates.");
    }

    private static boolean isSigned(X509CRL list, PublicKey key) {
        try {
            list.verify(key);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The certificates that are trusted, in the order of the file; at least one. */
    public List<X509Certificate> authorities() {
        return authorities;
    }

    /** The lists of revocations, in no order. */
    public List<X509CRL> revocations() {
        return List.copyOf(lists.values());
    }

    /** What an authority has revoked; empty when there is no list by its key. */
    public Optional<X509CRL> revocations(X509Certificate authority) {
        return Optional.ofNullable(lists.get(Signer.of(authority)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TrustBundle bundle && authorities.equals(bundle.authorities)
            && lists.equals(bundle.lists);
    }

    @Override
    public int hashCode() {
        return 31 * authorities.hashCode() + lists.hashCode();
    }
}
