// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.engine.Generation;

/**
 * What the requests of a listener get: replaced as a whole when the configuration changes, kept by each request that
 * began with it.
 *
 * @param settings limits and timeouts
 * @param handler answers the requests
 * @param generation entered by each request at its first byte and left at its end
 * @param tls whether the listener wants TLS: plain requests are then refused with status 497
 */
public record HttpBinding(HttpSettings settings, ExchangeHandler handler, Generation generation, boolean tls) {

    /** What the requests of one loop count in. */
    public Generation.Cell cell(HttpLoop loop) {
        return generation.cell(loop.index(), loop.netty());
    }
}
