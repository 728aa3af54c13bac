// SPDX-License-Identifier: Apache-2.0
package io.margay.store;

import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.util.Optional;

/** Reads and replaces whole small files. */
final class AtomicFile {
    private static final int OWNER_ONLY = 0600;

    private AtomicFile() {
    }

    /**
     * Replaces a file: whoever reads it, also after a crash, finds the old or the new content.
     *
     * @param directory the directory, which must exist
     * @param name of the file in it; {@code name.tmp} beside it is used for writing
     * @throws PosixException with the step that failed; the old content is still there
     */
    static void write(String directory, String name, byte[] content) {
        write(directory, name, name + ".tmp", content);
    }

    /** The same with another name for the file that is written to, in the same directory. */
    static void write(String directory, String name, String temporaryName, byte[] content) {
        replace(directory, name, temporaryName, content, true);
        sync(directory);
    }

    /** Whole or not there for every process, but not waiting for the disk: a power failure may lose or cut it. */
    static void writeSoon(String directory, String name, byte[] content) {
        replace(directory, name, name + ".tmp", content, false);
    }

    private static void replace(String directory, String name, String temporaryName, byte[] content, boolean wait) {
        String path = directory + "/" + name;
        String temporary = directory + "/" + temporaryName;
        Fd file = create(temporary);
        try (file) {
            Files.writeAll(file.number(), content);
            if (wait) {
                Files.fsync(file);
            }
            Files.rename(temporary, path);
        } catch (PosixException e) {
            removeAfter(temporary, e);
            throw e;
        }
    }

    /** The content of a regular file; empty when there is none at this name. */
    static Optional<byte[]> read(String path, int limit) {
        Fd file;
        try {
            // Not blocking, since a fifo at this name must not stop the start.
            file = Files.open(path, Files.O_RDONLY | Files.O_NONBLOCK, 0);
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw e;
        }
        try (file) {
            return Files.status(file.number()).isRegular()
                ? Optional.of(Files.readAll(file.number(), limit)) : Optional.empty();
        }
    }

    /** Creates a file that did not exist, so that nobody else has it open; what a crash left behind is removed. */
    private static Fd create(String path) {
        int flags = Files.O_WRONLY | Files.O_CREAT | Files.O_EXCL;
        try {
            return Files.open(path, flags, OWNER_ONLY);
        } catch (PosixException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            Files.unlink(path);
            return Files.open(path, flags, OWNER_ONLY);
        }
    }

    private static void removeAfter(String path, PosixException failure) {
        try {
            Files.unlink(path);
        } catch (PosixException e) {
            failure.addSuppressed(e);
        }
    }

    /** Makes sure that what was created, renamed or removed in a directory stays so. */
    static void sync(String directory) {
        try (Fd entries = Files.open(directory, Files.O_RDONLY | Files.O_DIRECTORY, 0)) {
            Files.fsync(entries);
        }
    }
}
