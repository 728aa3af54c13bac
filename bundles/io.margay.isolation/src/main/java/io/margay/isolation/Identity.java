// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.Optional;

/**
 * The ids that a started process takes.
 *
 * @param user name for messages
 * @param uid real, effective and saved user id, unsigned
 * @param gid the group id, unsigned
 * @param groups supplementary groups to set; empty leaves them alone, for a server that may not change them
 */
public record Identity(String user, int uid, int gid, Optional<int[]> groups) {

    /** Copies the groups. */
    public Identity {
        groups = groups.map(int[]::clone);
    }
}
