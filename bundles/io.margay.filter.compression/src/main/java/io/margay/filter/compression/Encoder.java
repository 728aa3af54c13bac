// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import io.netty.buffer.ByteBuf;

/** Codes one body. One thread at a time. */
interface Encoder extends AutoCloseable {

    /**
     * Codes the next part so that the receiver can decode all of it.
     *
     * @param in all of it is read
     * @param last whether it is the last one
     * @param out takes the coded bytes
     */
    void code(ByteBuf in, boolean last, ByteBuf out);

    /** Gives back what it holds; once. */
    @Override
    void close();
}
