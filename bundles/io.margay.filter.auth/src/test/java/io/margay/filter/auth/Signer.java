// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes keys and tokens, as those do who issue them. */
final class Signer {
    static final byte[] SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
        .getBytes(StandardCharsets.US_ASCII);

    private Signer() {
    }

    static KeyPair pair(String kind) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind.startsWith("P-") ? "EC"
            : kind.startsWith("RSA") ? "RSA" : kind);
        if (kind.startsWith("P-")) {
            generator.initialize(new ECGenParameterSpec("secp" + kind.substring(2) + "r1"));
        } else if (kind.startsWith("RSA")) {
            generator.initialize(Integer.parseInt(kind.substring(3)));
        }
        return generator.generateKeyPair();
    }

    /** The public key as the member of a set, in single quotes, with further members. */
    static String jwk(KeyPair pair, String more) {
        String members = switch (pair.getPublic()) {
            case RSAPublicKey rsa -> "'kty': 'RSA', 'n': '" + text(rsa.getModulus(), 0) + "', 'e': '"
                + text(rsa.getPublicExponent(), 0) + "'";
            case ECPublicKey ec -> {
                int bits = ec.getParams().getCurve().getField().getFieldSize();
                int bytes = (bits + 7) / 8;
                yield "'kty': 'EC', 'crv': 'P-" + bits + "', 'x': '" + text(ec.getW().getAffineX(), bytes) + "', 'y': '"
                    + text(ec.getW().getAffineY(), bytes) + "'";
            }
            default -> {
                byte[] encoded = pair.getPublic().getEncoded();
                boolean small = encoded.length < 60;
                yield "'kty': 'OKP', 'crv': '" + (small ? "Ed25519" : "Ed448") + "', 'x': '" + text(Arrays.copyOfRange(
                    encoded, encoded.length - (small ? 32 : 57), encoded.length)) + "'";
            }
        };
        return "{" + members + more + "}";
    }

    static String secret(byte[] secret, String more) {
        return "{'kty': 'oct', 'k': '" + text(secret) + "'" + more + "}";
    }

    private static String text(BigInteger number, int least) {
        byte[] bytes = number.toByteArray();
        int start = bytes[0] == 0 ? 1 : 0;
        byte[] all = new byte[Math.max(least, bytes.length - start)];
        System.arraycopy(bytes, start, all, all.length - (bytes.length - start), bytes.length - start);
        return text(all);
    }

    static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String text(String json) {
        return text(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    /** A token; header and claims in single quotes. */
    static String token(String algorithm, PrivateKey key, String header, String claims)
            throws GeneralSecurityException {
        String signed = text(header) + "." + text(claims);
        return signed + "." + text(sign(algorithm, key, signed.getBytes(StandardCharsets.US_ASCII)));
    }

    /** A token by a secret. */
    static String token(String algorithm, byte[] secret, String header, String claims)
            throws GeneralSecurityException {
        String signed = text(header) + "." + text(claims);
        Mac mac = Mac.getInstance("HmacSHA" + algorithm.substring(2));
        mac.init(new SecretKeySpec(secret, "HMAC"));
        return signed + "." + text(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    }

    private static byte[] sign(String algorithm, PrivateKey key, byte[] signed) throws GeneralSecurityException {
        String bits = algorithm.substring(2);
        Signature signature = Signature.getInstance(switch (algorithm.substring(0, 2)) {
            case "RS" -> "SHA" + bits + "withRSA";
            case "PS" -> "RSASSA-PSS";
            case "ES" -> "SHA" + bits + "withECDSAinP1363Format";
            default -> "EdDSA";
        });
        if (algorithm.startsWith("PS")) {
            signature.setParameter(new PSSParameterSpec("SHA-" + bits, "MGF1", new MGF1ParameterSpec("SHA-" + bits),
                Integer.parseInt(bits) / 8, 1));
        }
        signature.initSign(key);
        signature.update(signed);
        return signature.sign();
    }
}
