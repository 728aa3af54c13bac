// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import io.margay.engine.ProcessWatch;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import java.util.HashMap;
import java.util.Map;

/** Follows processes by pidfd: the kernel makes it readable when the process ends, whoever its parent is. */
public final class PidfdFollower implements Reaper.Follower, AutoCloseable {

    private final EventLoop loop;
    private final Map<Integer, ProcessWatch> followed = new HashMap<>();

    /** Follows on a loop. */
    public PidfdFollower(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public boolean follow(int pid, Runnable gone) {
        try {
            followed.put(pid, ProcessWatch.of(loop, pid, () -> {
                followed.remove(pid);
                gone.run();
            }));
            return true;
        } catch (PosixException e) {
            if (e.errno() == Errno.ESRCH) {
                return false;
            }
            throw e;
        }
    }

    /** Follows nobody any more. On the loop. */
    @Override
    public void close() {
        followed.values().forEach(ProcessWatch::close);
        followed.clear();
    }
}
