// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** {@code gzip} and {@code deflate}, by the zlib of the Java runtime. */
final class DeflateEncoder implements Encoder {
    /** RFC 1952 §2.3: no name, no time, unknown system. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    private static final int ROOM = 512;

    private final Deflater deflater;
    private final Consumer<Deflater> pool;
    private final CRC32 check = new CRC32();
    private final boolean gzip;
    private boolean begun;

    /**
     * Begins a body.
     *
     * @param deflater without the head of zlib if it is for gzip
     * @param pool takes it back
     */
    DeflateEncoder(boolean gzip, Deflater deflater, Consumer<Deflater> pool) {
        this.gzip = gzip;
        this.deflater = deflater;
        this.pool = pool;
    }

    @Override
    public void code(ByteBuf in, boolean last, ByteBuf out) {
        if (gzip && !begun) {
            out.writeBytes(HEADER);
        }
        begun = true;
        ByteBuffer source = in.nioBuffer();
        if (gzip) {
            check.update(source.duplicate());
        }
        deflater.setInput(source);
        if (last) {
            deflater.finish();
        }
        boolean more = true;
        while (more) {
            out.ensureWritable(ROOM);
            int room = out.writableBytes();
            int count = deflater.deflate(out.internalNioBuffer(out.writerIndex(), room),
                last ? Deflater.NO_FLUSH : Deflater.SYNC_FLUSH);
            out.writerIndex(out.writerIndex() + count);
            more = last ? !deflater.finished() : count == room;
        }
        in.skipBytes(in.readableBytes());
        if (last && gzip) {
            out.writeIntLE((int) check.getValue());
            out.writeIntLE((int) deflater.getBytesRead());
        }
    }

    @Override
    public void close() {
        pool.accept(deflater);
    }
}
