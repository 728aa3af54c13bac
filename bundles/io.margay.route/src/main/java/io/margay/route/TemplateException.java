// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

/** A template has no value for a request since its script failed; the message says why. Without a stack. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public TemplateException(String reason) {
        super(reason, null, false, false);
    }
}
