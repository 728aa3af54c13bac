// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;
/** t. */
public record Privileges(boolean setid) {
    /** t. */
    public static Privileges current() {
        return new Privileges(io.margay.posix.Credentials.effectiveUid() == 0);
    }
}
