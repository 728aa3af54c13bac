// SPDX-License-Identifier: Apache-2.0
package io.margay.credential.internal;

/** The system's look-up by name. Names hold no NUL. */
interface NameService {
    /** {@code getpwnam}. */
    Answer user(String name);

    /** {@code getgrnam}; uid is of no meaning. */
    Answer group(String name);

    /**
     * One answer.
     *
     * @param found whether there is an entry; else only errno counts
     * @param uid the user
     * @param gid the group, the primary one of a user
     * @param errno 0 or the system's error number
     */
    record Answer(boolean found, int uid, int gid, int errno) {
        static Answer entry(int uid, int gid) {
            return new Answer(true, uid, gid, 0);
        }

        static Answer nothing(int errno) {
            return new Answer(false, 0, 0, errno);
        }
    }
}
