// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.TrustBundle;
import io.margay.conf.ConfPointer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.MessageDigest;
import java.security.cert.CRLException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;

/**
 * Which clients a listener trusts, by their certificates (RFC 5280 §6) and the lists of what has been revoked. Nothing
 * is fetched, whatever a certificate names. The work for one client is bounded by the depth. Immutable, for any thread.
 */
final class ClientTrust {
    private static final ConfPointer OPTION = ConfPointer.ROOT.child("client");
    private static final ConfPointer CA = OPTION.child("ca");
    private static final String CLIENTS = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_PURPOSE = "2.5.29.37.0";

    private final ClientOptions options;
    private final List<TrustBundle> bundles;
    private final List<X509Certificate> authorities;
    private final Set<X500Principal> names = new HashSet<>();
    private final ClientOptions.Revocation revocation;
    private final PKIXParameters parameters;

    /**
     * Prepares.
     *
     * @param bundles those of the options, in their order
     * @throws TlsException when there is nobody to trust in one, or no list where some are wanted
     */
    ClientTrust(ClientOptions options, List<TrustBundle> bundles) {
        this.options = options;
        this.bundles = List.copyOf(bundles);
        for (int i = 0; i < bundles.size(); i++) {
            if (bundles.get(i).authorities().stream().noneMatch(ClientTrust::isAuthority)) {
                throw new TlsException(CA, "certificate \"" + options.authorities().get(i)
                    + "\" cannot be used as \"ca\": it has no certificate of an authority");
            }
        }
        authorities = bundles.stream().flatMap(bundle -> bundle.authorities().stream())
            .filter(ClientTrust::isAuthority).distinct().toList();
        authorities.forEach(authority -> names.add(authority.getSubjectX500Principal()));
        revocation = revocation(options, bundles);
        try {
            parameters = new PKIXParameters(authorities.stream().map(authority -> new TrustAnchor(authority, null))
                .collect(Collectors.toSet()));
            parameters.setRevocationEnabled(false);
        } catch (InvalidAlgorithmParameterException e) {
            throw new TlsException("\"ca\" cannot be used: " + e.getMessage(), e);
        }
    }

    private static boolean isAuthority(X509Certificate certificate) {
        return certificate.getBasicConstraints() >= 0;
    }

    private static ClientOptions.Revocation revocation(ClientOptions options, List<TrustBundle> bundles) {
        boolean some = bundles.stream().anyMatch(bundle -> !bundle.revocations().isEmpty());
        return switch (options.revocation()) {
            case AUTO -> some ? ClientOptions.Revocation.CHAIN : ClientOptions.Revocation.OFF;
            case OFF -> ClientOptions.Revocation.OFF;
            case CLIENT, CHAIN -> {
                if (!some) {
                    throw new TlsException(OPTION.child("revocation"),
                        "\"revocation\" needs a revocation list in one of the bundles \""
                        + String.join("\", \"", options.authorities()) + "\"");
                }
                yield options.revocation();
            }
        };
    }

    /** The certificates that are trusted. */
    List<X509Certificate> authorities() {
        return authorities;
    }

    /** Whether clients must have a certificate. */
    boolean isRequired() {
        return options.verify() == ClientOptions.Verify.REQUIRED;
    }

    /** Whether clients are served whatever certificate they have. */
    boolean isLenient() {
        return options.verify() == ClientOptions.Verify.REQUEST;
    }

