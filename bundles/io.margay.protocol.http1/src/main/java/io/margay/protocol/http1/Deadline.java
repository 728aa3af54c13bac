// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

/** A moment by the clock of a loop, looked at now and then. */
final class Deadline {
    /** Between two looks whether a client that sends nothing more is still there. */
    static final int PROBE_SECONDS = 1;

    private static final long SECOND = 1_000_000_000L;

    private long at;
    private boolean armed;

    /** Sets it, or takes it away if there are no seconds. */
    void arm(long from, int seconds) {
        armed = seconds > 0;
        at = from + seconds * SECOND;
    }

    void disarm() {
        armed = false;
    }

    boolean isArmed() {
        return armed;
    }

    /** Whether it has come; true once. */
    boolean isOver(long now) {
        boolean over = armed && now - at >= 0;
        armed &= !over;
        return over;
    }
}
