// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.ConfObject;

/**
 * How long a server may take (spec/routing.md §9.3), milliseconds.
 *
 * @param connect to take a connection
 * @param send between two moments in which it takes more of a request
 * @param response to begin its answer once it has the request
 * @param read between two parts of an answer
 * @param idle how long a connection is kept without a request
 */
record ProxyTimeouts(int connect, int send, int response, int read, int idle) {
    private static final int SECOND = 1000;
    /** Beyond it milliseconds would not fit. */
    private static final int MOST = 2_000_000;

    /** Those of Unit; servers close what idles, many after five seconds: this end is earlier. */
    private static final ProxyTimeouts UNIT = new ProxyTimeouts(60 * SECOND, 30 * SECOND, 60 * SECOND,
        30 * SECOND, 4 * SECOND);

    /** Reads {@code connect_timeout} and so on, whole seconds. */
    static ProxyTimeouts read(ConfObject conf) {
        return new ProxyTimeouts(millis(conf, "connect_timeout", UNIT.connect), millis(conf, "send_timeout", UNIT.send),
            millis(conf, "response_timeout", UNIT.response), millis(conf, "read_timeout", UNIT.read),
            millis(conf, "keepalive_timeout", UNIT.idle));
    }

    /** The same with connections that serve one request. */
    ProxyTimeouts once() {
        return new ProxyTimeouts(connect, send, response, read, 0);
    }

    static int millis(ConfObject conf, String name, int absent) {
        return SECOND * Math.clamp(conf.integer(name, absent / SECOND), 0, MOST);
    }
}
