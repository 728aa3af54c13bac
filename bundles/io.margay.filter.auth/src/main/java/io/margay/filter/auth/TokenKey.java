// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;

/**
 * One key that tokens may be signed with (RFC 7517 §4); immutable.
 *
 * @param id its {@code kid}
 * @param algorithm the one that it says it is for, if it says so
 */
record TokenKey(Optional<String> id, Optional<String> algorithm, Algorithm.Kind kind, String curve, int length,
                Key key) {
    private static final int LEAST_BITS = 2048;
    private static final int MOST_BITS = 16384;
    private static final Map<String, String> CURVES = Map.of("P-256", "secp256r1", "P-384", "secp384r1", "P-521",
        "secp521r1");
    /** What stands before the bytes of a key in its X.509 form (RFC 8410 §4), and how many these are. */
    private static final Map<String, String> EDWARDS = Map.of("Ed25519", "302a300506032b6570032100", "Ed448",
        "3043300506032b6571033a00");
    private static final Map<String, Integer> EDWARDS_BYTES = Map.of("Ed25519", 32, "Ed448", 57);

    /**
     * Reads a key.
     *
     * @return empty if it is of a kind that is not known, or not for signatures
     * @throws IllegalArgumentException if it is malformed or weak
     */
    static Optional<TokenKey> parse(ConfObject jwk) {
        if (!jwk.string("use").orElse("sig").equals("sig") || !mayVerify(jwk)) {
            return Optional.empty();
        }
        try {
            return switch (jwk.string("kty").orElse("")) {
                case "RSA" -> Optional.of(rsa(jwk));
                case "EC" -> ec(jwk);
                case "OKP" -> edwards(jwk);
                case "oct" -> {
                    byte[] secret = bytes(jwk, "k");
                    yield Optional.of(make(jwk, Algorithm.Kind.OCT, "", secret.length,
                        new SecretKeySpec(secret, "HMAC")));
                }
                default -> Optional.empty();
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("a key is malformed: " + e.getMessage(), e);
        }
    }

    private static boolean mayVerify(ConfObject jwk) {
        Optional<Conf> operations = jwk.get("key_ops");
        return operations.isEmpty() || operations.get() instanceof ConfArray list
            && list.elements().contains(new ConfString("verify"));
    }

    private static TokenKey make(ConfObject jwk, Algorithm.Kind kind, String curve, int length, Key key) {
        return new TokenKey(jwk.string("kid"), jwk.string("alg"), kind, curve, length, key);
    }

    private static TokenKey rsa(ConfObject jwk) throws GeneralSecurityException {
        BigInteger modulus = new BigInteger(1, bytes(jwk, "n"));
        if (modulus.bitLength() < LEAST_BITS || modulus.bitLength() > MOST_BITS) {
            throw new IllegalArgumentException("an RSA key has " + modulus.bitLength() + " bits, not " + LEAST_BITS
                + " to " + MOST_BITS);
        }
        return make(jwk, Algorithm.Kind.RSA, "", modulus.bitLength() / Byte.SIZE, KeyFactory.getInstance("RSA")
            .generatePublic(new RSAPublicKeySpec(modulus, new BigInteger(1, bytes(jwk, "e")))));
    }

    private static Optional<TokenKey> ec(ConfObject jwk) throws GeneralSecurityException {
        String curve = jwk.string("crv").orElse("");
        String name = CURVES.get(curve);
        if (name == null) {
            return Optional.empty();
        }
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(name));
        ECPoint point = new ECPoint(new BigInteger(1, bytes(jwk, "x")), new BigInteger(1, bytes(jwk, "y")));
        ECParameterSpec spec = parameters.getParameterSpec(ECParameterSpec.class);
        if (!isOn(point, spec.getCurve())) {
            throw new IllegalArgumentException("a key is no point of " + curve);
        }
        return Optional.of(make(jwk, Algorithm.Kind.EC, curve, 0, KeyFactory.getInstance("EC")
            .generatePublic(new ECPublicKeySpec(point, spec))));
    }

    /** Whether a point is one of the curve; the JDK takes any, and looks when a signature is checked. */
    private static boolean isOn(ECPoint point, EllipticCurve curve) {
        BigInteger p = ((ECFieldFp) curve.getField()).getP();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        BigInteger right = x.multiply(x).add(curve.getA()).multiply(x).add(curve.getB());
        return x.compareTo(p) < 0 && y.compareTo(p) < 0 && y.multiply(y).subtract(right).mod(p).signum() == 0;
    }

    private static Optional<TokenKey> edwards(ConfObject jwk) throws GeneralSecurityException {
        String curve = jwk.string("crv").orElse("");
        if (!EDWARDS.containsKey(curve)) {
            return Optional.empty();
        }
        byte[] raw = bytes(jwk, "x");
        if (raw.length != EDWARDS_BYTES.get(curve)) {
            throw new IllegalArgumentException("a key of " + curve + " has " + raw.length + " bytes");
        }
        return Optional.of(make(jwk, Algorithm.Kind.OKP, curve, 0, KeyFactory.getInstance("EdDSA")
            .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(EDWARDS.get(curve)
                + HexFormat.of().formatHex(raw))))));
    }

    private static byte[] bytes(ConfObject jwk, String member) {
        String text = jwk.string(member).orElse("");
        byte[] bytes = text.isEmpty() ? new byte[0] : Base64.getUrlDecoder().decode(text);
        if (bytes.length == 0) {
            throw new IllegalArgumentException("a key has no \"" + member + "\"");
        }
        return bytes;
    }

    /** Whether it may be used for an algorithm. */
    boolean isFor(Algorithm wanted) {
        return wanted.takes(kind, curve, length)
            && (algorithm.isEmpty() || algorithm.get().equals(wanted.text()) || algorithm.get().equals(curve));
    }
}
