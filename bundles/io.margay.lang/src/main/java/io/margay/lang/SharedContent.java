// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * Contents that all processes of a language share: sealed memory that is made at the first start and let go with the
 * bundle. Processes that run keep what they have. Who reads it opens it by its name in {@code /proc/self/fd}, since all
 * have the same position in the descriptor itself. For any thread.
 */
public final class SharedContent implements AutoCloseable {

    /** More is a mistake. */
    static final long MOST = 64L << 20;

    private static final int LEAST = 3;
    /** The same in each life of the server, so that whoever remembers a file by its time knows it again. */
    private static final FileTime MADE = FileTime.fromMillis(1_000_000_000_000L);

    /** Where the contents come from. */
    @FunctionalInterface
    public interface Source {

        /**
         * Opens them.
         *
         * @throws IOException when they cannot be read
         */
        InputStream open() throws IOException;
    }

    private final String name;
    private final Source source;
    private final CRC32 sum = new CRC32();
    private Optional<Fd> memory = Optional.empty();
    private boolean closed;

    /**
     * Makes nothing yet.
     *
     * @param name of the memory in {@code /proc}, for people
     */
    public SharedContent(String name, Source source) {
        this.name = name;
        this.source = source;
    }

    /**
     * A descriptor of the memory, which the caller closes.
     *
     * @throws IllegalStateException when there is none any more, or the contents cannot be read
     */
    public synchronized Fd open() {
        if (closed) {
            throw new IllegalStateException("the bundle of " + name + " is being uninstalled");
        }
        if (memory.isEmpty()) {
            memory = Optional.of(make());
        }
        return Descriptors.duplicate(memory.get().number(), LEAST);
    }

    /**
     * A checksum of the contents, for a name of what is made from them.
     *
     * @throws IllegalStateException as in {@link #open}
     */
    public synchronized long checksum() {
        open().close();
        return sum.getValue();
    }

    private Fd make() {
        sum.reset();
        try (InputStream in = new CheckedInputStream(source.open(), sum)) {
            Fd made = Files.sealedMemory(name, in, MOST);
            try {
                java.nio.file.Files.setLastModifiedTime(Path.of("/proc/self/fd/" + made.number()), MADE);
                return made;
            } catch (IOException e) {
                made.close();
                throw e;
            }
        } catch (IOException | PosixException e) {
            throw new IllegalStateException(name + " cannot be passed on: " + e.getMessage(), e);
        }
    }

    /** Lets the memory go; processes that have it keep it. */
    @Override
    public synchronized void close() {
        closed = true;
        memory.ifPresent(Fd::close);
        memory = Optional.empty();
    }
}
