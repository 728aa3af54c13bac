// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import org.osgi.annotation.versioning.ConsumerType;

/** Takes the body of a request as it arrives. On the loop of the exchange. */
@ConsumerType
@FunctionalInterface
public interface BodyListener {

    /**
     * Takes the next part; transfer codings are removed.
     *
     * @param part maybe empty, if it is the last one; taken over
     * @param last whether the body is complete with it; not given when the client does not send all
     * @return whether more may come now; if not, {@link Exchange#resumeBody} lets it
     */
    boolean data(ByteBuf part, boolean last);
}
