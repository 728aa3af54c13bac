// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.process.ChildExit;
import io.margay.process.PidfdFollower;
import io.margay.process.Reaper;
import java.util.Optional;

/** The system calls by which main ends and reaps processes. */
final class Kills {

    private Kills() {
    }

    static Reaper.Calls calls(EventLoop loop, ErrorLog journal) {
        return new Reaper.Calls(Kills::await, new PidfdFollower(loop), pid -> kill(pid, journal));
    }

    /** Sends SIGKILL; a process that is gone already is none to report. */
    static void kill(int pid, ErrorLog journal) {
        try {
            Processes.kill(pid, Signals.SIGKILL);
        } catch (PosixException e) {
            if (e.errno() != Errno.ESRCH) {
                journal.alert(e.getMessage());
            }
        }
    }

    private static Optional<ChildExit> await(int pid) {
        return Processes.wait(pid).map(exit -> exit.signaled()
            ? ChildExit.signal(exit.pid(), exit.signal(), exit.coreDumped()) : ChildExit.code(exit.pid(), exit.code()));
    }
}
