// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A child whose JVM boots while main does: what it needs from main follows on a line between both, in one message that
 * carries the start data and the descriptors.
 *
 * @param pid of the child
 * @param line our end of the line; whoever takes the child closes it
 * @param directory the child's private directory
 */
public record Prestarted(int pid, Fd line, Path directory) {

    /** The name of the descriptor that becomes the child's standard error. */
    public static final String LOG = "log";

    /** The variable of a child that says by one byte on its line that it has booted: main waits for it. */
    public static final String TELLS = "MARGAY_START_TELLS";

    private static final int MAX_DATA = 128 << 10;

    /** What has arrived on a line: the start data, and the descriptors in the order in which they were sent. */
    public record StartData(String text, List<Fd> fds) {
    }

    /**
     * Hands over the start data and closes the line.
     *
     * @param text compact JSON
     * @param fds to pass; they stay the caller's
     * @throws PosixException when the child is gone
     */
    public void send(String text, List<Fd> fds) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (line; Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            int[] numbers = fds.stream().mapToInt(Fd::number).toArray();
            if (bytes.length > MAX_DATA || Sockets.send(line.number(), buffer, 0, bytes.length, numbers) < 0) {
                throw new StartException("the start data of " + bytes.length + " bytes does not fit its line");
            }
        }
    }

    /**
     * Waits for the start data.
     *
     * @param line the child's end, in blocking mode; it is closed
     * @throws StartException when main has gone
     */
    public static StartData receive(Fd line) {
        try (line; Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MAX_DATA);
            if (System.getenv(TELLS) != null) {
                Sockets.send(line.number(), buffer, 0, 1, new int[0]);
            }
            Received received = Sockets.receiveWaiting(line.number(), buffer);
            if (received.isEnd() || received.length() <= 0) {
                throw new StartException("main has gone before it told what to do");
            }
            byte[] bytes = new byte[received.length()];
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
            return new StartData(new String(bytes, StandardCharsets.UTF_8),
                Arrays.stream(received.fds()).mapToObj(Fd::own).toList());
        }
    }
}
