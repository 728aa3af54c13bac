// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

import java.util.function.Consumer;

/**
 * Lines about others, a few a second at most: whoever sends nonsense once may do so with every request. Safe for all
 * threads.
 */
public final class Complaints {
    private static final long SECOND = 1_000_000_000;
    private static final int LINES = 50;

    private final Consumer<String> log;
    private long second = System.nanoTime();
    private int told;
    private int untold;

    /** Tells a log. */
    public Complaints(Consumer<String> log) {
        this.log = log;
    }

    /** Writes a line, unless there were too many in this second; the next one that is written counts those. */
    public void tell(String text) {
        int more;
        synchronized (this) {
            long now = System.nanoTime();
            if (now - second >= SECOND) {
                second = now;
                told = 0;
            }
            if (told == LINES) {
                untold++;
                return;
            }
            told++;
            more = untold;
            untold = 0;
        }
        log.accept(text + (more == 0 ? "" : "; " + more + " lines like this were left out"));
    }
}
