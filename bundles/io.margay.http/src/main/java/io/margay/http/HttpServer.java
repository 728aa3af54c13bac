// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import java.util.List;
import java.util.Optional;

/**
 * The requests of one listener: holds what new requests get. {@link #enter} is called on the loop that is given, all
 * else on any thread.
 */
public final class HttpServer {
    private volatile Optional<HttpBinding> binding;
    private volatile Protocols protocols;
    private volatile boolean leaving;

    /** Creates a server whose requests get {@code binding}, and whose clients cannot change the protocol. */
    public HttpServer(HttpBinding binding) {
        this(binding, Protocols.of(List.of()));
    }

    /** Creates a server whose requests get {@code binding}. */
    public HttpServer(HttpBinding binding, Protocols protocols) {
        this.binding = Optional.of(binding);
        this.protocols = protocols;
    }

    /** Lets connections that are accepted, or change their protocol, from now on speak these. */
    public void speak(Protocols next) {
        protocols = next;
    }

    /** What connections may speak now. */
    public Protocols protocols() {
        return protocols;
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

    /** Requests are served still, but each connection is to end with the response that is sent next. */
    public void leave() {
        leaving = true;
    }

    /** Whether connections are to end with their next response. */
    public boolean isLeaving() {
        return leaving;
    }

    /** Whether no request is served any more: {@link #enter} is in vain. */
    public boolean isRemoved() {
        return binding.isEmpty();
    }

    /** Settings for a connection that has no request yet. */
    public HttpSettings settings() {
        return binding.map(HttpBinding::settings).orElse(HttpSettings.DEFAULTS);
    }

    /** Enters the generation of the current binding; empty if the listener was removed. */
    public Optional<HttpBinding> enter(HttpLoop loop) {
        Optional<HttpBinding> seen = binding;
        while (seen.isPresent() && !seen.get().cell(loop).enter()) {
            // The generation was retired: the binding was replaced before, or will never be.
            Optional<HttpBinding> current = binding;
            seen = current == seen ? Optional.empty() : current;
        }
        return seen;
    }
}
