// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/** What the status of a response says of its body. */
public final class StatusRules {

    /** The connection goes on with another protocol. */
    public static final int SWITCHING = 101;

    /** The client has the representation. */
    public static final int NOT_MODIFIED = 304;

    private StatusRules() {
    }

    /** Whether a response with the status may have a body at all. */
    public static boolean allowsBody(int code) {
        return code >= 200 && code != 204 && code != NOT_MODIFIED;
    }

    /** Whether a response with the status tells a length of its own. */
    public static boolean allowsLength(int code) {
        return (code < 100 || code >= 200) && code != 204 && code != NOT_MODIFIED;
    }
}
