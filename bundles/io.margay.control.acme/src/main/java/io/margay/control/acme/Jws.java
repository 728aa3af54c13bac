// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs requests with the key of an account, which is one of P-256 (RFC 7515, RFC 8555 §6.2). */
final class Jws {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final int COORDINATE = 32;

    private final KeyPair keys;

    Jws(KeyPair keys) {
        this.keys = keys;
    }

    static String base64(byte[] bytes) {
        return BASE64.encodeToString(bytes);
    }

    /** The public key (RFC 7517); members in the order of which a thumbprint is made. */
    ConfObject key() {
        ECPublicKey key = (ECPublicKey) keys.getPublic();
        return ConfObject.builder().put("crv", "P-256").put("kty", "EC").put("x", coordinate(key.getW().getAffineX()))
            .put("y", coordinate(key.getW().getAffineY())).build();
    }

    private static String coordinate(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] padded = new byte[COORDINATE];
        int length = Math.min(bytes.length, COORDINATE);
        System.arraycopy(bytes, bytes.length - length, padded, COORDINATE - length, length);
        return base64(padded);
    }

    /** What stands for the key (RFC 7638). */
    String thumbprint() {
        try {
            return base64(MessageDigest.getInstance("SHA-256").digest(ConfWriter.compact(key())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * A request.
     *
     * @param account its URL; empty when it has none yet, then the key itself goes along
     * @param payload empty for a request that only reads
     */
    byte[] request(String url, String nonce, Optional<String> account, Optional<Conf> payload) {
        ConfObject.Builder head = ConfObject.builder().put("alg", "ES256").put("nonce", nonce).put("url", url);
        account.ifPresentOrElse(kid -> head.put("kid", kid), () -> head.put("jwk", key()));
        return ConfWriter.compact(flattened(head.build(), payload.map(ConfWriter::compact).orElse(new byte[0]),
            input -> {
                Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
                signature.initSign(keys.getPrivate());
                signature.update(input);
                return signature.sign();
            }));
    }

    /**
     * Binds the key to an account that somebody has elsewhere (RFC 8555 §7.3.4).
     *
     * @param secret what the authority has given
     */
    Conf binding(String url, String keyId, byte[] secret) {
        return flattened(ConfObject.builder().put("alg", "HS256").put("kid", keyId).put("url", url).build(),
            ConfWriter.compact(key()), input -> {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(secret, "HmacSHA256"));
                return mac.doFinal(input);
            });
    }

    @FunctionalInterface
    private interface Signer {
        byte[] sign(byte[] input) throws GeneralSecurityException;
    }

    private static ConfObject flattened(ConfObject head, byte[] payload, Signer signer) {
        String first = base64(ConfWriter.compact(head));
        String second = base64(payload);
        try {
            return ConfObject.builder().put("protected", first).put("payload", second).put("signature",
                base64(signer.sign((first + '.' + second).getBytes(StandardCharsets.US_ASCII)))).build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
