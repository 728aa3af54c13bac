// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Request;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;

/** How requests look on the connections to servers. Belongs to one loop, for all its connections of a kind. */
interface UpstreamWriter {

    /** Appends all that comes before the body; false when the server cannot be told so much. */
    boolean head(Forward of, ByteBuf out);

    /**
     * Sends a request whose body is complete.
     *
     * @param head taken over if nothing is thrown
     * @return done when all is sent
     * @throws IOException when the body cannot be read; nothing is sent then
     */
    ChannelFuture whole(Channel channel, Request request, ByteBuf head) throws IOException;

    /**
     * Writes a part of a body that goes on as it comes.
     *
     * @param part taken over; perhaps empty
     * @param unknown whether the client has not told the length of the whole
     */
    void part(Channel channel, ByteBuf part, boolean unknown);

    /** What stands behind such a body. */
    ByteBuf end(boolean unknown);
}
