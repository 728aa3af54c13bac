// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.posix.Errno;
import io.margay.posix.Files;
import io.margay.posix.PosixException;

/** Makes the directories that a file needs. */
final class Directories {

    private static final int MODE = 0755;

    private Directories() {
    }

    /**
     * Makes the missing parents of a file, mode 0755.
     *
     * @throws PosixException for the first one that cannot be made
     */
    static void parents(String file) {
        for (int slash = file.indexOf('/', 1); slash > 0; slash = file.indexOf('/', slash + 1)) {
            try {
                Files.mkdir(file.substring(0, slash), MODE);
            } catch (PosixException e) {
                if (e.errno() != Errno.EEXIST && Files.status(file.substring(0, slash)).isEmpty()) {
                    throw e;
                }
            }
        }
    }

    /** Removes a file that may be gone already. */
    static void unlink(String file) {
        try {
            Files.unlink(file);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
                throw e;
            }
        }
    }
}
