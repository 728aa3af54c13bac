// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;

/**
 * The value of an option or parameter, which the command line fills in.
 *
 * @param <T> its type, as it was declared to the command line
 */
final class Argument<T> implements IGetter, ISetter {
    private final Class<T> type;
    private T value;

    Argument(Class<T> type, T fallback) {
        this.type = type;
        this.value = fallback;
    }

    /** {@return the value given, else the one to fall back to} */
    T value() {
        return value;
    }

    @Override
    public <V> V get() {
        @SuppressWarnings("unchecked")
        V now = (V) value;
        return now;
    }

    @Override
    public <V> V set(V given) {
        V before = get();
        value = type.cast(given);
        return before;
    }
}
