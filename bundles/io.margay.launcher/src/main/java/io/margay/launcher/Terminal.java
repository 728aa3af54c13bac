// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.log.ErrorLog;
import io.margay.log.Level;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;

/**
 * Where the start command is watched: descriptor 2 as it was at first, kept while the log takes its place. Why a start
 * fails is an alert there, and in the log once that is open ({@code spec/processes.md §6}).
 */
final class Terminal implements AutoCloseable {
    private final Fd first;
    private final int log;

    private Terminal(Fd first, int log) {
        this.first = first;
        this.log = log;
    }

    /** Keeps what a descriptor is now; its number will be the log. */
    static Terminal keep(int descriptor) {
        return new Terminal(Descriptors.duplicate(descriptor, descriptor + 1), descriptor);
    }

    /** Writes an alert to both, or once where both are the same file. */
    synchronized void alert(String text) {
        alert(log, text);
        if (first.isOpen() && !same(Files.status(first.number()), Files.status(log))) {
            alert(first.number(), text);
        }
    }

    private static boolean same(FileStatus one, FileStatus other) {
        return one.device() == other.device() && one.inode() == other.inode();
    }

    /** Writes an alert, which has a line for each line of the text. */
    static void alert(int descriptor, String text) {
        ErrorLog lines = ErrorLog.on(descriptor, Level.ALERT);
        text.lines().forEach(lines::alert);
    }

    /** Gives the terminal up, when the server runs: it may go away. */
    @Override
    public synchronized void close() {
        first.close();
    }
}
