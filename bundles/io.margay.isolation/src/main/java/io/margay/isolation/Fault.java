// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/**
 * A step that failed.
 *
 * @param step the step
 * @param errno its error; 0 when the result was no error but not the one wanted
 */
public record Fault(Step step, int errno) {

    /** The level at which {@link #text} is to be logged. */
    public Severity severity() {
        return step.failure().severity(errno);
    }

    /** The text of the error log. */
    public String text() {
        return step.failure().text(errno);
    }

    /** Whether the start ended with it. */
    public boolean fatal() {
        return step.fatal();
    }
}
