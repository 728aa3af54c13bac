// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import com.github.luben.zstd.util.Native;
import com.github.luben.zstd.util.ZstdVersion;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The libraries in this jar, loaded when a configuration first wants them: from memory, since no folder must be
 * writable and executable for that. A library stays with the class loader of this bundle and goes with it.
 */
enum NativeLibrary {
    /** Of brotli4j. */
    BROTLI("lib/linux-x86_64/libbrotli.so", "lib/linux-aarch64/libbrotli.so"),
    /** Of zstd-jni. */
    ZSTD("linux/amd64/libzstd-jni-" + ZstdVersion.VERSION + ".so",
        "linux/aarch64/libzstd-jni-" + ZstdVersion.VERSION + ".so");

    private static final long MOST_BYTES = 16 << 20;
    private static final int TRIES = 8;
    /** Descriptors that were the path of a library of this class loader. */
    private static final Set<Integer> NUMBERS = ConcurrentHashMap.newKeySet();

    private final String amd64;
    private final String aarch64;
    private boolean loaded;

    NativeLibrary(String amd64, String aarch64) {
        this.amd64 = amd64;
        this.aarch64 = aarch64;
    }

    /**
     * Loads it unless that was done before.
     *
     * @throws IOException when it cannot be, or there is none for this machine
     */
    synchronized void load() throws IOException {
        if (loaded) {
            return;
        }
        String name = System.getProperty("os.arch").equals("aarch64") ? aarch64 : amd64;
        List<Fd> files = new ArrayList<>();
        try {
            while (!loaded) {
                files.add(copy(name));
                loaded = isLoaded(files.getLast().number(), files.size() < TRIES);
            }
        } catch (PosixException | UnsatisfiedLinkError e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            files.forEach(Fd::close);
        }
        if (this == ZSTD) {
            Native.assumeLoaded();
        }
    }

    private static Fd copy(String name) throws IOException {
        try (InputStream content = NativeLibrary.class.getClassLoader().getResourceAsStream(name)) {
            if (content == null) {
                throw new IOException("there is no " + name);
            }
            return Files.sealedMemory(name.substring(name.lastIndexOf('/') + 1), content, MOST_BYTES);
        }
    }

    /**
     * The runtime knows libraries by their paths: one that has been used for this class loader loads nothing, one that
     * a class loader has which is about to go fails. Another number is another path.
     */
    private static boolean isLoaded(int number, boolean again) {
        try {
            if (!NUMBERS.add(number)) {
                throw new UnsatisfiedLinkError("its path has been used");
            }
            System.load("/proc/self/fd/" + number);
            return true;
        } catch (UnsatisfiedLinkError e) {
            if (!again) {
                throw e;
            }
            return false;
        }
    }
}
