// SPDX-License-Identifier: Apache-2.0
package io.margay.script.internal;

import com.sun.management.ThreadMXBean;
import io.margay.script.ScriptRealm;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/** Counts what one run of a script takes, on its thread. */
final class StepMeter {

    /** The end of a run. Scripts cannot catch it: it is no exception. */
    static final class LimitError extends Error {
        private static final long serialVersionUID = 1L;

        LimitError(String reason) {
            super(reason, null, false, false);
        }
    }

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long steps;
    private long begun;
    private long allocated;

    /** Begins a run. */
    void start() {
        steps = 0;
        begun = System.nanoTime();
        allocated = threads.getCurrentThreadAllocatedBytes();
    }

    /** More steps were taken. */
    void count(long more) {
        steps += more;
        if (steps > ScriptRealm.MOST_STEPS) {
            throw new LimitError("the script takes more than " + ScriptRealm.MOST_STEPS + " steps");
        }
        if (System.nanoTime() - begun > TimeUnit.MILLISECONDS.toNanos(ScriptRealm.MOST_MILLIS)) {
            throw new LimitError("the script takes more than " + ScriptRealm.MOST_MILLIS + " milliseconds");
        }
        if (threads.getCurrentThreadAllocatedBytes() - allocated > ScriptRealm.MOST_BYTES) {
            throw new LimitError("the script takes more than " + ScriptRealm.MOST_BYTES + " bytes");
        }
    }
}
