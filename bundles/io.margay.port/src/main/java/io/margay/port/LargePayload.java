// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Payloads that are longer than a datagram, such as configurations: descriptor 0 is a sealed memfd with the bytes, the
 * payload is their number as a 64-bit integer ({@code spec/processes.md §17}).
 *
 * <p>The receiver believes neither number nor descriptor: the memory must be sealed against every change and have
 * exactly the announced size within a bound, before one byte is read. Then nobody can shrink it while it is read, and
 * what was checked is what is used.
 */
public final class LargePayload {

    /** Bound for configurations, modules and statuses: 64 MiB. */
    public static final int MAX_SIZE = 64 << 20;

    /**
     * Bound for messages that are not made for long contents, with which a peer must not fill the memory of a small
     * process: 4 MiB.
     */
    public static final int MAX_MESSAGE = 4 << 20;

    private static final int CHUNK = 1 << 20;
    private static final int SEALS = Files.F_SEAL_SHRINK | Files.F_SEAL_GROW | Files.F_SEAL_WRITE;

    private LargePayload() {
    }

    /**
     * Sends bytes of any length up to {@link #MAX_SIZE}.
     *
     * @param peer the receiver
     * @param header header of the message
     * @param name name of the memory in {@code /proc}, for people
     * @param bytes the content
     * @param more further descriptors, given away
     * @throws PosixException when there is no memory; the further descriptors are closed
     */
    public static Peer.Sent send(Peer peer, Header header, String name, byte[] bytes, Fd... more) {
        Fd[] fds = new Fd[more.length + 1];
        System.arraycopy(more, 0, fds, 1, more.length);
        try {
            fds[0] = Files.sealedMemory(name, bytes);
        } catch (PosixException e) {
            for (Fd fd : more) {
                fd.close();
            }
            throw e;
        }
        return peer.send(header, length(bytes.length), fds);
    }

    /** The payload that announces so many bytes. */
    public static byte[] length(long size) {
        return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(size).array();
    }

    /**
     * Takes the bytes out of a message; descriptor 0 is closed then.
     *
     * @param message the message
     * @param who name of the handler at the front of error texts, like {@code conf_store_handler}
     * @param bound longest content in bytes
     * @throws PayloadException when the message is not of this form or the memory is not what it has to be
     */
    public static byte[] receive(Message message, String who, int bound) {
        ByteBuffer in = message.payload();
        if (in.remaining() != Long.BYTES) {
            throw new PayloadException(who + ": unexpected buffer size (" + in.remaining() + ")");
        }
        long size = in.getLong();
        try (Fd memory = message.take(0).orElseThrow(() -> new PayloadException(who + ": invalid shm fd"))) {
            return content(memory, size, who, bound);
        }
    }

    /**
     * Reads sealed memory that came by itself; it stays the caller's.
     *
     * @param memory the descriptor
     * @param size the announced size in bytes
     * @param who name of the handler at the front of error texts
     * @param bound longest content in bytes
     * @throws PayloadException when the memory is not what it has to be
     */
    public static byte[] content(Fd memory, long size, String who, int bound) {
        check(memory, size, who, bound);
        return read(memory, (int) size, who);
    }

    /**
     * Sees that memory which came by itself is sealed and has the announced size, and reads nothing of it; what is
     * sealed stays as it is.
     *
     * @param memory the descriptor
     * @param size the announced size in bytes
     * @param who name of the handler at the front of error texts
     * @param bound longest content in bytes
     * @throws PayloadException when the memory is not what it has to be
     */
    public static void check(Fd memory, long size, String who, int bound) {
        if (size < 0 || size > bound) {
            throw new PayloadException(who + ": content of " + Long.toUnsignedString(size) + " bytes is too long");
        }
        FileStatus status;
        int seals;
        try {
            status = Files.status(memory.number());
            seals = Files.seals(memory.number());
        } catch (PosixException e) {
            // Pipes, sockets and ordinary files have no seals.
            throw new PayloadException(who + ": invalid shm fd: " + e.getMessage());
        }
        if (!status.isRegular() || (seals & SEALS) != SEALS) {
            throw new PayloadException(who + ": shm is not sealed");
        }
        if (status.size() != size) {
            throw new PayloadException(who + ": shm of " + status.size() + " bytes, announced " + size);
        }
    }

    private static byte[] read(Fd memory, int size, String who) {
        byte[] bytes = new byte[size];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(Math.max(1, Math.min(size, CHUNK)));
            int done = 0;
            while (done < size) {
                int count = Files.pread(memory.number(), chunk, 0, Math.min(size - done, CHUNK), done);
                if (count <= 0) {
                    throw new PayloadException(who + ": shm ends after " + done + " bytes");
                }
                MemorySegment.copy(chunk, ValueLayout.JAVA_BYTE, 0, bytes, done, count);
                done += count;
            }
        } catch (PosixException e) {
            throw new PayloadException(who + ": invalid shm fd: " + e.getMessage());
        }
        return bytes;
    }
}
