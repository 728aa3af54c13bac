// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

/**
 * One datagram received by {@link Sockets#receive}.
 *
 * @param length bytes of payload; 0 at the end of the stream and for an empty datagram; -1 when nothing was there
 * @param pid the sender by the kernel's word; 0 for a sender outside our pid namespace; -1 without credentials
 * @param uid the sender's user, -1 without credentials
 * @param gid the sender's group, -1 without credentials
 * @param fds descriptors that came along, close-on-exec; the receiver owns them
 * @param truncated the payload or the control data did not fit: all descriptors were closed already
 */
public record Received(int length, int pid, int uid, int gid, int[] fds, boolean truncated) {
    static final int[] NO_FDS = {};
    static final Received NOTHING = new Received(-1, -1, -1, -1, NO_FDS, false);

    /** Whether there was nothing to receive. */
    public boolean wouldBlock() {
        return length < 0;
    }

    /**
     * Whether the peer closed its end. Holds for sockets with SO_PASSCRED alone, where the kernel adds credentials
     * to each datagram, an empty one too, but not to the end.
     */
    public boolean isEnd() {
        return length == 0 && pid == -1;
    }
}
