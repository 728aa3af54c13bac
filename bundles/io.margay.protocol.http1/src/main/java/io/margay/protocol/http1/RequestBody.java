// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.BodyFile;
import io.margay.http.HttpSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/** Collects the body of one request, in memory or in a file. Closed when the exchange is done. */
final class RequestBody implements AutoCloseable {
    static final int MORE = ChunkReader.MORE;
    static final int DONE = ChunkReader.DONE;

    private final long length;
    private final long most;
    private final ByteBufAllocator alloc;
    private final Optional<BodyFile> file;
    private final Optional<ChunkReader> chunks;
    private ByteBuf memory = Unpooled.EMPTY_BUFFER;

    /** Prepares for {@code length} bytes, or for a chunked body if it is negative. */
    RequestBody(long length, HttpSettings settings, ByteBufAllocator alloc) {
        this.length = length;
        this.most = settings.maxBodySize();
        this.alloc = alloc;
        chunks = length < 0 ? Optional.of(new ChunkReader()) : Optional.empty();
        file = length < 0 || length > settings.bodyBufferSize()
            ? Optional.of(BodyFile.create(settings.bodyTempPath())) : Optional.empty();
    }

    /** Takes what belongs to the body; {@link #MORE}, {@link #DONE} or the status of an error. */
    int feed(ByteBuf in) {
        int result;
        if (chunks.isPresent()) {
            result = chunks.get().feed(in, file.orElseThrow(), most);
        } else {
            int size = (int) Math.min(left(), in.readableBytes());
            if (file.isPresent()) {
                file.get().append(in, size);
            } else {
                remember(in, size);
            }
            result = left() == 0 ? DONE : MORE;
        }
        if (result == DONE && file.isPresent()) {
            file.get().complete();
        }
        return result;
    }

    private void remember(ByteBuf in, int size) {
        if (memory == Unpooled.EMPTY_BUFFER) {
            if (size == length) {
                memory = in.readRetainedSlice(size);
                return;
            }
            memory = alloc.directBuffer((int) length, (int) length);
        }
        memory.writeBytes(in, size);
    }

    /** Bytes so far. */
    long size() {
        return file.isPresent() ? file.get().size() : memory.readableBytes();
    }

    /** Bytes to come; a guess for chunked bodies. */
    long left() {
        return length < 0 ? Integer.MAX_VALUE : length - size();
    }

    boolean isChunked() {
        return chunks.isPresent();
    }

    ByteBuf memory() {
        return memory;
    }

    Optional<BodyFile> file() {
        return file;
    }

    @Override
    public void close() {
        memory.release();
        file.ifPresent(BodyFile::close);
    }
}
