// SPDX-License-Identifier: Apache-2.0
package io.margay.credential.internal;

import io.margay.posix.Credentials;
import io.margay.posix.Errno;
import java.util.Optional;
import jnr.posix.Group;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;

/** The databases by jnr-posix; supplementary groups by io.margay.posix, since jnr knows those of the process alone. */
final class JnrDatabase implements Database {

    @Override
    public Optional<User> user(String name) throws LookupException {
        if (isCut(name)) {
            return Optional.empty();
        }
        // The entries stand in memory of the C library that the next call overwrites.
        synchronized (JnrDatabase.class) {
            POSIX posix = Holder.POSIX;
            posix.errno(0);
            Passwd entry = posix.getpwnam(name);
            if (entry == null) {
                checkMissing(posix.errno());
                return Optional.empty();
            }
            return Optional.of(new User((int) entry.getUID(), (int) entry.getGID()));
        }
    }

    @Override
    public Optional<Integer> group(String name) throws LookupException {
        if (isCut(name)) {
            return Optional.empty();
        }
        synchronized (JnrDatabase.class) {
            POSIX posix = Holder.POSIX;
            posix.errno(0);
            Group entry = posix.getgrnam(name);
            if (entry == null) {
                checkMissing(posix.errno());
                return Optional.empty();
            }
            return Optional.of((int) entry.getGID());
        }
    }

    @Override
    public int[] groups(String user, int gid) {
        return Credentials.groupsOf(user, gid);
    }

    /** C would end the name at a NUL and find another account. */
    private static boolean isCut(String name) {
        return name.indexOf('\0') >= 0;
    }

    /** The C library may or may not set an error for a name that it does not know. */
    private static void checkMissing(int errno) throws LookupException {
        if (errno != 0 && errno != Errno.ENOENT && errno != Errno.ESRCH) {
            throw new LookupException(errno);
        }
    }

    /** Loading jnr costs 90 ms and 15 MB: only when the first name is resolved. */
    private static final class Holder {
        static final POSIX POSIX = POSIXFactory.getNativePOSIX();
    }
}
