// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The descriptor numbers that the start itself uses: behind those of the plan, closed by the exec.
 *
 * @param report where failures are written
 * @param runner the program that executes the table
 * @param enter the namespaces to enter
 * @param root the new root directory
 * @param directory the directory of a mount
 * @param end first number that is closed before the table runs
 * @param gaps unused numbers below {@code report}
 */
record Numbers(int report, int runner, Map<Namespace, Integer> enter, int root, int directory, int end,
    List<Integer> gaps) {

    static Numbers of(LaunchPlan plan) {
        int highest = plan.descriptors().isEmpty() ? 2 : Math.max(2, plan.descriptors().lastKey());
        List<Integer> gaps = new ArrayList<>();
        for (int number = 3; number < highest; number++) {
            if (!plan.descriptors().containsKey(number)) {
                gaps.add(number);
            }
        }
        int next = highest + 1;
        int report = next++;
        int runner = next++;
        Map<Namespace, Integer> enter = new EnumMap<>(Namespace.class);
        for (Namespace namespace : plan.enter().keySet()) {
            enter.put(namespace, next++);
        }
        // A freshly opened descriptor takes the lowest free number, at most `next + 1`; these two stay clear of it,
        // since dup3 refuses to copy a descriptor onto itself.
        return new Numbers(report, runner, enter, next + 4, next + 5, next, List.copyOf(gaps));
    }
}
