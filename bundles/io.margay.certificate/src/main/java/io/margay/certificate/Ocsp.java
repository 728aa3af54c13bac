// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/**
 * What an authority says of one of its certificates by OCSP (RFC 6960), as a server passes it on to clients.
 *
 * @param status of the certificate
 * @param since from when it holds
 * @param until when there will be news; empty if they come at any time
 */
public record Ocsp(Status status, Instant since, Optional<Instant> until) {

    /** What is said. */
    public enum Status {
        /** It may be used. */
        GOOD,
        /** It must not. */
        REVOKED,
        /** The responder does not know it. */
        UNKNOWN
    }

    private static final String ACCESS = "1.3.6.1.5.5.7.1.1";
    private static final String SIGNS_ANSWERS = "1.3.6.1.5.5.7.3.9";
    private static final byte[] BASIC = {0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1};
    private static final byte[] RESPONDER = {0x2B, 6, 1, 5, 5, 7, 0x30, 1};
    private static final byte[] SHA1 = {0x2B, 0x0E, 3, 2, 0x1A};
    private static final int NULL = 0x05;
    private static final int BITS = 0x03;
    private static final int ENUMERATED = 0x0A;
    private static final int TIME = 0x18;
    private static final int URI = 0x86;
    private static final int FIRST = 0xA0;
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'");

