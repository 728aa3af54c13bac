// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;

import io.margay.posix.Credentials;
import io.margay.posix.PosixException;
import java.util.function.LongSupplier;

/**
 * What this process may do ({@code spec/isolation.md §1}). It is only asked for; nothing is given up.
 *
 * @param setid it may take on any user and group
 * @param chroot it may change its root directory
 */
public record Privileges(boolean setid, boolean chroot) {
    private static final long SETID = 1L << Credentials.CAP_SETUID | 1L << Credentials.CAP_SETGID;
    private static final long CHROOT = 1L << Credentials.CAP_SYS_CHROOT;

    /**
     * Those of the calling thread.
     *
     * @throws AccountException {@code failed to get process capabilities: (2: No such file or directory)}
     */
    public static Privileges current() {
        return of(Credentials.effectiveUid(), Credentials::effectiveCapabilities);
    }

    /** By the effective user, and by the capabilities only if that is not root. */
    static Privileges of(int effectiveUid, LongSupplier capabilities) {
        if (effectiveUid == 0) {
            return new Privileges(true, true);
        }
        long effective;
        try {
            effective = capabilities.getAsLong();
        } catch (PosixException e) {
            throw new AccountException("failed to get process capabilities: " + PosixException.describe(e.errno()), e);
        }
        return new Privileges((effective & SETID) == SETID, (effective & CHROOT) != 0);
    }
}
