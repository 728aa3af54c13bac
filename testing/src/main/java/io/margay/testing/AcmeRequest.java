// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Base64;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What a signed request says, once it is known who says it. */
record AcmeRequest(Optional<String> account, ConfObject key, byte[] payload) {

    static byte[] decode(String text) {
        return Base64.getUrlDecoder().decode(text);
    }

    ConfObject json() throws ConfSyntaxException {
        return (ConfObject) ConfParser.parse(payload);
    }

    /** Looks whether the account that is asked for is bound to one that has a key here. */
    void bound(ConfObject binding, byte[] secret) throws AcmeRefusal, ConfSyntaxException, GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        String payload = binding.string("payload").orElse("");
        byte[] good = mac.doFinal((binding.string("protected").orElse("") + "." + payload)
            .getBytes(StandardCharsets.US_ASCII));
        if (!MessageDigest.isEqual(good, decode(binding.string("signature").orElse("")))
                || !ConfParser.parse(decode(payload)).equals(key)) {
            throw new AcmeRefusal(403, "unauthorized", "the binding is wrong");
        }
    }

    /** Tells good requests from others; of the good ones it refuses the nonce of every fourth. */
    static final class Checks {
        private static final int REFUSED_NONCE = 4;

        private final String base;
        private final Map<String, ConfObject> accounts;
        private final Set<String> nonces = new HashSet<>();
        private int requests;

        Checks(String base, Map<String, ConfObject> accounts) {
            this.base = base;
            this.accounts = accounts;
        }

        String nonce() {
            String nonce = "n" + nonces.size() + "-" + System.nanoTime();
            nonces.add(nonce);
            return nonce;
        }

        AcmeRequest verified(String path, byte[] body)
                throws AcmeRefusal, ConfSyntaxException, GeneralSecurityException {
            ConfObject jws = (ConfObject) ConfParser.parse(body);
            String first = jws.string("protected").orElse("");
            String second = jws.string("payload").orElse("");
            ConfObject head = (ConfObject) ConfParser.parse(decode(first));
            requests++;
            if (!nonces.remove(head.string("nonce").orElse("")) || requests % REFUSED_NONCE == 0) {
                throw new AcmeRefusal(400, "badNonce", "this nonce is used up");
            }
            if (!head.string("url").orElse("").equals(base + path) || !head.string("alg").orElse("").equals("ES256")) {
                throw new AcmeRefusal(401, "unauthorized", "this is not for here");
            }
            Optional<String> account = head.string("kid");
            ConfObject key = account.isPresent() ? Optional.ofNullable(accounts.get(account.get())).orElseThrow(() ->
                new AcmeRefusal(400, "accountDoesNotExist", "nobody is known by this name"))
                : head.object("jwk").orElse(ConfObject.EMPTY);
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initVerify(publicKey(key));
            signature.update((first + "." + second).getBytes(StandardCharsets.US_ASCII));
            if (!signature.verify(decode(jws.string("signature").orElse("")))) {
                throw new AcmeRefusal(401, "unauthorized", "the signature is wrong");
            }
            return new AcmeRequest(account, key, decode(second));
        }

        private static PublicKey publicKey(ConfObject key) throws GeneralSecurityException {
            AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
            curve.init(new ECGenParameterSpec("secp256r1"));
            return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(new ECPoint(
                new BigInteger(1, decode(key.string("x").orElse(""))),
                new BigInteger(1, decode(key.string("y").orElse("")))),
                curve.getParameterSpec(ECParameterSpec.class)));
        }
    }
}
