// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfPointer;

/** A part of the configuration that cannot be compiled. */
public final class RouteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String pointer;

    /**
     * Creates the exception.
     *
     * @param pointer where the fault is, from the root of the configuration
     * @param reason one sentence for the user
     */
    public RouteException(ConfPointer pointer, String reason) {
        super(reason);
        this.pointer = pointer.toString();
    }

    /** Like {@link #RouteException(ConfPointer, String)}, with the fault of an extension behind it. */
    RouteException(ConfPointer pointer, String reason, Throwable cause) {
        super(reason, cause);
        this.pointer = pointer.toString();
    }

    /** What is said of an option or section that no extension claims. */
    static RouteException unsupported(ConfPointer pointer, String name) {
        return new RouteException(pointer, "No installed bundle supports \"" + name + "\".");
    }

    /** Where the fault is, as a JSON Pointer from the root of the configuration. */
    public String pointer() {
        return pointer;
    }
}
