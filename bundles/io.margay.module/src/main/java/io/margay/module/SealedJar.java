// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.port.LargePayload;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;

/** The bytes of a bundle as memory that nobody can change, so that what was looked at is what every process runs. */
final class SealedJar {

    private static final int LEAST = 3;

    private final String digest;
    private final int size;
    private final Fd memory;
    private int holders = 1;

    /** With memory that is sealed, and closed by this. */
    SealedJar(String digest, int size, Fd memory) {
        this.digest = digest;
        this.size = size;
        this.memory = memory;
    }

    /** SHA-256 of the bytes, in hexadecimal. */
    String digest() {
        return digest;
    }

    int size() {
        return size;
    }

    /** A copy of the bytes. */
    byte[] bytes() {
        return LargePayload.content(memory, size, "module", SealedJars.MAX_SIZE);
    }

    /** A descriptor to be given away. */
    Fd duplicate() {
        return Descriptors.duplicate(memory.number(), LEAST);
    }

    /** Where the framework reads it as long as it is held. */
    String path() {
        return "/proc/self/fd/" + memory.number();
    }

    void hold() {
        holders++;
    }

    /** Gives the memory back, whoever holds it. */
    void close() {
        memory.close();
    }

    /** Whether that was the last holder. */
    boolean release() {
        if (--holders == 0) {
            memory.close();
        }
        return holders == 0;
    }
}
