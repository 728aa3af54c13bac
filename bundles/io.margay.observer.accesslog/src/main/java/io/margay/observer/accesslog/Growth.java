// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** How large a file has become, and who has it rotated. On the thread that writes, where nothing else is said. */
final class Growth {
    private static final long UNKNOWN = -1;
    /** After a failure, of which the log is told each time. */
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Function<Rotation, CompletionStage<Void>> rotate;
    private volatile Rotation limit = Rotation.NONE;
    private volatile boolean asked;
    private volatile long notBefore = System.nanoTime();
    private long size = UNKNOWN;

    /**
     * Nothing is rotated before there is a {@link #limit}.
     *
     * @param rotate has it done, and the file {@linkplain #renewed replaced}; its failure is in the log
     */
    Growth(Function<Rotation, CompletionStage<Void>> rotate) {
        this.rotate = rotate;
    }

    /** Sets the limit. On any thread. */
    void limit(Rotation rotation) {
        // Called with each request, and nearly always with what it is.
        if (limit != rotation) {
            limit = rotation;
        }
    }

    /** There is another file of the same name. */
    synchronized void renewed() {
        size = UNKNOWN;
        asked = false;
        notBefore = System.nanoTime();
    }

    /** What is done may still not have given a new file. */
    private synchronized void answered() {
        if (asked) {
            notBefore = System.nanoTime() + PAUSE_NANOS;
            asked = false;
        }
    }

    /** Whole lines of so many bytes were written. */
    void wrote(Fd file, long bytes) {
        Rotation now = limit;
        if (now.isNone()) {
            size = UNKNOWN;
            return;
        }
        size = size == UNKNOWN ? size(file) : size + bytes;
        if (size >= now.size() && !asked && System.nanoTime() - notBefore >= 0) {
            asked = true;
            rotate.apply(now).whenComplete((done, failure) -> answered());
        }
    }

    private static long size(Fd file) {
        try {
            FileStatus status = Files.status(file.number());
            return status.isRegular() ? status.size() : Long.MIN_VALUE;
        } catch (PosixException e) {
            return UNKNOWN;
        }
    }
}
