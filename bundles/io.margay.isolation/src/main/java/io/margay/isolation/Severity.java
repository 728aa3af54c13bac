// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/** The level at which the caller logs a text of this bundle. */
public enum Severity {
    /** The start or the server is broken. */
    ALERT,
    /** A request or setting failed. */
    ERROR,
    /** Works, but not as somebody may expect. */
    WARN,
    /** Worth knowing. */
    NOTICE
}
