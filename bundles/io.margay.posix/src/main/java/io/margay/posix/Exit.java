// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

/**
 * How a child ended.
 *
 * @param pid the child
 * @param code its exit code, 0 when a signal ended it
 * @param signal the signal that ended it, 0 when it exited
 * @param coreDumped whether it left a core
 */
public record Exit(int pid, int code, int signal, boolean coreDumped) {
    /** Takes the status of waitpid apart. */
    static Exit of(int pid, int status) {
        int signal = status & 0x7F;
        return new Exit(pid, signal == 0 ? status >> 8 & 0xFF : 0, signal, (status & 0x80) != 0);
    }

    /** Whether a signal ended it. */
    public boolean signaled() {
        return signal != 0;
    }
}
