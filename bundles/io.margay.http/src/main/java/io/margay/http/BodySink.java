// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import org.osgi.annotation.versioning.ProviderType;

/** Where the parts of a body go on to. */
@ProviderType
@FunctionalInterface
public interface BodySink {

    /**
     * Takes the next part, maybe an empty one.
     *
     * @param data the part; taken over
     * @param last whether it is the last one, which is given exactly once
     */
    void write(ByteBuf data, boolean last);
}
