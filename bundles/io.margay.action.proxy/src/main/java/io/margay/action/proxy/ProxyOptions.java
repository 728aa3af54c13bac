// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.ConfObject;
import io.margay.http.Request;
import io.margay.route.PlanContext;
import java.util.List;
import java.util.Optional;

/**
 * How requests go to the servers of an upstream.
 *
 * @param timeouts how long things may take
 * @param buffered whether a request is sent only when all of it has come
 * @param retry how often one is tried
 * @param headers what of its fields is changed
 * @param proxyProtocol the version of the PROXY protocol that connections begin with; 0 for none
 * @param fastCgi how requests are told in FastCGI, if they are
 */
record ProxyOptions(ProxyTimeouts timeouts, boolean buffered, RetryRules retry, List<HeaderChange> headers,
    int proxyProtocol, Optional<FastCgiOptions> fastCgi) {

    static ProxyOptions read(ConfObject conf, PlanContext at) {
        int version = switch (conf.string("proxy_protocol").orElse("off")) {
            case "v1" -> 1;
            case "v2" -> 2;
            default -> 0;
        };
        ProxyTimeouts timeouts = ProxyTimeouts.read(conf);
        // A connection that has told of a client is that client's.
        return new ProxyOptions(version == 0 ? timeouts : timeouts.once(), conf.bool("request_buffering", false),
            RetryRules.read(conf), HeaderChange.read(conf, at), version, FastCgiOptions.read(conf, at));
    }

    /** Whether a request is sent only when all of it has come: in FastCGI its length stands before it. */
    boolean buffers(Request request) {
        return buffered || fastCgi.isPresent() && request.contentLength() < 0;
    }
}
