// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.netty.channel.ChannelHandlerContext;
import java.util.List;

/** Makes room for another protocol than the usual one. */
final class ProtocolSwitch {

    private ProtocolSwitch() {
    }

    /** Removes all handlers behind this one: those of the protocol that the connection began with. */
    static void clear(ChannelHandlerContext ctx) {
        List<String> names = ctx.pipeline().names();
        names.subList(names.indexOf(ctx.name()) + 1, names.size()).stream()
            .filter(name -> ctx.pipeline().context(name) != null).toList().forEach(ctx.pipeline()::remove);
    }
}
