// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Credentials;

/**
 * What main may do, and how it was started (spec/isolation.md §1).
 *
 * @param user value of {@code --user}
 * @param group value of {@code --group}, may be empty
 * @param setid whether it may take any user and group
 * @param chroot whether it may change its root
 * @param uid its effective user
 * @param gid its effective group
 * @param daemon whether it runs in the background; then {@code stdout} and {@code stderr} of applications count
 */
public record Server(String user, String group, boolean setid, boolean chroot, int uid, int gid, boolean daemon) {

    /** This process, by its effective ids and capabilities. */
    public static Server current(String user, String group, boolean daemon) {
        int uid = Credentials.effectiveUid();
        boolean setid = uid == 0 || has(Credentials.CAP_SETUID) && has(Credentials.CAP_SETGID);
        boolean chroot = uid == 0 || has(Credentials.CAP_SYS_CHROOT);
        return new Server(user, group, setid, chroot, uid, Credentials.effectiveGid(), daemon);
    }

    private static boolean has(int capability) {
        return (Credentials.effectiveCapabilities() >> capability & 1) != 0;
    }
}
