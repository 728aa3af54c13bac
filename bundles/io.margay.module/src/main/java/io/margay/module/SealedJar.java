// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.port.LargePayload;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The bytes of a bundle as memory that nobody can change, so that what was looked at is what every process runs. For
 * any thread.
 */
final class SealedJar {

    private static final int LEAST = 3;
    private static final int BUFFER = 64 * 1024;

    private final int size;
    private final Fd memory;
    private int holders = 1;
    /** Empty until somebody asks: code that is not compiled yet would take a quarter of a start for all modules. */
    private String digest = "";

    /** With memory that is sealed, and closed by this. */
    SealedJar(int size, Fd memory) {
        this.size = size;
        this.memory = memory;
    }

    /**
     * SHA-256 of the bytes, in hexadecimal.
     *
     * @throws ModuleException when the memory was given back before anybody had asked
     */
    synchronized String digest() {
        if (digest.isEmpty()) {
            digest = sha256();
        }
        return digest;
    }

    private String sha256() {
        if (!memory.isOpen()) {
            throw new ModuleException("its bytes are gone");
        }
        // Not by a channel: it would keep native memory of that size for the thread.
        try (InputStream in = new FileInputStream(path())) {
            MessageDigest sum = MessageDigest.getInstance("SHA-256");
            byte[] part = new byte[BUFFER];
            for (int count; (count = in.read(part)) > 0;) {
                sum.update(part, 0, count);
            }
            return HexFormat.of().formatHex(sum.digest());
        } catch (IOException e) {
            throw new ModuleException("its bytes cannot be read: " + e, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
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

    synchronized void hold() {
        holders++;
    }

    /** Gives the memory back, whoever holds it. */
    synchronized void close() {
        memory.close();
    }

    /**
     * One holder less.
     *
     * @param named whether something may still be told of the module, which names its digest
     * @return whether that was the last one
     */
    synchronized boolean release(boolean named) {
        if (--holders == 0) {
            try {
                if (named) {
                    digest();
                }
            } finally {
                memory.close();
            }
        }
        return holders == 0;
    }
}
