// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/** What a certificate calls itself and its issuer. */
public final class CertificateNames {

    /** Attributes of a name, as {@code spec/control-api.md §8.3} calls them, in its order. */
    public enum Attribute {
        /** CN. */
        COMMON_NAME("550403"),
        /** C. */
        COUNTRY("550406"),
        /** ST. */
        STATE_OR_PROVINCE("550408"),
        /** L. */
        LOCALITY("550407"),
        /** O. */
        ORGANIZATION("55040a"),
        /** OU. */
        DEPARTMENT("55040b");

        private final String identifier;

        Attribute(String identifier) {
            this.identifier = identifier;
        }
    }

    private static final int DNS = 2;
    private static final String SUBJECT_NAMES = "2.5.29.17";

    private CertificateNames() {
    }

    /** The first value of an attribute; empty when the name has none. */
    public static Optional<String> attribute(X500Principal name, Attribute wanted) {
        try {
            for (Der set : Der.read(name.getEncoded()).values()) {
                for (Der pair : set.values()) {
                    List<Der> parts = pair.values();
                    if (parts.size() == 2
                            && HexFormat.of().formatHex(parts.get(0).content()).equals(wanted.identifier)) {
                        return Optional.of(parts.get(1).text());
                    }
                }
            }
            return Optional.empty();
        } catch (BundleException e) {
            // The JDK has read it before and encodes it itself.
            throw new IllegalStateException(e);
        }
    }

    /** The DNS names of the subject's alternative names, as they stand there. */
    public static List<String> alternativeNames(X509Certificate certificate) {
        try {
            return dns(certificate.getSubjectAlternativeNames());
        } catch (CertificateParsingException e) {
            // Of no use to clients either.
            return List.of();
        }
    }

    /** The DNS names of the issuer's alternative names. */
    public static List<String> issuerAlternativeNames(X509Certificate certificate) {
        try {
            return dns(certificate.getIssuerAlternativeNames());
        } catch (CertificateParsingException e) {
            // Of no use to clients either.
            return List.of();
        }
    }

    private static List<String> dns(Collection<List<?>> names) {
        List<String> found = new ArrayList<>();
        if (names != null) {
            for (List<?> name : names) {
                if (name.get(0).equals(DNS)) {
                    found.add((String) name.get(1));
                }
            }
        }
        return found;
    }

    /**
     * The names for which a certificate is chosen ({@code spec/routing.md §14}): the DNS names among its alternative
     * names, else, only when it has none of any kind, its common name. In lower case.
     */
    public static List<String> serverNames(X509Certificate certificate) {
        List<String> names = certificate.getExtensionValue(SUBJECT_NAMES) != null ? alternativeNames(certificate)
            : attribute(certificate.getSubjectX500Principal(), Attribute.COMMON_NAME).stream().toList();
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }
}
