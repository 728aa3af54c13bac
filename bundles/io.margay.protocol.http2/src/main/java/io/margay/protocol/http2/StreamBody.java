// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.BodyFile;
import io.margay.http.HttpSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/**
 * Collects the body of one request: in memory while it is short, then in a file (spec/http.md §7.3). Memory grows with
 * what has come.
 */
final class StreamBody implements AutoCloseable {
    private final HttpSettings settings;
    private final ByteBufAllocator alloc;
    private ByteBuf memory = Unpooled.EMPTY_BUFFER;
    private Optional<BodyFile> file = Optional.empty();

    /** An empty body. */
    StreamBody(HttpSettings settings, ByteBufAllocator alloc) {
        this.settings = settings;
        this.alloc = alloc;
    }

    /**
     * Appends a part; not taken over.
     *
     * @throws io.margay.posix.PosixException when a long body cannot be stored
     */
    void append(ByteBuf part) {
        int size = part.readableBytes();
        if (size == 0) {
            return;
        }
        if (file.isEmpty() && memory.readableBytes() + size > settings.bodyBufferSize()) {
            file = Optional.of(BodyFile.create(settings.bodyTempPath()));
            if (memory.isReadable()) {
                file.get().append(memory, memory.readableBytes());
            }
            memory.release();
            memory = Unpooled.EMPTY_BUFFER;
        }
        if (file.isPresent()) {
            store(part, size);
            return;
        }
        if (memory == Unpooled.EMPTY_BUFFER) {
            memory = alloc.directBuffer(size, settings.bodyBufferSize());
        }
        memory.writeBytes(part);
    }

    private void store(ByteBuf part, int size) {
        if (part.isDirect()) {
            file.orElseThrow().append(part, size);
            return;
        }
        ByteBuf direct = alloc.directBuffer(size, size).writeBytes(part);
        try {
            file.orElseThrow().append(direct, size);
        } finally {
            direct.release();
        }
    }

    /** Nothing more comes. */
    void complete() {
        file.ifPresent(BodyFile::complete);
    }

    /** Bytes so far. */
    long size() {
        return file.isPresent() ? file.get().size() : memory.readableBytes();
    }

    /** The body if it is in memory, otherwise empty. */
    ByteBuf memory() {
        return memory;
    }

    Optional<BodyFile> file() {
        return file;
    }

    @Override
    public void close() {
        memory.release();
        memory = Unpooled.EMPTY_BUFFER;
        file.ifPresent(BodyFile::close);
        file = Optional.empty();
    }
}
