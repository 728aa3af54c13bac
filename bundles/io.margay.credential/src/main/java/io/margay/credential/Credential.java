// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;

import java.util.Arrays;

/**
 * Whom a process runs as.
 *
 * @param user the user's name, for messages
 * @param uid the user
 * @param gid the base group
 * @param groups the supplementary groups, copied in and out
 */
public record Credential(String user, int uid, int gid, int[] groups) {

    /** Copies the groups. */
    public Credential {
        groups = groups.clone();
    }

    @Override
    public int[] groups() {
        return groups.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Credential that && user.equals(that.user) && uid == that.uid && gid == that.gid
            && Arrays.equals(groups, that.groups);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * user.hashCode() + uid) + gid;
    }

    @Override
    public String toString() {
        return user + " (uid: " + Integer.toUnsignedString(uid) + ", gid: " + Integer.toUnsignedString(gid)
            + ", groups: " + Arrays.toString(groups) + ")";
    }
}
