// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.Objects;

/**
 * A JSON string.
 *
 * @param value the text after unescaping; bytes that were not UTF-8 stand in it as {@link ConfText} describes
 */
public record ConfString(String value) implements Conf {

    /** Checks the argument. */
    public ConfString {
        Objects.requireNonNull(value, "value");
    }

    /** The bytes of the string as they were sent. */
    public byte[] bytes() {
        return ConfText.encode(value);
    }
}
