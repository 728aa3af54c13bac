// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import org.osgi.annotation.versioning.ConsumerType;

/** Takes what a client sends once its request has become a WebSocket. On the loop of the exchange. */
@ConsumerType
@FunctionalInterface
public interface FrameListener {

    /**
     * One complete frame that keeps the rules, as it came: header, mask, masked payload. A compressed one is made plain
     * before. When the client breaks a rule, or is silent, after it has sent messages, a close frame that says so comes
     * last, as if it were of the client.
     *
     * @param frame taken over
     * @return whether more may come now; if not, {@link Exchange#resume} lets it
     */
    boolean frame(ByteBuf frame);
}
