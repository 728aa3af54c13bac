// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;

/** A token in its compact form (RFC 7519, RFC 7515 §7.1), taken apart, not yet believed. */
final class Token {
    static final int LONGEST = 16_384;
    private static final int PARTS = 3;

    private final Algorithm algorithm;
    private final Optional<String> key;
    private final byte[] signed;
    private final byte[] signature;
    private final byte[] payload;

    private Token(Algorithm algorithm, Optional<String> key, byte[] signed, byte[] signature, byte[] payload) {
        this.algorithm = algorithm;
        this.key = key;
        this.signed = signed;
        this.signature = signature;
        this.payload = payload;
    }

    /** Takes a token apart; empty if it is none, or wants what is not known. */
    static Optional<Token> parse(String text) {
        String[] parts = text.split("\\.", -1);
        if (text.length() > LONGEST || parts.length != PARTS) {
            return Optional.empty();
        }
        try {
            ConfObject header = object(decode(parts[0]));
            Optional<Algorithm> algorithm = text(header, "alg").flatMap(Algorithm::of);
            // What is critical is not known here (RFC 7515 §4.1.11).
            if (algorithm.isEmpty() || header.has("crit")) {
                return Optional.empty();
            }
            return Optional.of(new Token(algorithm.get(), text(header, "kid"),
                (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII), decode(parts[2]), decode(parts[1])));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] decode(String part) {
        if (part.indexOf('=') >= 0) {
            throw new IllegalArgumentException("padding");
        }
        return Base64.getUrlDecoder().decode(part);
    }

    private static ConfObject object(byte[] json) {
        try {
            if (ConfParser.parse(json) instanceof ConfObject object) {
                return object;
            }
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
        throw new IllegalArgumentException("no object");
    }

    private static Optional<String> text(ConfObject object, String member) {
        Optional<Conf> value = object.get(member);
        if (value.isPresent() && !(value.get() instanceof ConfString)) {
            throw new IllegalArgumentException(member);
        }
        return object.string(member);
    }

    Algorithm algorithm() {
        return algorithm;
    }

    /** The name of the key that it says it was signed with. */
    Optional<String> key() {
        return key;
    }

    /** What it claims; empty if none of the keys has signed it, or it claims nothing. */
    Optional<ConfObject> claims(Iterable<TokenKey> keys) {
        for (TokenKey each : keys) {
            try {
                if (algorithm.verifies(each.key(), signed, signature)) {
                    return Optional.of(object(payload));
                }
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                // Another key may have made it.
                continue;
            }
        }
        return Optional.empty();
    }
}
