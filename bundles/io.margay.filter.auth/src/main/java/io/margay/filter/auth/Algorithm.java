// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;

/**
 * The ways in which tokens are signed (RFC 7518 §3.1, RFC 8037 §3.1). Each takes keys of one kind only, so that no key
 * can be used for another than it was made for.
 */
enum Algorithm {
    RS256(Kind.RSA, "SHA256withRSA", 32, ""),
    RS384(Kind.RSA, "SHA384withRSA", 48, ""),
    RS512(Kind.RSA, "SHA512withRSA", 64, ""),
    PS256(Kind.RSA, "SHA-256", 32, ""),
    PS384(Kind.RSA, "SHA-384", 48, ""),
    PS512(Kind.RSA, "SHA-512", 64, ""),
    ES256(Kind.EC, "SHA256withECDSAinP1363Format", 32, "P-256"),
    ES384(Kind.EC, "SHA384withECDSAinP1363Format", 48, "P-384"),
    ES512(Kind.EC, "SHA512withECDSAinP1363Format", 64, "P-521"),
    EDDSA(Kind.OKP, "EdDSA", 0, ""),
    HS256(Kind.OCT, "HmacSHA256", 32, ""),
    HS384(Kind.OCT, "HmacSHA384", 48, ""),
    HS512(Kind.OCT, "HmacSHA512", 64, "");

    /** The kinds of keys (RFC 7518 §6.1). */
    enum Kind { RSA, EC, OKP, OCT }

    private static final String EDWARDS = "EdDSA";

    private final Kind kind;
    private final String jdk;
    private final int bytes;
    private final String curve;

    Algorithm(Kind kind, String jdk, int bytes, String curve) {
        this.kind = kind;
        this.jdk = jdk;
        this.bytes = bytes;
        this.curve = curve;
    }

    /** As tokens name it. */
    String text() {
        return this == EDDSA ? EDWARDS : name();
    }

    /** The algorithm of a name, exactly as it is; {@code none} is none. */
    static Optional<Algorithm> of(String text) {
        return Arrays.stream(values()).filter(each -> each.text().equals(text)).findFirst();
    }

    /** Those whose keys are not secret. */
    static List<Algorithm> open() {
        return Arrays.stream(values()).filter(each -> each.kind != Kind.OCT).toList();
    }

    boolean isSecret() {
        return kind == Kind.OCT;
    }

    /**
     * Whether a key is for this.
     *
     * @param onCurve the curve of the key, if it has one
     * @param length of the key, in bytes
     */
    boolean takes(Kind ofKey, String onCurve, int length) {
        return kind == ofKey && (curve.isEmpty() || curve.equals(onCurve)) && (kind != Kind.OCT || length >= bytes);
    }

    /**
     * Whether a signature is right.
     *
     * @throws GeneralSecurityException if it cannot be one
     */
    boolean verifies(Key key, byte[] signed, byte[] signature) throws GeneralSecurityException {
        if (kind == Kind.OCT) {
            Mac mac = Mac.getInstance(jdk);
            mac.init(key);
            return MessageDigest.isEqual(mac.doFinal(signed), signature);
        }
        boolean pss = name().startsWith("PS");
        Signature verifier = Signature.getInstance(pss ? "RSASSA-PSS" : jdk);
        if (pss) {
            verifier.setParameter(new PSSParameterSpec(jdk, "MGF1", new MGF1ParameterSpec(jdk), bytes,
                PSSParameterSpec.TRAILER_FIELD_BC));
        }
        verifier.initVerify((PublicKey) key);
        verifier.update(signed);
        return verifier.verify(signature);
    }
}
