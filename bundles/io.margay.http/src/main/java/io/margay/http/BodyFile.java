// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A nameless file that takes a request body (spec/http.md §7.3). Used by one loop. */
final class BodyFile implements AutoCloseable {
    private final Fd fd;
    private final FileDescriptor writer;
    private long size;

    private BodyFile(Fd fd) {
        this.fd = fd;
        this.writer = new FileDescriptor(fd.number());
    }

    /** Creates a file in the directory. */
    static BodyFile create(String directory) {
        return new BodyFile(TempFiles.nameless(directory, "req-"));
    }

    Fd fd() {
        return fd;
    }

    long size() {
        return size;
    }

    /** Appends {@code length} bytes of {@code in} and skips them there. */
    void append(ByteBuf in, int length) throws IOException {
        ByteBuffer bytes = in.internalNioBuffer(in.readerIndex(), length);
        int position = bytes.position();
        int limit = position + length;
        while (position < limit) {
            int written = writer.write(bytes, position, limit);
            if (written <= 0) {
                throw new IOException("write to a body file took " + written + " bytes");
            }
            position += written;
        }
        in.skipBytes(length);
        size += length;
    }

    /** Puts the offset to the begin of the file, for readers that share it. */
    void rewind() {
        TempFiles.rewind(fd);
    }

    @Override
    public void close() {
        fd.close();
    }
}
