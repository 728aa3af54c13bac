// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Records;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.stream.ChunkedInput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;

/** A body that is in a file, in records, read as the server takes them. On the loop of the connection. */
final class RecordFile implements ChunkedInput<ByteBuf> {
    /** With its header a record of whole pages. */
    private static final int PART = (32 << 10) - Records.HEADER;

    private final FileChannel file;
    private final long length;
    private long position;

    /** Takes over the file. */
    RecordFile(FileChannel file, long length) {
        this.file = file;
        this.length = length;
    }

    @Override
    public boolean isEndOfInput() {
        return position == length;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    @Override
    @Deprecated
    public ByteBuf readChunk(ChannelHandlerContext ctx) throws IOException {
        return readChunk(ctx.alloc());
    }

    @Override
    public ByteBuf readChunk(ByteBufAllocator allocator) throws IOException {
        int size = (int) Math.min(PART, length - position);
        ByteBuf record = allocator.directBuffer(Records.HEADER + size);
        try {
            Records.header(record, Records.STDIN, size);
            while (record.readableBytes() < Records.HEADER + size) {
                int read = record.writeBytes(file, position, Records.HEADER + size - record.readableBytes());
                if (read <= 0) {
                    throw new EOFException("the body of a request ended early");
                }
                position += read;
            }
            return record;
        } catch (IOException e) {
            record.release();
            throw e;
        }
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public long progress() {
        return position;
    }
}
