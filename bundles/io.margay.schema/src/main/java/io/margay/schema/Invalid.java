// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

/** Ends a validation at its first problem; carries no stack since it is an answer, not a fault. */
final class Invalid extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    Invalid(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }
}
