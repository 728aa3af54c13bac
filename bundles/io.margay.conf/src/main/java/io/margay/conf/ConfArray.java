// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.List;

/**
 * A JSON array.
 *
 * @param elements the values in order; an unmodifiable copy of what the caller gave
 */
public record ConfArray(List<Conf> elements) implements Conf {

    /** The array without elements. */
    public static final ConfArray EMPTY = new ConfArray(List.of());

    /** Copies the list. */
    public ConfArray {
        elements = List.copyOf(elements);
    }

    /** Number of elements. */
    public int size() {
        return elements.size();
    }

    /** True when there is no element. */
    public boolean isEmpty() {
        return elements.isEmpty();
    }
}
