// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** A system call that failed: {@code bind("*:80") failed (98: Address already in use)}. */
public final class PosixException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int TEXT_SIZE = 256;
    private static final NativeCall STRERROR = NativeCall.of("strerror_r");

    private final int errno;

    /**
     * Makes the exception.
     *
     * @param call the call with its subject, such as {@code bind("*:80")}
     * @param errno the system's error number
     */
    public PosixException(String call, int errno) {
        super(call + " failed " + describe(errno));
        this.errno = errno;
    }

    /** For the call of this thread that has just failed. */
    static PosixException last(String call) {
        return new PosixException(call, Scratch.errno());
    }

    /** For the call that has just failed with a text subject, which is quoted. */
    static PosixException last(String function, String subject) {
        return last(function + "(\"" + subject + "\")");
    }

    /** For the call that has just failed on a descriptor. */
    static PosixException last(String function, int fd) {
        return last(function + "(" + fd + ")");
    }

    /** The error number, one of {@link Errno}. */
    public int errno() {
        return errno;
    }

    /** The form of an error in log lines: {@code (98: Address already in use)}. */
    public static String describe(int errno) {
        return "(" + errno + ": " + text(errno) + ")";
    }

    /** The system's text for an error number. */
    public static String text(int errno) {
        Scratch scratch = Scratch.current();
        // The GNU variant returns the text, which may or may not stand in the buffer given.
        long address = STRERROR.callLong(errno, scratch.address(Scratch.STRUCT), TEXT_SIZE);
        return MemorySegment.ofAddress(address).reinterpret(TEXT_SIZE).getString(0, StandardCharsets.UTF_8);
    }
}
