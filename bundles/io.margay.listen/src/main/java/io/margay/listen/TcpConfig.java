// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import java.util.Map;

/**
 * Options of a {@link TcpChannel}: Netty's general ones, {@link ChannelOption#ALLOW_HALF_CLOSURE} and
 * {@link ChannelOption#SO_KEEPALIVE}. Those of the socket are inherited from the listening one, so that no connection
 * has to ask or set any but the last, which few need.
 */
final class TcpConfig extends DefaultChannelConfig {
    private static final int SO_KEEPALIVE = 9;

    private final Fd socket;
    private boolean halfClosure;
    private boolean keepAlive;

    /** The socket stays the channel's. */
    TcpConfig(Channel channel, int socket, AdaptiveRecvByteBufAllocator sizes) {
        super(channel, sizes);
        this.socket = Fd.own(socket);
    }

    /** Whether the channel stays open when the client has ended its side. */
    boolean isHalfClosureAllowed() {
        return halfClosure;
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE, ChannelOption.SO_KEEPALIVE);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        // The type of the value is that of the option.
        if (option == ChannelOption.SO_KEEPALIVE) {
            return (T) Boolean.valueOf(keepAlive);
        }
        return option == ChannelOption.ALLOW_HALF_CLOSURE ? (T) Boolean.valueOf(halfClosure) : super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
            validate(option, value);
            halfClosure = (Boolean) value;
            return true;
        }
        if (option == ChannelOption.SO_KEEPALIVE) {
            validate(option, value);
            keepAlive = (Boolean) value;
            Sockets.setOption(socket, Sockets.SOL_SOCKET, SO_KEEPALIVE, keepAlive ? 1 : 0);
            return true;
        }
        return super.setOption(option, value);
    }
}
