// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

/** A value cannot be matched within the limit of steps; the message says why. Without a stack: requests cause it. */
public final class MatchLimitException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MatchLimitException(String reason) {
        super(reason, null, false, false);
    }
}
