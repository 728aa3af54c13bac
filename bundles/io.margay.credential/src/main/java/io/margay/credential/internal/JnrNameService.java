// SPDX-License-Identifier: Apache-2.0
package io.margay.credential.internal;

import jnr.posix.Group;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;

/**
 * The C library's name service by jnr-posix.
 *
 * <p>An entry lives in memory that the next call overwrites, so the methods exclude each other and read it at once.
 */
final class JnrNameService implements NameService {
    @Override
    public synchronized Answer user(String name) {
        POSIX posix = Library.POSIX;
        posix.errno(0);
        Passwd entry = posix.getpwnam(name);
        return entry == null ? Answer.nothing(posix.errno()) : Answer.entry((int) entry.getUID(), (int) entry.getGID());
    }

    @Override
    public synchronized Answer group(String name) {
        POSIX posix = Library.POSIX;
        posix.errno(0);
        Group entry = posix.getgrnam(name);
        return entry == null ? Answer.nothing(posix.errno()) : Answer.entry(0, (int) entry.getGID());
    }

    /** Loaded at the first look-up: it takes 90 ms and 15 MB, which a start without one need not pay. */
    private static final class Library {
        // Not getPOSIX(), which would go on in Java without users and groups if the library cannot be loaded.
        static final POSIX POSIX = POSIXFactory.getNativePOSIX(new QuietHandler());

        private Library() {
        }
    }
}
