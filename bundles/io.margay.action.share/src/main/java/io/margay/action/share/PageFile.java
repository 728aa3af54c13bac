// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.Variants;
import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A file of moderate size that is kept in memory, and compared with what its path stands for when that was not done for
 * a second. What was read last stays in use while it cannot be read. Safe for all loops.
 */
final class PageFile {
    /** The most bytes that it may have. */
    static final int MOST = 256 * 1024;

    private final byte[] path;
    private final LongSupplier nanos;
    private final Consumer<String> complaints;
    private volatile Held held;
    private volatile long seen;
    private volatile boolean failing;

    /**
     * What the file was.
     *
     * @param content nobody changes it; memory that the collector frees
     */
    record Held(FileStatus status, ByteBuf content, Variants variants) {
    }

    /**
     * Reads the file.
     *
     * @param nanos a clock that never jumps
     * @param complaints told when it cannot be read any more
     * @throws IOException if it cannot be read, is none, or is too large
     */
    PageFile(String path, LongSupplier nanos, Consumer<String> complaints) throws IOException {
        this.path = path.getBytes(StandardCharsets.UTF_8);
        this.nanos = nanos;
        this.complaints = complaints;
        held = read();
        seen = nanos.getAsLong();
    }

    /** What it is, or was a second ago. */
    Held current() {
        long now = nanos.getAsLong();
        if (now - seen >= FileCache.FRESH) {
            seen = now;
            look();
        }
        return held;
    }

    private void look() {
        try {
            Optional<FileStatus> present = Files.status(path);
            // A file changed in the second in which it was read may have been read before that.
            if (failing || present.isEmpty() || !present.get().equals(held.status())
                || present.get().changedSeconds() >= System.currentTimeMillis() / 1000 - 2) {
                held = read();
            }
            failing = false;
        } catch (IOException | PosixException e) {
            if (!failing) {
                failing = true;
                complaints.accept(e.getMessage() + "; what it was before is used");
            }
        }
    }

    private Held read() throws IOException {
        String name = "\"" + new String(path, StandardCharsets.UTF_8) + "\"";
        int number = Files.openAt2(Files.AT_FDCWD, path, Files.O_RDONLY | Files.O_NONBLOCK, 0, 0);
        if (number < 0) {
            throw new IOException("opening " + name + " failed " + PosixException.describe(-number));
        }
        try (Fd fd = Fd.own(number)) {
            FileStatus status = Files.status(fd.number());
            if (!status.isRegular()) {
                throw new IOException(name + " is not a regular file");
            }
            if (status.size() > MOST) {
                throw new IOException(name + " has more than " + MOST + " bytes");
            }
            byte[] content = Files.readAll(fd.number(), MOST);
            return new Held(status, Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(content).asReadOnly()),
                new Variants(content.length));
        } catch (PosixException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }
}
