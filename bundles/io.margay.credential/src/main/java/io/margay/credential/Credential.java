// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;

import java.util.Arrays;

/**
 * What a process becomes when it takes on a user.
 *
 * @param user the user's name
 * @param uid the user, unsigned
 * @param gid the base group, unsigned
 * @param groups the supplementary groups, unsigned; copied on the way in and out
 */
public record Credential(String user, int uid, int gid, int[] groups) {
    /** Keeps its own copy of the groups. */
    public Credential {
        groups = groups.clone();
    }

    @Override
    public int[] groups() {
        return groups.clone();
    }

    /** Arrays are compared by what they hold. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Credential that && user.equals(that.user) && uid == that.uid && gid == that.gid
            && Arrays.equals(groups, that.groups);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * (31 * user.hashCode() + uid) + gid) + Arrays.hashCode(groups);
    }

    @Override
    public String toString() {
        String[] names = Arrays.stream(groups).mapToObj(Integer::toUnsignedString).toArray(String[]::new);
        return user + " uid " + Integer.toUnsignedString(uid) + " gid " + Integer.toUnsignedString(gid)
            + " groups " + Arrays.toString(names);
    }
}
