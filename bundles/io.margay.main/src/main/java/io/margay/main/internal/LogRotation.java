// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.util.Optional;

/**
 * Gives a file that has grown the name {@code path.1}, those before it the next number, and makes a new one with the
 * same owner and mode. The oldest goes. Blocks.
 */
final class LogRotation {
    private static final int MODE = 0600;
    private static final int FLAGS = Files.O_WRONLY | Files.O_APPEND | Files.O_CREAT | Files.O_EXCL | Files.O_NOFOLLOW;

    private LogRotation() {
    }

    /**
     * Does it, when there is such a file.
     *
     * @param size bytes that it must have; a smaller one was changed by somebody else meanwhile
     * @param keep most files with a number, at least 1
     * @throws PosixException when it is not possible; no line is lost, whatever was done before
     * @throws IllegalStateException when it is no regular file
     */
    static void run(String path, long size, int keep) {
        // A link would be given another name, and its file would grow on.
        Optional<FileStatus> found = Files.linkStatus(path);
        if (found.isEmpty()) {
            return;
        }
        FileStatus status = found.get();
        if (!status.isRegular()) {
            throw new IllegalStateException("the access log \"" + path + "\" is not rotated: it is not a regular file");
        }
        if (status.size() < size) {
            return;
        }
        int free = 1;
        // Where a number is missing, none has to go.
        while (free < keep && Files.linkStatus(path + "." + free).isPresent()) {
            free++;
        }
        for (int i = free; i > 1; i--) {
            Files.rename(path + "." + (i - 1), path + "." + i);
        }
        Files.rename(path, path + ".1");
        try (Fd made = Files.open(path, FLAGS, MODE)) {
            if (status.uid() != 0 || status.gid() != 0) {
                Files.fchown(made, status.uid(), status.gid());
            }
            Files.fchmod(made, status.permissions());
        }
    }
}
