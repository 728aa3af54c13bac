// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/**
 * The exchange between the started process and main (spec/processes.md §5): the process says that it exists, main
 * writes maps and cgroup for the pid that the kernel names as sender, and approves or refuses.
 *
 * @param main number of the descriptor, in the started process, that writes to main's port
 * @param own number of the descriptor that reads the process' own port
 * @param created the PROCESS_CREATED message
 * @param ready a message for main when everything is done, sent by {@link LaunchPlan.Mode#HOLDER} alone; may be empty
 * @param passing whether the exchange is all that the two descriptors are for: the program does not get them
 */
public record Handshake(int main, int own, byte[] created, byte[] ready, boolean passing) {

    /** Bytes of a port header; a message of the handshake is nothing more. */
    public static final int HEADER = 16;

    /** Copies the messages and checks their sizes. */
    public Handshake {
        created = created.clone();
        ready = ready.clone();
        if (created.length != HEADER || ready.length != HEADER && ready.length != 0) {
            throw new IllegalArgumentException("a message of the handshake is a header of 16 bytes");
        }
    }

    /** A handshake whose descriptors stay the program's. */
    public Handshake(int main, int own, byte[] created, byte[] ready) {
        this(main, own, created, ready, false);
    }

    /** A handshake of a program that knows nothing of it. */
    public static Handshake hidden(int main, int own, byte[] created) {
        return new Handshake(main, own, created, new byte[0], true);
    }

    /** A handshake without a last message. */
    public Handshake(int main, int own, byte[] created) {
        this(main, own, created, new byte[0]);
    }
}
