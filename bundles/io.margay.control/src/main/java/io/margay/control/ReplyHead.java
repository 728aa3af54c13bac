// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Puts the HTTP head in front of a reply. */
final class ReplyHead {
    private static final DateTimeFormatter DATE =
        DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final int NOT_MODIFIED = 304;

    private ReplyHead() {
    }

    /** Tells a client that waits before it sends its content to go on. */
    static byte[] goOn() {
        return "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] head(ControlReply reply, String version, Instant now) {
        StringBuilder text = new StringBuilder("HTTP/1.1 ").append(reply.status()).append(' ')
            .append(phrase(reply.status()))
            .append("\r\nServer: Unit/").append(version).append("\r\nDate: ").append(DATE.format(now));
        if (reply.status() != NOT_MODIFIED) {
            text.append("\r\nContent-Type: ").append(reply.type());
        }
        if (reply.status() != NOT_MODIFIED && reply.stream().isEmpty()) {
            text.append("\r\nContent-Length: ").append(reply.body().length);
        }
        text.append("\r\nConnection: close\r\n");
        reply.headers().forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String phrase(int status) {
        return switch (status) {
            case 200 -> "OK";
            case NOT_MODIFIED -> "Not Modified";
            case 400 -> "Bad Request";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 409 -> "Conflict";
            case 412 -> "Precondition Failed";
            case 413 -> "Content Too Large";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> "Internal Server Error";
        };
    }
}
