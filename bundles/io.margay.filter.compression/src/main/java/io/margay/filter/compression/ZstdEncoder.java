// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** {@code zstd}, by zstd-jni. {@link NativeLibrary#ZSTD} has been loaded. */
final class ZstdEncoder implements Encoder {
    /** Window of what is longer: less than the 8 MB of RFC 9659, since each response holds as much. */
    private static final int WINDOW_LOG = 20;
    private static final int ROOM = 512;

    private final ZstdCompressCtx context = new ZstdCompressCtx();

    ZstdEncoder(int level, long length) {
        context.setLevel(level);
        if (length < 0 || length > 1L << WINDOW_LOG) {
            context.setWindowLog(WINDOW_LOG);
        }
        if (length >= 0) {
            context.setPledgedSrcSize(length);
        }
    }

    @Override
    public void code(ByteBuf in, boolean last, ByteBuf out) {
        ByteBuf direct = in.isDirect() ? in.retainedSlice() : out.alloc().directBuffer(in.readableBytes())
            .writeBytes(in, in.readerIndex(), in.readableBytes());
        try {
            ByteBuffer source = direct.nioBuffer();
            EndDirective how = last ? EndDirective.END : EndDirective.FLUSH;
            boolean done = false;
            while (!done) {
                out.ensureWritable(ROOM);
                ByteBuffer room = out.internalNioBuffer(out.writerIndex(), out.writableBytes());
                int start = room.position();
                done = context.compressDirectByteBufferStream(room, source, how);
                out.writerIndex(out.writerIndex() + room.position() - start);
            }
            in.skipBytes(in.readableBytes());
        } finally {
            direct.release();
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
