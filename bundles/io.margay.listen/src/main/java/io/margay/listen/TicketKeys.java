// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keys of session tickets in the form of the TLS library, which knows AES-128 only. */
final class TicketKeys {
    static final int SIZE = 48;
    private static final int PART = 16;

    private TicketKeys() {
    }

    static OpenSslSessionTicketKey[] of(List<byte[]> keys) {
        return keys.stream().map(TicketKeys::of).toArray(OpenSslSessionTicketKey[]::new);
    }

    /** 16 bytes of name, then AES-128 and HMAC keys of 16; or HMAC and AES-256 keys of 32. */
    private static OpenSslSessionTicketKey of(byte[] key) {
        byte[] name = Arrays.copyOf(key, PART);
        if (key.length == SIZE) {
            return new OpenSslSessionTicketKey(name, Arrays.copyOfRange(key, 2 * PART, SIZE),
                Arrays.copyOfRange(key, PART, 2 * PART));
        }
        // Every server with the same key comes to the same two, so they still know each other's tickets.
        return new OpenSslSessionTicketKey(name, derive(key, "hmac"), derive(key, "aes"));
    }

    private static byte[] derive(byte[] key, String purpose) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, PART, key.length - PART, "HmacSHA256"));
            return Arrays.copyOf(mac.doFinal(purpose.getBytes(StandardCharsets.US_ASCII)), PART);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
