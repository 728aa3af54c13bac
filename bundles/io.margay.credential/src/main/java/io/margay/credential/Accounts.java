// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Names to ids, by the system's databases. Calls may block on a name service, so main alone makes them and no event
 * loop should wait for many. Names are passed as they are; a number is a name too and never an id. Safe for all
 * threads.
 */
@ProviderType
public interface Accounts {

    /**
     * Resolves a user with its groups.
     *
     * @param group replaces the user's primary group as base; empty for none
     * @throws AccountException {@code getpwnam("x") failed, user "x" not found} and the like, spec/isolation.md §1
     */
    Credential resolve(String user, String group) throws AccountException;

    /**
     * The id of a user, for the owner of a file.
     *
     * @throws AccountException {@code getpwnam_r("x", ...) failed (0: Success) (User not found)}
     */
    int uid(String user) throws AccountException;

    /**
     * The id of a group, for the owner of a file.
     *
     * @throws AccountException {@code getgrnam_r("x", ...) failed (0: Success) (Group not found)}
     */
    int gid(String group) throws AccountException;
}
