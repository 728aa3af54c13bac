// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

/** A schema file is unusable; the message says which and why. */
public final class SchemaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the reason. */
    public SchemaException(String message) {
        super(message);
    }

    /** With the reason and what showed it. */
    public SchemaException(String message, Throwable cause) {
        super(message, cause);
    }
}
