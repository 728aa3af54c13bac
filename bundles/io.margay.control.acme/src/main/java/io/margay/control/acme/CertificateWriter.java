// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Makes keys, requests for certificates (RFC 2986) and certificates that sign themselves (RFC 5280). */
final class CertificateWriter {
    private static final int RSA_BITS = 2048;
    private static final int SERIAL_BITS = 120;
    private static final int DNS_NAME = 0x82;
    private static final int TIME = 0x18;
    private static final int LINE = 64;
    private static final byte[] TRUE = {1, 1, (byte) 0xff};

    private CertificateWriter() {
    }

    /** A new key pair: RSA, or P-256. */
    static KeyPair keys(boolean rsa) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(rsa ? "RSA" : "EC");
            if (rsa) {
                generator.initialize(RSA_BITS);
            } else {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A request for domains, without a subject, as authorities want it. */
    static byte[] request(KeyPair keys, List<String> domains) {
        byte[] wanted = Asn1.sequence(Asn1.oid("1.2.840.113549.1.9.14"), Asn1.set(Asn1.sequence(names(domains))));
        return signed(Asn1.sequence(Asn1.integer(BigInteger.ZERO), Asn1.sequence(), keys.getPublic().getEncoded(),
            Asn1.explicit(0, wanted)), keys);
    }

    /**
     * A certificate of which nobody says that it is good, for a name and domains, and without an end.
     *
     * @return with its key, in PEM
     */
    static String selfSigned(KeyPair keys, String name, List<String> domains) {
        return selfSigned(keys, name, domains.isEmpty() ? new byte[0] : names(domains));
    }

    /**
     * What proves in a handshake that a domain is ours (RFC 8737 §3).
     *
     * @param digest of what the authority wants to know
     * @return with its key, in PEM
     */
    static String challenge(KeyPair keys, String domain, byte[] digest) {
        byte[] identifier = Asn1.sequence(Asn1.oid("1.3.6.1.5.5.7.1.31"), TRUE, Asn1.octets(Asn1.octets(digest)));
        return selfSigned(keys, "ACME challenge", names(List.of(domain)), identifier);
    }

    private static String selfSigned(KeyPair keys, String name, byte[]... extensions) {
        byte[] subject = Asn1.sequence(Asn1.set(Asn1.sequence(Asn1.oid("2.5.4.3"), Asn1.utf8(name))));
        byte[] validity = Asn1.sequence(time("20200101000000Z"), time("99991231235959Z"));
        byte[] fields = Asn1.sequence(Asn1.explicit(0, Asn1.integer(BigInteger.TWO)),
            Asn1.integer(new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(SERIAL_BITS)), algorithm(keys), subject,
            validity, subject, keys.getPublic().getEncoded(), Stream.of(extensions).allMatch(each -> each.length == 0)
            ? new byte[0] : Asn1.explicit(3, Asn1.sequence(extensions)));
        return pem("PRIVATE KEY", keys.getPrivate().getEncoded()) + pem("CERTIFICATE", signed(fields, keys));
    }

    /** The times before 2050 would have another form; readers take both. */
    private static byte[] time(String text) {
        return text.startsWith("20") ? Asn1.value(0x17, text.substring(2).getBytes(StandardCharsets.US_ASCII))
            : Asn1.value(TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] names(List<String> domains) {
        byte[][] names = domains.stream().map(domain ->
            Asn1.value(DNS_NAME, domain.getBytes(StandardCharsets.US_ASCII))).toArray(byte[][]::new);
        return Asn1.sequence(Asn1.oid("2.5.29.17"), Asn1.octets(Asn1.sequence(names)));
    }

    private static boolean isRsa(KeyPair keys) {
        return keys.getPublic().getAlgorithm().equals("RSA");
    }

    private static byte[] algorithm(KeyPair keys) {
        return isRsa(keys) ? Asn1.sequence(Asn1.oid("1.2.840.113549.1.1.11"), new byte[] {5, 0})
            : Asn1.sequence(Asn1.oid("1.2.840.10045.4.3.2"));
    }

    private static byte[] signed(byte[] fields, KeyPair keys) {
        try {
            Signature signature = Signature.getInstance(isRsa(keys) ? "SHA256withRSA" : "SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(fields);
            return Asn1.sequence(fields, algorithm(keys), Asn1.bits(signature.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A block of PEM. */
    static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(content)
            + "\n-----END " + type + "-----\n";
    }
}
