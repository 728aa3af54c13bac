// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * An owned file descriptor: whoever holds it closes it. Safe for use by several threads.
 */
public final class Fd implements AutoCloseable {
    private static final int CLOSED = -1;

    private final AtomicInteger number;

    private Fd(int number) {
        this.number = new AtomicInteger(number);
    }

    /** Takes ownership of an open descriptor. */
    public static Fd own(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("not a descriptor: " + number);
        }
        return new Fd(number);
    }

    /**
     * The descriptor's number.
     *
     * @throws IllegalStateException when it was closed or released: its number may belong to another file by now
     */
    public int number() {
        int fd = number.get();
        if (fd == CLOSED) {
            throw new IllegalStateException("descriptor is closed");
        }
        return fd;
    }

    /** Gives the ownership up: returns the number and closes nothing any more. */
    public int release() {
        int fd = number.getAndSet(CLOSED);
        if (fd == CLOSED) {
            throw new IllegalStateException("descriptor is closed");
        }
        return fd;
    }

    /** Whether it is still owned here. */
    public boolean isOpen() {
        return number.get() != CLOSED;
    }

    /** A second, close-on-exec descriptor of the same open file. */
    public Fd duplicate() {
        return Descriptors.duplicate(number(), 0);
    }

    /** Closes it; does nothing the second time. Errors are not reported: Linux frees the number in any case. */
    @Override
    public void close() {
        int fd = number.getAndSet(CLOSED);
        if (fd != CLOSED) {
            Descriptors.close(fd);
        }
    }

    @Override
    public String toString() {
        return "fd " + number.get();
    }
}
