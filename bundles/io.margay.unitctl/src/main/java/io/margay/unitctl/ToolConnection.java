// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.IOException;
import java.util.OptionalInt;

/**
 * A connection to a control socket. Each call waits until the deadline that the connection was opened with and throws
 * {@link java.net.SocketTimeoutException} then. One thread at a time.
 */
interface ToolConnection extends AutoCloseable {
    /** Writes all bytes. */
    void write(byte[] bytes) throws IOException;

    /**
     * Reads what is there, at least one byte.
     *
     * @return how many bytes; -1 when the server closed its end
     */
    int read(byte[] buffer) throws IOException;

    /** {@return the user number of the server; empty when the connection does not tell} */
    OptionalInt peer() throws IOException;

    @Override
    void close() throws IOException;

    /**
     * Connects.
     *
     * @param named whether the peer must be known, where the kind of address allows that
     * @param connectBy when connecting must have succeeded, by {@link System#nanoTime()}
     * @param deadline the end of all waiting, by the same clock
     * @throws IOException when nobody listens there or the time is over
     */
    static ToolConnection open(ControlAddress address, boolean named, long connectBy, long deadline)
        throws IOException {
        boolean jnr = address instanceof ControlAddress.Abstract || named && address instanceof ControlAddress.File;
        return jnr ? UnixConnection.open(address, connectBy, deadline)
            : ChannelConnection.open(address, connectBy, deadline);
    }

    /** {@return the milliseconds until a deadline, rounded up} */
    static int left(long deadline) {
        return Math.clamp((deadline - System.nanoTime() + 999_999) / 1_000_000, 0, Integer.MAX_VALUE);
    }
}
