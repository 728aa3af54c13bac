// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.process.StartException;
import java.nio.charset.StandardCharsets;

/** The pid file ({@code spec/processes.md §10}). */
final class PidFile {

    private static final int MODE = 0644;

    private final String path;

    private PidFile(String path) {
        this.path = path;
    }

    /**
     * Writes the file and its directories.
     *
     * @param path where
     * @param pid the own pid
     * @throws StartException with the alert to log
     */
    public static PidFile create(String path, int pid) {
        try {
            Directories.parents(path);
            try (Fd file = Files.open(path, Files.O_WRONLY | Files.O_CREAT | Files.O_TRUNC, MODE)) {
                Files.writeAll(file.number(), (pid + "\n").getBytes(StandardCharsets.US_ASCII));
            }
        } catch (PosixException e) {
            throw new StartException(e.getMessage(), e);
        }
        return new PidFile(path);
    }

    /** Removes the file; nothing happens when it is gone. */
    public void remove() {
        Directories.unlink(path);
    }
}
