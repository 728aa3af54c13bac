// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/**
 * A resolved user.
 *
 * @param user its name
 * @param uid its id, unsigned
 * @param gid its base group, unsigned
 * @param groups its supplementary groups, usually with the base group
 */
public record Account(String user, int uid, int gid, int[] groups) {

    /** Copies the groups. */
    public Account {
        groups = groups.clone();
    }

    /** Whether there are groups other than exactly the base group. */
    boolean hasMoreGroups() {
        return groups.length > 1 || groups.length == 1 && groups[0] != gid;
    }

    /** Finds an account; the caller supplies it, so that name services are asked where they may block. */
    @FunctionalInterface
    public interface Resolver {
        /**
         * Resolves names.
         *
         * @param user user name
         * @param group group name; empty for the user's own
         * @throws IsolationException with the text of spec/isolation.md §1
         */
        Account resolve(String user, String group);
    }
}
