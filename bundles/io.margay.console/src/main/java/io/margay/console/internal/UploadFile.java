// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.module.ModuleOrder;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Semaphore;

/**
 * What a browser uploads, on the disk and not in the heap. The file has no name from its first byte on, so that nothing
 * of it is left, whatever ends. Few are there at a time. Blocks while the content comes.
 */
final class UploadFile implements AutoCloseable {
    /** The type of such a content. */
    static final String TYPE = "application/java-archive";

    private static final int AT_A_TIME = 4;
    private static final long PIECE = 1 << 16;
    private static final Semaphore PLACES = new Semaphore(AT_A_TIME);

    private final FileChannel channel;

    private UploadFile(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the content of a request.
     *
     * @throws IOException that says why it is not there: it was cut off, or is larger than a module may be
     */
    static UploadFile of(HttpServletRequest request) throws IOException {
        long told = request.getContentLengthLong();
        if (told > ModuleOrder.MAX_JAR) {
            throw tooLarge();
        }
        if (!PLACES.tryAcquire()) {
            throw new IOException("there are " + AT_A_TIME + " others on their way; try again");
        }
        UploadFile file;
        try {
            file = new UploadFile(nameless());
        } catch (IOException | RuntimeException e) {
            PLACES.release();
            throw e;
        }
        try (InputStream in = request.getInputStream(); ReadableByteChannel from = Channels.newChannel(in)) {
            file.fill(from, told);
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static FileChannel nameless() throws IOException {
        Path path = Files.createTempFile("margay-upload-", "");
        try {
            return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            Files.delete(path);
        }
    }

    private static IOException tooLarge() {
        return new IOException("it is larger than the " + (ModuleOrder.MAX_JAR >> 20) + " MiB that a module may have");
    }

    private void fill(ReadableByteChannel from, long told) throws IOException {
        long size = 0;
        for (long count = PIECE; count > 0; size += count) {
            count = channel.transferFrom(from, size, PIECE);
            if (size + count > ModuleOrder.MAX_JAR) {
                throw tooLarge();
            }
        }
        if (told >= 0 && size != told) {
            throw new IOException("it ended after " + size + " of " + told + " bytes");
        }
        if (size == 0) {
            throw new IOException("it is empty");
        }
    }

    /** {@return the content} Positions are the caller's affair. */
    FileChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            PLACES.release();
        }
    }
}
