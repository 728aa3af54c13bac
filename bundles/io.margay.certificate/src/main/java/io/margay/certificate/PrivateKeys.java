// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Reads private keys. The JDK knows PKCS #8 only; the older forms of RSA (RFC 8017) and EC (RFC 5915) are put into its
 * envelope, which names the algorithm.
 */
final class PrivateKeys {
    private static final byte[] VERSION = {Der.INTEGER, 1, 0};
    private static final byte[] NULL = {5, 0};
    private static final String RSA = "2a864886f70d010101";
    private static final String EC = "2a8648ce3d0201";
    private static final int PARAMETERS = 0xA0;
    private static final byte[] PROBE = "does the key fit".getBytes(StandardCharsets.US_ASCII);

    /** Algorithms of the JDK by the object identifiers in the envelope. */
    private static final Map<String, String> ALGORITHMS = Map.of(RSA, "RSA", EC, "EC",
        "2a864886f70d01010a", "RSASSA-PSS", "2b6570", "Ed25519", "2b6571", "Ed448", "2a8648ce380401", "DSA");

    private PrivateKeys() {
    }

    /**
     * Reads a key.
     *
     * @param block of a type that ends in {@code PRIVATE KEY}
     * @param leaf key of the certificate: its curve is taken for an EC key that names none
     */
    static PrivateKey read(Pem block, PublicKey leaf) throws BundleException {
        if (block.encrypted() || block.type().equals("ENCRYPTED PRIVATE KEY")) {
            throw new BundleException("The private key is encrypted; only keys without a pass phrase can be used.");
        }
        byte[] envelope = switch (block.type()) {
            case "PRIVATE KEY" -> block.content();
            case "RSA PRIVATE KEY" -> envelope(Der.encode(Der.OID, hex(RSA)), NULL, block.content());
            case "EC PRIVATE KEY" -> envelope(Der.encode(Der.OID, hex(EC)), curve(block.content(), leaf),
                block.content());
            default -> throw new BundleException("Private keys of type \"" + Pem.shown(block.type())
                + "\" are not supported.");
        };
        List<Der> parts = Der.read(envelope).values();
        Der identifier = Der.at(Der.at(parts, 1, Der.SEQUENCE).values(), 0, Der.OID);
        String algorithm = ALGORITHMS.get(HexFormat.of().formatHex(identifier.content()));
        if (algorithm == null || algorithm.equals("DSA")) {
            throw new BundleException("The algorithm of the private key is not supported"
                + (algorithm == null ? "." : ": " + algorithm + "."));
        }
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(envelope));
        } catch (GeneralSecurityException e) {
            throw new BundleException("The private key cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] envelope(byte[] algorithm, byte[] parameters, byte[] key) {
        return Der.encode(Der.SEQUENCE, VERSION, Der.encode(Der.SEQUENCE, algorithm, parameters),
            Der.encode(Der.OCTETS, key));
    }

    private static byte[] curve(byte[] key, PublicKey leaf) throws BundleException {
        for (Der part : Der.read(key).values()) {
            if (part.tag() == PARAMETERS) {
                return part.content();
            }
        }
        if (!(leaf instanceof ECPublicKey)) {
            throw mismatch();
        }
        List<Der> algorithm = Der.at(Der.read(leaf.getEncoded()).values(), 0, Der.SEQUENCE).values();
        return Der.at(algorithm, 1, Der.OID).encoded();
    }

    /** Throws when a private key does not belong to a public one. */
    static void match(PrivateKey key, PublicKey leaf) throws BundleException {
        try {
            if (key instanceof RSAPrivateKey own && leaf instanceof RSAPublicKey other) {
                if (!own.getModulus().equals(other.getModulus())) {
                    throw mismatch();
                }
                return;
            }
            String algorithm = switch (key.getAlgorithm()) {
                case "EC" -> "SHA256withECDSA";
                case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
                default -> throw mismatch();
            };
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(leaf);
            signature.update(PROBE);
            if (!signature.verify(signed)) {
                throw mismatch();
            }
        } catch (GeneralSecurityException e) {
            throw new BundleException(mismatch().getMessage(), e);
        }
    }

    private static BundleException mismatch() {
        return new BundleException("The private key does not fit the first certificate.");
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
