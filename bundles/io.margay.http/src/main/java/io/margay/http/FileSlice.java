// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.DefaultFileRegion;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/**
 * A part of a file by its descriptor, which a socket gets without a copy. Owns the descriptor, and closes it with its
 * last reference. Used by one thread at a time. Only Netty's own channels, which want one, have a file channel opened.
 */
public final class FileSlice extends DefaultFileRegion {
    private static final int PIECE = 64 * 1024;

    private final Fd file;
    private long transferred;

    /**
     * A part of a file.
     *
     * @param file an open regular file; taken over
     * @param position where it begins
     * @param count its bytes
     */
    public FileSlice(Fd file, long position, long count) {
        super(new File("/proc/self/fd/" + file.number()), position, count);
        this.file = file;
    }

    /**
     * Sends the next bytes to a non-blocking socket, by sendfile(2).
     *
     * @param socket the number of its descriptor
     * @param most how many at most
     * @return how many; 0 when the file has become shorter; negative when the socket takes none now
     * @throws PosixException when the file cannot be read or the connection has ended
     */
    public long send(int socket, long most) {
        long sent = Files.send(socket, file.number(), position() + transferred, Math.min(most, count() - transferred));
        transferred += Math.max(0, sent);
        return sent;
    }

    @Override
    public long transferTo(WritableByteChannel target, long from) throws IOException {
        Objects.checkFromIndexSize(from, 0L, count());
        int size = (int) Math.min(PIECE, count() - from);
        if (size == 0) {
            return 0;
        }
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(size, size);
        try {
            ByteBuffer piece = buffer.internalNioBuffer(0, size);
            piece.limit(piece.position()
                + Files.pread(file.number(), MemorySegment.ofBuffer(piece), 0, size, position() + from));
            int taken = target.write(piece);
            transferred += taken;
            return taken;
        } catch (PosixException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            buffer.release();
        }
    }

    @Override
    public long transferred() {
        // Netty's own channels count in their way.
        return transferred + super.transferred();
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        file.close();
    }
}
