// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * What filters have made of a body that is the same for each request, such as a compressed form: made once, and gone
 * with the body itself. Safe for all loops.
 */
public final class Variants {
    /** For a body that may be another one each time: nothing is kept. */
    static final Variants NONE = new Variants(-1);

    /** Up to this size a copy into the buffer of the response is cheaper than a reference. */
    private static final int COPIED = 16 * 1024;

    private record Kept(String name, ByteBuf body) {
    }

    private final long most;
    private volatile Kept[] all = {};
    private long bytes;

    /**
     * For one body.
     *
     * @param most bytes of all variants together
     */
    public Variants(long most) {
        this.most = most;
    }

    /** Bytes that may be kept. */
    public long most() {
        return most;
    }

    /** A variant; empty if there is none. The buffer is the caller's own view of bytes that nobody changes. */
    public Optional<ByteBuf> get(String name) {
        for (Kept kept : all) {
            if (kept.name.equals(name)) {
                return Optional.of(kept.body.duplicate());
            }
        }
        return Optional.empty();
    }

    /**
     * Keeps a variant, if there is room and none of this name.
     *
     * @param name tells what it is and how it was made, so that another version of the filter may use it
     * @param body copied if it is large; not to be changed any more
     */
    public synchronized void keep(String name, byte[] body) {
        if (bytes + body.length > most || get(name).isPresent()) {
            return;
        }
        bytes += body.length;
        Kept[] more = Arrays.copyOf(all, all.length + 1);
        // Memory that the collector frees: responses under way go on with it, and loops have nothing to count.
        more[all.length] = new Kept(name, Unpooled.unreleasableBuffer(body.length <= COPIED
            ? Unpooled.wrappedBuffer(body)
            : Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(body.length).put(body).flip())));
        all = more;
    }
}
