// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.Md5Crypt;
import org.apache.commons.codec.digest.Sha2Crypt;

/** The hash of a password as {@code htpasswd} and crypt(3) write it: bcrypt, SHA-2, MD5 of Apache, SHA-1. Immutable. */
final class Password {
    /** What takes longer would be a matter of seconds: 2^16 rounds of bcrypt take about four. */
    private static final int MOST_COST = 16;
    private static final int MOST_ROUNDS = 1_000_000;

    private static final String SHA1 = "{SHA}";
    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$([0-9]{2})\\$[./A-Za-z0-9]{53}");
    private static final Pattern SHA2 = Pattern.compile(
        "\\$([56])\\$(?:rounds=([1-9][0-9]{0,8})\\$)?[./A-Za-z0-9]{1,16}\\$([./A-Za-z0-9]+)");
    private static final Pattern APACHE = Pattern.compile("\\$apr1\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{22}");
    private static final int SHA256_TEXT = 43;
    private static final int SHA512_TEXT = 86;
    private static final int SHA1_BYTES = 20;

    private final String hash;

    private Password(String hash) {
        this.hash = hash;
    }

    /**
     * Takes a hash.
     *
     * @throws IllegalArgumentException if it is of no kind that is known, or takes too long; the text says which
     */
    static Password of(String hash) {
        Matcher bcrypt = BCRYPT.matcher(hash);
        Matcher sha2 = SHA2.matcher(hash);
        if (bcrypt.matches()) {
            int cost = Integer.parseInt(bcrypt.group(1));
            if (cost < BCrypt.MIN_COST || cost > MOST_COST) {
                throw new IllegalArgumentException("has a cost that is not from 4 to " + MOST_COST);
            }
        } else if (sha2.matches() && sha2.group(3).length() == ("5".equals(sha2.group(1)) ? SHA256_TEXT
                : SHA512_TEXT)) {
            if (sha2.group(2) != null && Integer.parseInt(sha2.group(2)) > MOST_ROUNDS) {
                throw new IllegalArgumentException("has more than " + MOST_ROUNDS + " rounds");
            }
        } else if (!APACHE.matcher(hash).matches() && !isSha1(hash)) {
            throw new IllegalArgumentException("is no hash that is known: bcrypt ($2y$), SHA-2 ($5$, $6$), $apr1$ or "
                + SHA1);
        }
        return new Password(hash);
    }

    private static boolean isSha1(String hash) {
        try {
            return hash.startsWith(SHA1)
                && Base64.getDecoder().decode(hash.substring(SHA1.length())).length == SHA1_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Whether a text is the password. May take as long as it takes. */
    boolean matches(byte[] text) {
        for (byte b : text) {
            if (b == 0) {
                // Those who made the hash may have stopped here.
                return false;
            }
        }
        if (hash.startsWith("$2")) {
            BCrypt.Version version = BCrypt.Version.VERSION_2Y;
            // All versions that are known differ for broken implementations only.
            return BCrypt.verifyer(version, LongPasswordStrategies.truncate(version))
                .verify(text, hash.getBytes(StandardCharsets.US_ASCII)).verified;
        }
        String made = switch (hash.charAt(1)) {
            case '5' -> Sha2Crypt.sha256Crypt(text.clone(), hash);
            case '6' -> Sha2Crypt.sha512Crypt(text.clone(), hash);
            case 'a' -> Md5Crypt.apr1Crypt(text.clone(), hash);
            default -> SHA1 + sha1(text);
        };
        return MessageDigest.isEqual(made.getBytes(StandardCharsets.US_ASCII),
            hash.getBytes(StandardCharsets.US_ASCII));
    }

    private static String sha1(byte[] text) {
        try {
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
