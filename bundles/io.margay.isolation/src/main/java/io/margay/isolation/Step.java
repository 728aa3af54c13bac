// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/**
 * One step of a {@link CallTable}, for people.
 *
 * @param index place in the table
 * @param setting the setting or part of the plan that it serves
 * @param call the system call with its arguments; values of the environment are not shown
 * @param consequence branches and accepted results; empty when simply an error ends the start
 * @param failure what is logged on an error
 * @param fatal whether an error ends the start
 */
public record Step(int index, String setting, String call, String consequence, Failure failure, boolean fatal) {

    /** One line. */
    @Override
    public String toString() {
        String after = consequence.isEmpty() ? "" : "  -> " + consequence;
        return String.format("%3d  %-18s %s%s", index, setting, call, after);
    }
}
