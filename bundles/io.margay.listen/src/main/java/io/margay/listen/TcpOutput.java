// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.http.FileSlice;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.IovArray;
import io.netty.channel.unix.UnixChannelUtil;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Moves bytes between buffers and one socket. On the loop of the socket. */
final class TcpOutput implements WritableByteChannel {
    /** How far a write has come. */
    enum Progress {
        /** Nothing is left. */
        DONE,
        /** The socket takes no more now; an event will tell when it does. */
        FULL,
        /** It would take more, but others are to have their turn. */
        MORE
    }

    private static final int MOST_BUFFERS = 64;
    /** What a file gets of one turn. */
    private static final long PIECE = 2 << 20;

    private static final int COPIED = 64 * 1024;

    private final FileDescriptor fd;
    private boolean full;

    TcpOutput(FileDescriptor fd) {
        this.fd = fd;
    }

    /** A message as the socket can send it; takes over what it replaces. */
    static Object accepted(Object message, ByteBufAllocator alloc) {
        if (message instanceof ByteBuf data) {
            return UnixChannelUtil.isBufferCopyNeededForWrite(data) ? direct(data, alloc) : data;
        }
        if (message instanceof FileRegion) {
            return message;
        }
        throw new UnsupportedOperationException("a socket cannot send a " + message.getClass().getName());
    }

    private static ByteBuf direct(ByteBuf data, ByteBufAllocator alloc) {
        ByteBuf copy = alloc.directBuffer(Math.max(1, data.readableBytes()));
        copy.writeBytes(data, data.readerIndex(), data.readableBytes());
        ReferenceCountUtil.safeRelease(data);
        return copy;
    }

    /** Reads into the rest of a buffer; 0 when there is nothing yet, -1 at the end of the stream. */
    static int read(FileDescriptor fd, ByteBuf buffer) throws IOException {
        int at = buffer.writerIndex();
        int room = buffer.writableBytes();
        int count;
        if (buffer.hasMemoryAddress()) {
            count = fd.readAddress(buffer.memoryAddress(), at, at + room);
        } else {
            ByteBuffer part = buffer.internalNioBuffer(at, room);
            count = fd.read(part, part.position(), part.limit());
        }
        if (count > 0) {
            buffer.writerIndex(at + count);
        }
        return count;
    }

    /** Writes until nothing is left, the socket is full, or {@code tries} are used up. */
    Progress write(ChannelOutboundBuffer buffers, int tries) throws Exception {
        for (int i = 0; i < tries; i++) {
            Object message = buffers.current();
            if (message == null) {
                return Progress.DONE;
            }
            if (message instanceof FileRegion region) {
                if (!send(region, buffers)) {
                    return Progress.FULL;
                }
                if (region.count() > PIECE) {
                    return buffers.isEmpty() ? Progress.DONE : Progress.MORE;
                }
            } else if (!(buffers.size() > 1 ? gather(buffers) : write((ByteBuf) message, buffers))) {
                return Progress.FULL;
            }
        }
        return buffers.isEmpty() ? Progress.DONE : Progress.MORE;
    }

    private boolean write(ByteBuf data, ChannelOutboundBuffer buffers) throws Exception {
        int from = data.readerIndex();
        int to = data.writerIndex();
        int count = 0;
        if (from == to) {
            buffers.remove();
            return true;
        }
        if (data.hasMemoryAddress()) {
            count = fd.writeAddress(data.memoryAddress(), from, to);
        } else if (data.nioBufferCount() == 1) {
            ByteBuffer part = data.internalNioBuffer(from, to - from);
            count = fd.write(part, part.position(), part.limit());
        } else {
            return gather(buffers);
        }
        if (count > 0) {
            buffers.removeBytes(count);
        }
        return count > 0;
    }

    private boolean gather(ChannelOutboundBuffer buffers) throws Exception {
        IovArray parts = new IovArray(Math.min(MOST_BUFFERS, buffers.size()));
        try {
            buffers.forEachFlushedMessage(parts);
            if (parts.count() == 0) {
                // All are empty.
                buffers.removeBytes(0);
                return true;
            }
            long count = fd.writevAddresses(parts.memoryAddress(0), parts.count());
            if (count > 0) {
                buffers.removeBytes(count);
            }
            return count > 0;
        } finally {
            parts.release();
        }
    }

    private boolean send(FileRegion region, ChannelOutboundBuffer buffers) throws IOException {
        long done = region.transferred();
        long left = region.count() - done;
        if (left > 0) {
            full = false;
            long count = region instanceof FileSlice file ? slice(file, Math.min(left, PIECE))
                : region.transferTo(this, done);
            if (count > 0) {
                buffers.progress(count);
            } else if (full) {
                return false;
            } else {
                throw new IOException("the file has become shorter");
            }
        }
        if (region.transferred() >= region.count()) {
            buffers.remove();
        }
        return true;
    }

    private long slice(FileSlice file, long most) throws IOException {
        try {
            long count = file.send(fd.intValue(), most);
            full = count < 0;
            return count;
        } catch (PosixException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** For file regions of others, which know channels only. */
    @Override
    public int write(ByteBuffer source) throws IOException {
        ByteBuffer part = source;
        if (!source.isDirect()) {
            part = ByteBuffer.allocateDirect(Math.min(source.remaining(), COPIED));
            part.put(source.slice(source.position(), part.capacity())).flip();
        }
        int count = fd.write(part, part.position(), part.limit());
        source.position(source.position() + count);
        full = count == 0 && source.hasRemaining();
        return count;
    }

    @Override
    public boolean isOpen() {
        return fd.isOpen();
    }

    @Override
    public void close() {
        // The channel closes its descriptor.
    }
}
