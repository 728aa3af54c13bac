// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;

import io.margay.posix.Credentials;
import io.margay.posix.PosixException;

/**
 * What this process may do: spec/isolation.md §1. Only queried; nothing is ever dropped or raised here.
 *
 * @param setid whether it can take on any user and group
 * @param chroot whether it can change its root directory
 */
public record Privileges(boolean setid, boolean chroot) {
    /** The warning of a server without {@link #setid}. */
    public static final String UNPRIVILEGED =
        "Unit is running unprivileged, then it cannot use arbitrary user and group.";

    private static final long SETID = 1L << Credentials.CAP_SETUID | 1L << Credentials.CAP_SETGID;
    private static final long CHROOT = 1L << Credentials.CAP_SYS_CHROOT;

    /**
     * Asks the kernel.
     *
     * @throws AccountException {@code failed to get process capabilities: (...)}
     */
    public static Privileges query() throws AccountException {
        int uid = Credentials.effectiveUid();
        if (uid == 0) {
            return of(uid, 0);
        }
        try {
            return of(uid, Credentials.effectiveCapabilities());
        } catch (PosixException failure) {
            throw new AccountException("failed to get process capabilities: "
                + PosixException.describe(failure.errno()));
        }
    }

    /** Judges an effective user with effective capabilities, bit n for capability n. */
    public static Privileges of(int effectiveUid, long capabilities) {
        boolean root = effectiveUid == 0;
        return new Privileges(root || (capabilities & SETID) == SETID, root || (capabilities & CHROOT) != 0);
    }
}
