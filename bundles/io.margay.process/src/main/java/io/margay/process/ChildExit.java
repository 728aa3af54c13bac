// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.log.ErrorLog;
import io.margay.posix.Exit;
import io.margay.posix.Signals;

/**
 * How a child has ended.
 *
 * @param pid the child
 * @param signalled whether a signal killed it
 * @param number the signal or the exit code
 * @param coreDumped whether a core file was written
 */
public record ChildExit(int pid, boolean signalled, int number, boolean coreDumped) {

    static ChildExit of(Exit exit) {
        return new ChildExit(exit.pid(), exit.signaled(), exit.signaled() ? exit.signal() : exit.code(),
            exit.coreDumped());
    }

    /** An exit code. */
    public static ChildExit code(int pid, int code) {
        return new ChildExit(pid, false, code, false);
    }

    /** A deadly signal. */
    public static ChildExit signal(int pid, int signal, boolean coreDumped) {
        return new ChildExit(pid, true, signal, coreDumped);
    }

    /** The log line of {@code spec/processes.md §12} step 1. */
    public String text() {
        return signalled
            ? "process " + pid + " exited on signal " + number + (coreDumped ? " (core dumped)" : "")
            : "process " + pid + " exited with code " + number;
    }

    void log(ErrorLog journal) {
        log(journal, false);
    }

    /** Writes the line; of a process that was told to leave by SIGTERM no alert for that. */
    void log(ErrorLog journal, boolean leaving) {
        if (signalled && !(leaving && number == Signals.SIGTERM)) {
            journal.alert(text());
        } else {
            journal.notice(text());
        }
    }
}
