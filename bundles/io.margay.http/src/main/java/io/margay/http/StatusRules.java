// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/** What the status of a response says of its body. */
public final class StatusRules {

    /** The connection goes on with another protocol. */
    public static final int SWITCHING = 101;

    private StatusRules() {
    }

    /** Whether a response with the status may have a body at all. */
    public static boolean allowsBody(int code) {
        return code >= 200 && code != 204 && code != 304;
    }

    /** Whether a response with the status tells a length. */
    public static boolean allowsLength(int code) {
        return (code < 100 || code >= 200) && code != 204 && code != 304;
    }
}