    /** Where a certificate says that it can be asked for; empty if it does not. */
    public static Optional<String> responder(X509Certificate certificate) {
        byte[] extension = certificate.getExtensionValue(ACCESS);
        if (extension == null) {
            return Optional.empty();
        }
        try {
            for (Der access : Der.read(Der.read(extension).content()).values()) {
                List<Der> parts = access.values();
                if (Arrays.equals(Der.at(parts, 0, Der.OID).content(), RESPONDER) && parts.size() == 2
                        && parts.get(1).tag() == URI) {
                    return Optional.of(new String(parts.get(1).content(), StandardCharsets.US_ASCII));
                }
            }
        } catch (BundleException e) {
            // Of no use, as if it were not there.
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** The question for a certificate, as it is posted to a responder. */
    public static byte[] request(X509Certificate certificate, X509Certificate issuer) {
        byte[] id = Der.encode(Der.SEQUENCE, Der.encode(Der.SEQUENCE, Der.encode(Der.OID, SHA1), Der.encode(NULL)),
            Der.encode(Der.OCTETS, sha1(issuer.getSubjectX500Principal().getEncoded())),
            Der.encode(Der.OCTETS, sha1(key(issuer))),
            Der.encode(Der.INTEGER, certificate.getSerialNumber().toByteArray()));
        return Der.encode(Der.SEQUENCE, Der.encode(Der.SEQUENCE, Der.encode(Der.SEQUENCE,
            Der.encode(Der.SEQUENCE, id))));
    }

    /**
     * Reads and verifies an answer.
     *
     * @param answer as it came, hostile
     * @param certificate of which it is
     * @param issuer who must have signed it, or who answers for it
     * @throws BundleException when it is malformed, refused, of another certificate or not signed as it must be
     */
    public static Ocsp read(byte[] answer, X509Certificate certificate, X509Certificate issuer) throws BundleException {
        List<Der> outer = Der.at(List.of(Der.read(answer)), 0, Der.SEQUENCE).values();
        byte[] refusal = Der.at(outer, 0, ENUMERATED).content();
        if (refusal.length != 1 || refusal[0] != 0) {
            throw new BundleException("The responder has refused to answer, " + new BigInteger(1, refusal) + ".");
        }
        List<Der> typed = Der.at(Der.at(outer, 1, FIRST).values(), 0, Der.SEQUENCE).values();
        if (!Arrays.equals(Der.at(typed, 0, Der.OID).content(), BASIC)) {
            throw new BundleException("The answer is of an unknown kind.");
        }
        List<Der> basic = Der.read(Der.at(typed, 1, Der.OCTETS).content()).values();
        Der told = Der.at(basic, 0, Der.SEQUENCE);
        verify(basic, told, issuer);
        List<Der> data = told.values();
        int start = !data.isEmpty() && data.getFirst().tag() == FIRST ? 1 : 0;
        for (Der single : Der.at(data, start + 2, Der.SEQUENCE).values()) {
            List<Der> parts = single.values();
            if (isOf(Der.at(parts, 0, Der.SEQUENCE).values(), certificate, issuer)) {
                return single(parts);
            }
        }
        throw new BundleException("The answer is not of this certificate.");
    }

    private static Ocsp single(List<Der> parts) throws BundleException {
        Status status = switch (parts.size() > 2 ? parts.get(1).tag() : 0) {
            case 0x80 -> Status.GOOD;
            case 0xA1 -> Status.REVOKED;
            case 0x82 -> Status.UNKNOWN;
            default -> throw new BundleException("The answer has no status.");
        };
        Optional<Instant> until = parts.size() > 3 && parts.get(3).tag() == FIRST
            ? Optional.of(time(Der.at(parts.get(3).values(), 0, TIME))) : Optional.empty();
        return new Ocsp(status, time(Der.at(parts, 2, TIME)), until);
    }

    private static boolean isOf(List<Der> id, X509Certificate certificate, X509Certificate issuer)
            throws BundleException {
        byte[] algorithm = Der.at(Der.at(id, 0, Der.SEQUENCE).values(), 0, Der.OID).content();
        return Arrays.equals(algorithm, SHA1)
            && Arrays.equals(Der.at(id, 1, Der.OCTETS).content(), sha1(issuer.getSubjectX500Principal().getEncoded()))
            && Arrays.equals(Der.at(id, 2, Der.OCTETS).content(), sha1(key(issuer)))
            && Arrays.equals(Der.at(id, 3, Der.INTEGER).content(), certificate.getSerialNumber().toByteArray());
    }

    /** Signed by the issuer, or by whom it has made a certificate for that (RFC 6960 §4.2.2.2). */
    private static void verify(List<Der> basic, Der told, X509Certificate issuer) throws BundleException {
        byte[] bits = Der.at(basic, 2, BITS).content();
        String algorithm = dotted(Der.at(Der.at(basic, 1, Der.SEQUENCE).values(), 0, Der.OID).content());
        if (bits.length < 2 || bits[0] != 0) {
            throw new BundleException("The answer is not signed.");
        }
        byte[] signature = Arrays.copyOfRange(bits, 1, bits.length);
        if (isSigned(told.encoded(), signature, algorithm, issuer.getPublicKey())) {
            return;
        }
        if (basic.size() > 3 && basic.get(3).tag() == FIRST) {
            for (Der each : Der.at(basic.get(3).values(), 0, Der.SEQUENCE).values()) {
                if (isDelegate(each.encoded(), issuer, told.encoded(), signature, algorithm)) {
                    return;
                }
            }
        }
        throw new BundleException("The answer is signed by nobody who may.");
    }

    private static boolean isDelegate(byte[] encoded, X509Certificate issuer, byte[] told, byte[] signature,
            String algorithm) {
        try {
            X509Certificate signer = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(encoded));
            List<String> purposes = signer.getExtendedKeyUsage();
            if (purposes == null || !purposes.contains(SIGNS_ANSWERS)
                    || !signer.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
                return false;
            }
            signer.checkValidity(new Date());
            signer.verify(issuer.getPublicKey());
            return isSigned(told, signature, algorithm, signer.getPublicKey());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static boolean isSigned(byte[] told, byte[] signature, String algorithm, PublicKey key) {
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(told);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            // An algorithm that is not known, or of another kind of key.
            return false;
        }
    }

    private static String dotted(byte[] oid) {
        StringBuilder text = new StringBuilder();
        BigInteger part = BigInteger.ZERO;
        for (byte each : oid) {
            part = part.shiftLeft(7).add(BigInteger.valueOf(each & 0x7F));
            if (each >= 0) {
                int first = part.min(BigInteger.valueOf(80)).intValue() / 40;
                text.append(text.isEmpty() ? first + "." + part.subtract(BigInteger.valueOf(40L * first)) : "." + part);
                part = BigInteger.ZERO;
            }
        }
        return text.toString();
    }

    private static Instant time(Der value) throws BundleException {
        try {
            return LocalDateTime.parse(new String(value.content(), StandardCharsets.US_ASCII), FORMAT)
                .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new BundleException("The answer has a malformed time.", e);
        }
    }

    /** The bits of a public key, without what kind they are. */
    private static byte[] key(X509Certificate certificate) {
        try {
            byte[] bits = Der.at(Der.read(certificate.getPublicKey().getEncoded()).values(), 1, BITS).content();
            return Arrays.copyOfRange(bits, 1, bits.length);
        } catch (BundleException e) {
            throw new IllegalStateException("the JDK encodes it itself", e);
        }
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
