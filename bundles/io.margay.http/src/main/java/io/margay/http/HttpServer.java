// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.util.Optional;

/**
 * The requests of one listener: holds what new requests get and adds the HTTP handler to accepted channels.
 * All methods may be called on any thread.
 */
public final class HttpServer {
    private volatile Optional<HttpBinding> binding;

    /** Creates a server whose requests get {@code binding}. */
    public HttpServer(HttpBinding binding) {
        this.binding = Optional.of(binding);
    }

    /** Lets every request that begins from now on get {@code binding}, on existing connections too. */
    public void rebind(HttpBinding binding) {
        this.binding = Optional.of(binding);
    }

    /**
     * Ends the service: requests in progress finish, connections that wait for a request get the idle response at
     * their next byte or at their timeout.
     */
    public void remove() {
        binding = Optional.empty();
    }

    /** Adds the HTTP handler to a channel of {@code loop} that is not registered yet. */
    public void attach(Channel channel, HttpLoop loop) {
        ReadSizes sizes = new ReadSizes(loop.spareInput());
        channel.config().setRecvByteBufAllocator(sizes);
        // A client may end its side after the request and still wants the response.
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.pipeline().addLast(new HttpConnection(this, loop, sizes));
    }

    /** Settings for a connection that has no request yet. */
    HttpSettings settings() {
        return binding.map(HttpBinding::settings).orElse(HttpSettings.DEFAULTS);
    }

    /** Enters the generation of the current binding; empty if the listener was removed. */
    Optional<HttpBinding> enter() {
        Optional<HttpBinding> seen = binding;
        while (seen.isPresent() && !seen.get().generation().enter()) {
            // The generation was retired: the binding was replaced before, or will never be.
            Optional<HttpBinding> current = binding;
            seen = current == seen ? Optional.empty() : current;
        }
        return seen;
    }
}
