// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.PosixException;

/**
 * What the error log says when a step fails.
 *
 * @param severity level of the text
 * @param text the text; {@code %E} stands for errno and its description
 * @param invalid another text for EINVAL, at level error, where the id does not exist in a user namespace; else empty
 */
public record Failure(Severity severity, String text, String invalid) {

    static Failure alert(String text) {
        return new Failure(Severity.ALERT, text, "");
    }

    static Failure error(String text) {
        return new Failure(Severity.ERROR, text, "");
    }

    static Failure warn(String text) {
        return new Failure(Severity.WARN, text, "");
    }

    Failure invalid(String other) {
        return new Failure(severity, text, other);
    }

    private boolean isInvalid(int errno) {
        return errno == Kernel.EINVAL && !invalid.isEmpty();
    }

    /** The level for that errno. */
    public Severity severity(int errno) {
        return isInvalid(errno) ? Severity.ERROR : severity;
    }

    /** The text for that errno. */
    public String text(int errno) {
        return isInvalid(errno) ? invalid : text.replace("%E", PosixException.describe(errno));
    }
}
