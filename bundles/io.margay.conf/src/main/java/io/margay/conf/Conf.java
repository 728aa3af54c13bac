// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import org.osgi.annotation.versioning.ProviderType;

/** A JSON value of the configuration. */
@ProviderType
public sealed interface Conf permits ConfObject, ConfArray, ConfString, ConfNumber, ConfBoolean, ConfNull {

    /** A string value; see {@link ConfText} for how bytes that are not UTF-8 are represented. */
    static ConfString of(String value) {
        return new ConfString(value);
    }

    /** An integer number. */
    static ConfNumber of(long value) {
        return new ConfNumber(Long.toString(value));
    }

    /** A boolean. */
    static ConfBoolean of(boolean value) {
        return value ? ConfBoolean.TRUE : ConfBoolean.FALSE;
    }
}
