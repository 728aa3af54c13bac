// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import io.margay.engine.Watch;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;

/** Follows processes by pidfd: the kernel makes it readable when the process ends, whoever its parent is. */
public final class PidfdFollower implements Reaper.Follower {

    private final EventLoop loop;

    /** Follows on a loop. */
    public PidfdFollower(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public boolean follow(int pid, Runnable gone) {
        Fd fd;
        try {
            fd = Processes.pidfdOpen(pid);
        } catch (PosixException e) {
            // ESRCH: it has ended already. Without descriptors it cannot be followed either.
            return false;
        }
        Watch[] watch = new Watch[1];
        watch[0] = loop.watch(fd.number(), (readable, writable, hangup) -> {
            watch[0].cancel();
            fd.close();
            gone.run();
        }, true, false);
        return true;
    }
}
