// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import java.util.Locale;

/** A configuration cannot be applied; the message is the reason for the client. */
final class ApplyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What may be to blame. */
    enum Part {
        /** The change as a whole. */
        NONE,
        /** An application. */
        APPLICATION,
        /** A listening address. */
        LISTENER,
        /** A value that no extension takes; its name is where it stands, as a JSON Pointer. */
        OPTION
    }

    private final Part part;
    private final String name;

    /** Blames nothing of the configuration. */
    ApplyException(String message) {
        this(Part.NONE, "", message);
    }

    ApplyException(Part part, String name, String message) {
        super(message);
        this.part = part;
        this.name = name;
    }

    /** What is to blame. */
    Part part() {
        return part;
    }

    /** Its name or address; empty when it is none. */
    String name() {
        return name;
    }

    /** The text of a refusal: what is to blame, its name, the reason, with NUL between them. */
    static String refusal(Throwable failure) {
        if (failure instanceof ApplyException e && e.part != Part.NONE) {
            return e.part.name().toLowerCase(Locale.ROOT) + '\0' + e.name + '\0' + e.getMessage();
        }
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
