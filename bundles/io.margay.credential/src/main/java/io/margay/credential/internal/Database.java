// SPDX-License-Identifier: Apache-2.0
package io.margay.credential.internal;

import java.util.Optional;

/** The system's users and groups. */
interface Database {

    /** A user by name; empty when there is none. */
    Optional<User> user(String name) throws LookupException;

    /** A group's id by name; empty when there is none. */
    Optional<Integer> group(String name) throws LookupException;

    /** The groups of a user, {@code gid} included. */
    int[] groups(String user, int gid);

    /** A user's ids. */
    record User(int uid, int gid) {
    }

    /** The database did not answer. */
    final class LookupException extends Exception {
        private static final long serialVersionUID = 1L;

        private final int errno;

        LookupException(int errno) {
            this.errno = errno;
        }

        int errno() {
            return errno;
        }
    }
}
