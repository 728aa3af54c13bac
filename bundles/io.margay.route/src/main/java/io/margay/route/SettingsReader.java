// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.http.HttpSettings;
import io.margay.http.WebSocketSettings;
import java.util.Set;

/** Reads {@code settings/http} (spec/http.md §1). */
public final class SettingsReader {
    /** The members that are read here. */
    static final Set<String> NAMES = Set.of("header_read_timeout", "body_read_timeout", "send_timeout", "idle_timeout",
        "large_header_buffer_size", "large_header_buffers", "body_buffer_size", "body_temp_path", "max_body_size",
        "max_response_header_size", "discard_unsafe_fields", "chunked_transform", "server_version", "log_route",
        "websocket", "body_min_rate", "send_min_rate");

    private SettingsReader() {
    }

    /**
     * The settings of a configuration.
     *
     * @param config the object {@code config}
     * @param tmpdir directory of body files unless {@code body_temp_path} is set
     */
    public static HttpSettings read(ConfObject config, String tmpdir) {
        ConfObject http = config.object("settings").flatMap(s -> s.object("http")).orElse(ConfObject.EMPTY);
        HttpSettings d = HttpSettings.DEFAULTS;
        return d.change()
            .headerReadTimeout(seconds(http, "header_read_timeout", d.headerReadTimeout()))
            .bodyReadTimeout(seconds(http, "body_read_timeout", d.bodyReadTimeout()))
            .sendTimeout(seconds(http, "send_timeout", d.sendTimeout()))
            .bodyMinRate(bytes(http, "body_min_rate", d.bodyMinRate()))
            .sendMinRate(bytes(http, "send_min_rate", d.sendMinRate()))
            .idleTimeout(seconds(http, "idle_timeout", d.idleTimeout()))
            .largeHeaders(bytes(http, "large_header_buffer_size", d.largeHeaderBufferSize()),
                bytes(http, "large_header_buffers", d.largeHeaderBuffers()))
            .bodyBufferSize(bytes(http, "body_buffer_size", d.bodyBufferSize()))
            .maxBodySize(Math.max(0, number(http, "max_body_size", d.maxBodySize())))
            .bodyTempPath(http.string("body_temp_path").orElse(tmpdir))
            .discardUnsafeFields(flag(http, "discard_unsafe_fields", d.discardUnsafeFields()))
            .chunkedTransform(flag(http, "chunked_transform", d.chunkedTransform()))
            .serverVersion(flag(http, "server_version", d.serverVersion()))
            .logRoute(flag(http, "log_route", d.logRoute()))
            .maxResponseHeadSize(bytes(http, "max_response_header_size", d.maxResponseHeadSize()))
            .webSocket(webSocket(http.object("websocket").orElse(ConfObject.EMPTY), d.webSocket()))
            .build();
    }

    private static WebSocketSettings webSocket(ConfObject socket, WebSocketSettings d) {
        return new WebSocketSettings(bytes(socket, "max_frame_size", d.maxFrameSize()),
            seconds(socket, "read_timeout", d.readTimeout()), seconds(socket, "keepalive_interval", d.keepAlive()),
            flag(socket, "compression", d.compression()), flag(socket, "context_takeover", d.contextTakeover()));
    }

    private static boolean absent(ConfObject object, String name) {
        Conf value = object.get(name).orElse(ConfNull.NULL);
        return value instanceof ConfNull;
    }

    private static long number(ConfObject object, String name, long fallback) {
        return absent(object, name) ? fallback : object.integer(name, fallback);
    }

    private static boolean flag(ConfObject object, String name, boolean fallback) {
        return absent(object, name) ? fallback : object.bool(name, fallback);
    }

    private static int bytes(ConfObject object, String name, int fallback) {
        return Math.clamp(number(object, name, fallback), 0, 1 << 30);
    }

    private static int seconds(ConfObject object, String name, int fallback) {
        // Beyond this the deadline in nanoseconds would not fit; it is 34 years.
        return Math.clamp(number(object, name, fallback), 0, 1 << 30);
    }
}
