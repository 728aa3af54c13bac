// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.BodyFile;
import io.margay.http.BodyListener;
import io.margay.http.HttpSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/**
 * The body of one request: collected, or passed on as it comes; which of them is decided before the first byte is
 * given. What is collected stays in memory until more has come than may stay there, then it is in a file: where very
 * many bodies begin at once, a file for each would hold the loop up. Closed when the exchange is done.
 */
final class RequestBody implements AutoCloseable {
    static final int MORE = ChunkReader.MORE;
    static final int DONE = ChunkReader.DONE;

    private final long length;
    private final HttpSettings settings;
    private final ByteBufAllocator alloc;
    private final Optional<ChunkReader> chunks;
    private Optional<BodyFile> file = Optional.empty();
    private Optional<BodyListener> listener = Optional.empty();
    private boolean wanted = true;
    private ByteBuf memory = Unpooled.EMPTY_BUFFER;
    private long size;
    private long most;
    private boolean complete;

    /** Prepares for {@code length} bytes, or for a chunked body if it is negative. */
    RequestBody(long length, HttpSettings settings, ByteBufAllocator alloc) {
        this.length = length;
        this.settings = settings;
        this.alloc = alloc;
        most = settings.maxBodySize();
        chunks = length < 0 ? Optional.of(new ChunkReader()) : Optional.empty();
    }

    /** It may not become larger than this, in bytes. */
    void limit(long bytes) {
        most = Math.min(most, bytes);
    }

    /** It is to be passed on. */
    void stream(BodyListener to) {
        listener = Optional.of(to);
    }

    boolean isStreamed() {
        return listener.isPresent();
    }

    /** Whether who it is passed on to wants more; as it said of the last input. */
    boolean isWanted() {
        return wanted;
    }

    /** Takes what belongs to the body; {@link #MORE}, {@link #DONE} or the status of an error. */
    int feed(ByteBuf in) {
        int result;
        wanted = true;
        if (chunks.isPresent()) {
            result = chunks.get().feed(in, this, most);
        } else {
            append(in, (int) Math.min(left(), in.readableBytes()));
            result = size == length ? DONE : MORE;
        }
        if (result == DONE) {
            complete = true;
            if (file.isPresent()) {
                file.get().complete();
            } else if (isStreamed() && chunks.isPresent()) {
                listener.get().data(Unpooled.EMPTY_BUFFER, true);
            }
        }
        return result;
    }

    /** Takes bytes that belong to the body, without codings. */
    void append(ByteBuf in, int count) {
        size += count;
        if (listener.isPresent()) {
            wanted = listener.get().data(in.readRetainedSlice(count), size == length);
        } else if (count > 0) {
            collect(in, count);
        }
    }

    private void collect(ByteBuf in, int count) {
        int most = settings.bodyBufferSize();
        if (file.isEmpty() && memory.readableBytes() + count > most) {
            file = Optional.of(BodyFile.create(settings.bodyTempPath()));
            file.get().append(memory, memory.readableBytes());
            memory.release();
            memory = Unpooled.EMPTY_BUFFER;
        }
        if (file.isPresent()) {
            file.get().append(in, count);
        } else if (count == length) {
            memory = in.readRetainedSlice(count);
        } else {
            if (memory == Unpooled.EMPTY_BUFFER) {
                memory = length < 0 || length > most ? alloc.directBuffer(count, most)
                    : alloc.directBuffer((int) length, (int) length);
            }
            memory.writeBytes(in, count);
        }
    }

    /** Bytes so far. */
    long size() {
        return size;
    }

    /** Bytes in all: those that came if it is complete, otherwise those announced; -1 if that is not known. */
    long total() {
        return complete ? size : length;
    }

    /** Bytes to come; a guess for chunked bodies. */
    long left() {
        return length < 0 ? Integer.MAX_VALUE : length - size;
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
