// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.ConfText;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/** Percent encoding. */
final class Percent {

    private Percent() {
    }

    /** The decoded text; empty when an escape is broken. */
    static Optional<String> decode(String text, boolean plusIsBlank) {
        if (text.indexOf('%') < 0 && !(plusIsBlank && text.indexOf('+') >= 0)) {
            return Optional.of(text);
        }
        byte[] in = ConfText.encode(text);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            if (in[i] == '%') {
                int high = i + 2 <= in.length - 1 ? Character.digit(in[i + 1], 16) : -1;
                int low = i + 2 <= in.length - 1 ? Character.digit(in[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                out.write(high << 4 | low);
                i += 2;
            } else {
                out.write(plusIsBlank && in[i] == '+' ? ' ' : in[i]);
            }
        }
        return Optional.of(ConfText.decode(out.toByteArray()));
    }
}
