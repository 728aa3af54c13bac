// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** A nameless file that takes a request body (spec/http.md §7.3). Used by one loop. */
public final class BodyFile implements AutoCloseable {
    private static final int TRIES = 100;

    private Fd fd;
    private long size;

    private BodyFile(Fd fd) {
        this.fd = fd;
    }

    /** Creates a file in the directory and takes its name away at once. */
    public static BodyFile create(String directory) {
        for (int i = 1;; i++) {
            String path = directory + "/req-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
            try {
                Fd fd = Files.open(path, Files.O_RDWR | Files.O_CREAT | Files.O_EXCL, 0600);
                try {
                    Files.unlink(path);
                } catch (PosixException e) {
                    fd.close();
                    throw e;
                }
                return new BodyFile(fd);
            } catch (PosixException e) {
                if (e.errno() != Errno.EEXIST || i == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Whether bodies can be stored in a directory: empty, or why not. */
    public static Optional<String> check(String directory) {
        try (BodyFile _ = create(directory)) {
            return Optional.empty();
        } catch (PosixException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** The file. */
    public Fd fd() {
        return fd;
    }

    /** Bytes so far. */
    public long size() {
        return size;
    }

    /** Appends {@code length} bytes of {@code in}, a direct buffer, and skips them there. */
    public void append(ByteBuf in, int length) {
        MemorySegment bytes = MemorySegment.ofBuffer(in.internalNioBuffer(in.readerIndex(), length));
        int done = 0;
        while (done < length) {
            int written = Files.write(fd.number(), bytes, done, length - done);
            if (written <= 0) {
                throw new PosixException("write", Errno.EIO);
            }
            done += written;
        }
        in.skipBytes(length);
        size += length;
    }

    /** Ends writing: the descriptor becomes one that only reads, from the begin. */
    public void complete() {
        try (Fd written = fd) {
            fd = Files.open("/proc/self/fd/" + written.number(), Files.O_RDONLY, 0);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
