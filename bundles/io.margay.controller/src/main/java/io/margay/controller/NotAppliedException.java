// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

/** The router cannot have a configuration that it was asked to try; the message is the reason. */
public final class NotAppliedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Applied applied;

    /**
     * Creates the exception.
     *
     * @param applied what the router said
     */
    public NotAppliedException(Applied applied) {
        super(applied.reason());
        this.applied = applied;
    }

    /** {@return what the router said} */
    Applied applied() {
        return applied;
    }
}