    /** 32 bytes that are others when another client might be trusted, by which sessions are kept apart. */
    byte[] identity() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            String asked = options.verify() + " " + options.depth() + " " + revocation;
            digest.update(asked.getBytes(StandardCharsets.US_ASCII));
            for (X509Certificate authority : authorities) {
                digest.update(authority.getEncoded());
            }
            for (TrustBundle bundle : bundles) {
                for (byte[] list : encoded(bundle.revocations())) {
                    digest.update(list);
                }
            }
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("what was read can be written", e);
        }
    }

    /** In an order that does not depend on chance. */
    private static List<byte[]> encoded(List<X509CRL> lists) throws CRLException {
        List<byte[]> all = new ArrayList<>();
        for (X509CRL list : lists) {
            all.add(list.getEncoded());
        }
        all.sort(Arrays::compare);
        return all;
    }

    /**
     * Looks at what a client has shown.
     *
     * @param chain its own certificate, then others in any order
     * @throws CertPathValidatorException with a reason for the log when it is not trusted
     */
    void verify(List<X509Certificate> chain) throws CertPathValidatorException {
        X509Certificate own = chain.getFirst();
        List<X509Certificate> path = path(chain);
        X509Certificate anchor;
        try {
            CertPath built = CertificateFactory.getInstance("X.509").generateCertPath(path);
            PKIXCertPathValidatorResult result = (PKIXCertPathValidatorResult)
                CertPathValidator.getInstance("PKIX").validate(built, parameters);
            anchor = result.getTrustAnchor().getTrustedCert();
        } catch (CertPathValidatorException e) {
            throw new CertPathValidatorException(subject(e.getIndex() < 0 ? own : path.get(e.getIndex()))
                + " is not valid: " + e.getMessage(), e, null, -1, e.getReason());
        } catch (GeneralSecurityException e) {
            throw refused(own, " cannot be verified: " + e.getMessage(), BasicReason.UNSPECIFIED);
        }
        checkPurpose(own);
        int wanted = switch (revocation) {
            case CHAIN -> path.size();
            case CLIENT -> 1;
            default -> 0;
        };
        for (int i = 0; i < wanted; i++) {
            checkRevocation(path.get(i), i + 1 < path.size() ? path.get(i + 1) : anchor);
        }
    }

    /** From the client's own certificate to one that a trusted authority seems to have issued. */
    private List<X509Certificate> path(List<X509Certificate> chain) throws CertPathValidatorException {
        List<X509Certificate> path = new ArrayList<>();
        X509Certificate last = chain.getFirst();
        path.add(last);
        while (!names.contains(last.getIssuerX500Principal())) {
            X500Principal issuer = last.getIssuerX500Principal();
            Optional<X509Certificate> next = chain.stream()
                .filter(other -> other.getSubjectX500Principal().equals(issuer) && !path.contains(other)).findFirst();
            if (next.isEmpty()) {
                throw refused(last, " was issued by \"" + shown(issuer) + "\", which is not trusted",
                    PKIXReason.NO_TRUST_ANCHOR);
            }
            last = next.get();
            path.add(last);
            if (path.size() > options.depth() + 1) {
                throw refused(chain.getFirst(), " is more than " + options.depth()
                    + " certificates away from a trusted one", PKIXReason.PATH_TOO_LONG);
            }
        }
        return path;
    }

    private static void checkPurpose(X509Certificate own) throws CertPathValidatorException {
        try {
            List<String> purposes = own.getExtendedKeyUsage();
            if (purposes != null && !purposes.contains(CLIENTS) && !purposes.contains(ANY_PURPOSE)) {
                throw refused(own, " is not for clients", PKIXReason.INVALID_KEY_USAGE);
            }
        } catch (CertificateParsingException e) {
            throw refused(own, " has a malformed purpose", PKIXReason.INVALID_KEY_USAGE);
        }
    }

    private void checkRevocation(X509Certificate certificate, X509Certificate issuer)
            throws CertPathValidatorException {
        List<X509CRL> lists = bundles.stream().flatMap(bundle -> bundle.revocations(issuer).stream()).toList();
        X509CRL latest = lists.stream().max(Comparator.comparing(X509CRL::getThisUpdate)).orElseThrow(() ->
            refused(certificate, " may be revoked: there is no revocation list of its issuer",
                BasicReason.UNDETERMINED_REVOCATION_STATUS));
        if (lists.stream().anyMatch(list -> list.isRevoked(certificate))) {
            throw refused(certificate, " was revoked", BasicReason.REVOKED);
        }
        if (latest.getNextUpdate() != null && latest.getNextUpdate().before(new Date())) {
            throw refused(certificate, " may be revoked: the revocation list of \""
                + shown(issuer.getSubjectX500Principal()) + "\" is out of date since "
                + latest.getNextUpdate().toInstant(), BasicReason.UNDETERMINED_REVOCATION_STATUS);
        }
    }

    private static CertPathValidatorException refused(X509Certificate certificate, String what,
            CertPathValidatorException.Reason reason) {
        return new CertPathValidatorException(subject(certificate) + what, null, null, -1, reason);
    }

    private static String subject(X509Certificate certificate) {
        return "the certificate of \"" + shown(certificate.getSubjectX500Principal()) + "\"";
    }

    private static String shown(X500Principal name) {
        String text = name.getName();
        return text.length() > 200 ? text.substring(0, 200) + "..." : text;
    }
}
