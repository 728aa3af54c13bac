// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;

/**
 * The descriptor numbers that the start itself uses: behind those of the plan, closed by the exec.
 *
 * @param report where failures are written
 * @param runner the program that executes the table
 * @param enter the namespaces to enter
 * @param root the new root directory
 * @param directory the directory of a mount
 */
record Numbers(int report, int runner, Map<Namespace, Integer> enter, int root, int directory) {

    static Numbers of(SortedMap<Integer, ?> descriptors, Map<Namespace, ?> entered) {
        int highest = descriptors.isEmpty() ? 2 : Math.max(2, descriptors.lastKey());
        int next = highest + 1;
        int report = next++;
        int runner = next++;
        Map<Namespace, Integer> enter = new EnumMap<>(Namespace.class);
        for (Namespace namespace : entered.keySet()) {
            enter.put(namespace, next++);
        }
        // A freshly opened descriptor takes the lowest free number, at most `next + 1`; these two stay clear of it,
        // since dup3 refuses to copy a descriptor onto itself.
        return new Numbers(report, runner, enter, next + 4, next + 5);
    }
}
