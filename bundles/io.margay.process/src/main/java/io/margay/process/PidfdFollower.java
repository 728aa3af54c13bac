// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import io.margay.engine.ProcessWatch;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;

/** Follows processes by pidfd: the kernel makes it readable when the process ends, whoever its parent is. */
public final class PidfdFollower implements Reaper.Follower {

    private final EventLoop loop;

    /** Follows on a loop. */
    public PidfdFollower(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public boolean follow(int pid, Runnable gone) {
        try {
            ProcessWatch.of(loop, pid, gone);
            return true;
        } catch (PosixException e) {
            if (e.errno() == Errno.ESRCH) {
                return false;
            }
            throw e;
        }
    }
}
