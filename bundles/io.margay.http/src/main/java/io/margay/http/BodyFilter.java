// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Changes the body of one response on its way. Called on the loop of the connection, must not block.
 *
 * <p>A filter that throws, that has not passed on the last part when it returns from being given the last one, or that
 * passes on more after it, has the connection cut, so that the client cannot mistake the response for a complete one.
 */
@ConsumerType
@FunctionalInterface
public interface BodyFilter extends AutoCloseable {

    /**
     * Takes the next part and passes on any number of parts.
     *
     * @param data the part, maybe empty; the caller's, who releases it afterwards: retain it to pass it on or
     *     to keep it
     * @param last whether it is the last one
     * @param out takes what is to be sent
     */
    void write(ByteBuf data, boolean last, BodySink out);

    /** Called once, after the last part or when the response ends without it. */
    @Override
    default void close() {
        // Most filters hold nothing.
    }
}
