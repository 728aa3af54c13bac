// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.http.HttpSettings;

/** Reads {@code settings} of a validated configuration ({@code spec/http.md §1}). */
final class SettingsReader {

    private final ConfObject settings;
    private final ConfObject http;
    private final HttpSettings defaults = HttpSettings.DEFAULTS;

    SettingsReader(ConfObject configuration) {
        settings = configuration.object("settings").orElse(ConfObject.EMPTY);
        http = settings.object("http").orElse(ConfObject.EMPTY);
    }

    /**
     * Threads that accept connections.
     *
     * @param processors what is taken when nothing is said
     */
    int listenThreads(int processors) {
        return (int) settings.integer("listen_threads", processors);
    }

    /**
     * The options of the HTTP plane.
     *
     * @param temporary directory for bodies when nothing is said
     */
    HttpSettings http(String temporary) {
        return new HttpSettings(
            seconds("header_read_timeout", defaults.headerReadTimeout()),
            seconds("body_read_timeout", defaults.bodyReadTimeout()),
            seconds("send_timeout", defaults.sendTimeout()),
            seconds("idle_timeout", defaults.idleTimeout()),
            (int) http.integer("large_header_buffer_size", defaults.largeHeaderBufferSize()),
            (int) http.integer("large_header_buffers", defaults.largeHeaderBuffers()),
            (int) Math.min(Integer.MAX_VALUE, http.integer("body_buffer_size", defaults.bodyBufferSize())),
            http.integer("max_body_size", defaults.maxBodySize()),
            http.string("body_temp_path").orElse(temporary),
            http.bool("discard_unsafe_fields", defaults.discardUnsafeFields()),
            http.bool("chunked_transform", defaults.chunkedTransform()),
            http.bool("server_version", defaults.serverVersion()),
            http.bool("log_route", defaults.logRoute()));
    }

    private int seconds(String name, int absent) {
        return (int) Math.min(Integer.MAX_VALUE, http.integer(name, absent));
    }
}
