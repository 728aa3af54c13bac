// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import java.util.Map;

/**
 * Options of a {@link TcpChannel}: Netty's general ones and {@link ChannelOption#ALLOW_HALF_CLOSURE}. Those of the
 * socket are inherited from the listening one, so that no connection has to ask or set any.
 */
final class TcpConfig extends DefaultChannelConfig {
    private boolean halfClosure;

    TcpConfig(Channel channel, AdaptiveRecvByteBufAllocator sizes) {
        super(channel, sizes);
    }

    /** Whether the channel stays open when the client has ended its side. */
    boolean isHalfClosureAllowed() {
        return halfClosure;
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        // The type of the value is that of the option.
        return option == ChannelOption.ALLOW_HALF_CLOSURE ? (T) Boolean.valueOf(halfClosure) : super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
            validate(option, value);
            halfClosure = (Boolean) value;
            return true;
        }
        return super.setOption(option, value);
    }
}
