// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateNames.Attribute;
import io.margay.certificate.CertificateNames;
import io.margay.certificate.TrustBundle;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfText;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * What clients see of a certificate chain ({@code spec/control-api.md §8.3}); nothing of the key but its kind. A bundle
 * of authorities has no key, and perhaps revocations.
 */
final class CertificateInfo {
    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss yyyy 'GMT'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int MAX_VALUE = 255;
    private static final String KEY = "key";

    private CertificateInfo() {
    }

    static ConfObject of(CertificateBundle bundle) {
        List<Conf> chain = new ArrayList<>();
        bundle.chain().forEach(certificate -> chain.add(certificate(certificate)));
        return ConfObject.builder().put(KEY, key(bundle.key())).put("chain", new ConfArray(chain)).build();
    }

    static ConfObject of(TrustBundle bundle) {
        List<Conf> chain = new ArrayList<>();
        bundle.authorities().forEach(certificate -> chain.add(certificate(certificate)));
        ConfObject.Builder info = ConfObject.builder().put("chain", new ConfArray(chain));
        if (!bundle.revocations().isEmpty()) {
            info.put("revocations", new ConfArray(bundle.revocations().stream().map(CertificateInfo::list).toList()));
        }
        return info.build();
    }

    /** Whether what clients see of a bundle is that of one with a key; one that is not there lacks none. */
    static boolean hasKey(Optional<Conf> info) {
        return info.filter(shown -> !((ConfObject) shown).has(KEY)).isEmpty();
    }

    private static Conf list(X509CRL list) {
        ConfObject.Builder validity = ConfObject.builder().put("since", time(list.getThisUpdate()));
        if (list.getNextUpdate() != null) {
            validity.put("until", time(list.getNextUpdate()));
        }
        Set<? extends X509CRLEntry> revoked = list.getRevokedCertificates();
        return ConfObject.builder().put("issuer", name(list.getIssuerX500Principal(), List.of()))
            .put("validity", validity.build()).put("certificates", revoked == null ? 0 : revoked.size()).build();
    }

    private static String key(PrivateKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA", "RSASSA-PSS" -> "RSA (" + ((RSAKey) key).getModulus().bitLength() + " bits)";
            case "EC" -> "ECDH";
            default -> "unknown";
        };
    }

    private static ConfObject certificate(X509Certificate certificate) {
        ConfObject validity = ConfObject.builder().put("since", time(certificate.getNotBefore()))
            .put("until", time(certificate.getNotAfter())).build();
        return ConfObject.builder()
            .put("subject", name(certificate.getSubjectX500Principal(), CertificateNames.alternativeNames(certificate)))
            .put("issuer", name(certificate.getIssuerX500Principal(),
                CertificateNames.issuerAlternativeNames(certificate)))
            .put("validity", validity)
            .put("fingerprint", fingerprint(certificate)).build();
    }

    /** The SHA-256 of the certificate as it is sent, as openssl prints it. */
    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.ofDelimiter(":").withUpperCase().formatHex(
                MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read can be written", e);
        }
    }

    private static String time(Date date) {
        return TIME.format(date.toInstant());
    }

    private static ConfObject name(X500Principal principal, List<String> alternatives) {
        ConfObject.Builder name = ConfObject.builder();
        for (Attribute attribute : Attribute.values()) {
            CertificateNames.attribute(principal, attribute)
                .ifPresent(value -> name.put(attribute.name().toLowerCase(Locale.ROOT), cut(value)));
            if (attribute == Attribute.COMMON_NAME && !alternatives.isEmpty()) {
                name.put("alt_names", new ConfArray(alternatives.stream().<Conf>map(Conf::of).toList()));
            }
        }
        return name.build();
    }

    /** At most so many bytes, and no half of a character. */
    private static String cut(String value) {
        byte[] bytes = ConfText.encode(value);
        if (bytes.length <= MAX_VALUE) {
            return value;
        }
        int end = MAX_VALUE;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return ConfText.decode(bytes, 0, end);
    }
}
