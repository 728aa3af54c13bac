// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.FileSlice;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** The bytes of a file, in memory or open. One owner, one thread. */
interface Content extends AutoCloseable {

    /** Their number. */
    long size();

    /** Some of them; the caller's. */
    ByteBuf read(long first, int count) throws IOException;

    @Override
    void close();

    /**
     * In memory.
     *
     * @param bytes not owned
     */
    record Memory(ByteBuf bytes) implements Content {
        @Override
        public long size() {
            return bytes.readableBytes();
        }

        @Override
        public ByteBuf read(long first, int count) {
            return bytes.retainedSlice(bytes.readerIndex() + (int) first, count);
        }

        @Override
        public void close() {
            // Whoever made it has the bytes.
        }
    }

    /**
     * An open file.
     *
     * @param fd taken over
     */
    record Open(Fd fd, long size) implements Content {
        @Override
        public ByteBuf read(long first, int count) throws IOException {
            ByteBuf part = PooledByteBufAllocator.DEFAULT.directBuffer(count, count);
            boolean good = false;
            try {
                ByteBuffer room = part.internalNioBuffer(0, count);
                int read = Files.pread(fd.number(), MemorySegment.ofBuffer(room), 0, count, first);
                if (read < count) {
                    throw new IOException("the file has become shorter");
                }
                good = true;
                return part.writerIndex(count);
            } catch (PosixException e) {
                throw new IOException(e.getMessage(), e);
            } finally {
                if (!good) {
                    part.release();
                }
            }
        }

        /** A part for the kernel to send; takes over the file. */
        FileSlice slice(long first, long count) {
            return new FileSlice(Fd.own(fd.release()), first, count);
        }

        @Override
        public void close() {
            fd.close();
        }
    }
}
