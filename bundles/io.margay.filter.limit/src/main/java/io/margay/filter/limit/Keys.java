// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.limit;

import io.margay.route.OptionObject;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Keys that clients may have chosen, in a bounded size. */
final class Keys {
    private static final String OPTION = "key";
    private static final String CLIENT = "$remote_addr";
    private static final int LONGEST = 64;

    private Keys() {
    }

    /** The template of keys that an option names. */
    static Template template(OptionObject options) {
        return options.at().template(OPTION, options.text(OPTION).orElse(CLIENT));
    }

    /** The key, or what stands for it; maybe the same view. */
    static AsciiString shortened(AsciiString key) {
        if (key.length() <= LONGEST) {
            return key;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(key.array(), key.arrayOffset(), key.length());
            return new AsciiString(digest.digest(), false);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A copy that outlives the request. */
    static AsciiString kept(AsciiString key) {
        return new AsciiString(key.toByteArray(), false);
    }
}
