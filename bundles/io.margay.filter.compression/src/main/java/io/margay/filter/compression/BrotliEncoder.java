// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import com.aayushatharva.brotli4j.encoder.Encoder.Mode;
import com.aayushatharva.brotli4j.encoder.EncoderJNI;
import com.aayushatharva.brotli4j.encoder.EncoderJNI.Operation;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** {@code br}, by brotli4j. {@link NativeLibrary#BROTLI} has been loaded. */
final class BrotliEncoder implements Encoder {
    /** Logarithms of the window: each response holds as much several times. */
    private static final int LEAST_WINDOW = 10;
    private static final int MOST_WINDOW = 18;
    private static final int INPUT = 16 << 10;

    private final EncoderJNI.Wrapper encoder;

    BrotliEncoder(int level, long length) {
        int bits = length < 0 ? MOST_WINDOW : Long.SIZE - Long.numberOfLeadingZeros(length + 16);
        try {
            encoder = new EncoderJNI.Wrapper(INPUT, level, Math.clamp(bits, LEAST_WINDOW, MOST_WINDOW), Mode.GENERIC);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void code(ByteBuf in, boolean last, ByteBuf out) {
        while (in.readableBytes() > INPUT) {
            push(Operation.PROCESS, in, INPUT, out);
        }
        push(last ? Operation.FINISH : Operation.FLUSH, in, in.readableBytes(), out);
    }

    private void push(Operation operation, ByteBuf in, int length, ByteBuf out) {
        ByteBuffer input = encoder.getInputBuffer();
        input.clear().limit(length);
        in.readBytes(input);
        encoder.push(operation, length);
        while (true) {
            if (!encoder.isSuccess()) {
                throw new IllegalStateException("brotli has failed");
            } else if (encoder.hasMoreOutput()) {
                out.writeBytes(encoder.pull());
            } else if (encoder.hasRemainingInput()) {
                encoder.push(operation, 0);
            } else {
                return;
            }
        }
    }

    @Override
    public void close() {
        encoder.destroy();
    }
}
