// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

/** A JSON boolean. */
public enum ConfBoolean implements Conf {
    /** The value {@code false}. */
    FALSE,
    /** The value {@code true}. */
    TRUE;

    /** The boolean as Java has it. */
    public boolean value() {
        return this == TRUE;
    }
}
