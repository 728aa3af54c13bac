// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Payload of {@link MessageType#QUIT}: nothing or 0 for a normal end, 1 for a graceful one, any other number is normal
 * too ({@code spec/ports.md §12.6, §15}). The router adds a pid when a prototype shall stop one worker only; when that
 * is to be killed because it does not become ready, the stream of the message names its start instead.
 *
 * @param graceful whether requests in progress are finished first
 * @param pid the one worker meant, or 0 for the receiver itself
 */
public record Quit(boolean graceful, int pid) {

    /** Leave at once. */
    public static final Quit NORMAL = new Quit(false, 0);
    /** Finish what is in progress, then leave. */
    public static final Quit GRACEFUL = new Quit(true, 0);

    private static final int LONG = 5;

    /**
     * Reads the payload of a message.
     *
     * @throws PayloadException when it has neither 0, 1 nor 5 bytes
     */
    public static Quit decode(Message message) {
        ByteBuffer in = message.payload();
        int size = in.remaining();
        if (size == 0) {
            return NORMAL;
        }
        if (size != 1 && size != LONG) {
            throw new PayloadException("quit: invalid message size (" + size + ")");
        }
        boolean graceful = in.get() == 1;
        return new Quit(graceful, size == LONG ? in.getInt() : 0);
    }

    /** The bytes on the wire: none for a normal end, which is the one form that every libunit knows. */
    public byte[] encode() {
        if (pid != 0) {
            return ByteBuffer.allocate(LONG).order(ByteOrder.nativeOrder())
                .put((byte) (graceful ? 1 : 0)).putInt(pid).array();
        }
        return graceful ? new byte[] {1} : new byte[0];
    }
}
