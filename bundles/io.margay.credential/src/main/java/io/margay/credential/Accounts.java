// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;

import java.util.Optional;
import java.util.OptionalInt;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Looks users and groups up in the name service of this machine ({@code spec/isolation.md §1}).
 *
 * <p>Any thread may call. A call may block as long as the name service does (a directory server, for instance), so
 * none belongs into a process that answers requests. Names are names: the text {@code "0"} is not user 0. Ids are
 * unsigned 32-bit numbers in an {@code int}.
 */
@ProviderType
public interface Accounts {
    /**
     * Everything that a process needs to become a user.
     *
     * @param user the user's name
     * @param group the group's name; when absent or empty, the user's primary group
     * @throws AccountException when the user or the group does not exist, or the look-up fails
     */
    Credential resolve(String user, Optional<String> group);

    /**
     * The id of a user, empty when there is no such user.
     *
     * @throws AccountException when the look-up fails
     */
    OptionalInt uid(String name);

    /**
     * The id of a group, empty when there is no such group.
     *
     * @throws AccountException when the look-up fails
     */
    OptionalInt gid(String name);
}
