// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

/**
 * Somebody who may enter.
 *
 * @param name for logs
 * @param writes whether changes are allowed, and not only looks
 * @param token what each change must bring along, so that another site cannot make one in this user's name
 * @param explicit whether the request itself brought a password, which no other site can have a browser do
 */
record ConsoleUser(String name, boolean writes, String token, boolean explicit) {

    /** {@return the role, as pages and files call it} */
    String role() {
        return writes ? "write" : "read";
    }
}
