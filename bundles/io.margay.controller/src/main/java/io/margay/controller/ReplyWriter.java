// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Puts the HTTP head in front of a reply. */
final class ReplyWriter {
    private static final DateTimeFormatter DATE =
        DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private ReplyWriter() {
    }

    static byte[] head(Reply reply, String version, Instant now) {
        String text = "HTTP/1.1 " + reply.status() + " " + phrase(reply.status()) + "\r\n"
            + "Server: Unit/" + version + "\r\n"
            + "Date: " + DATE.format(now) + "\r\n"
            + "Content-Type: application/json\r\n"
            + "Content-Length: " + reply.body().length + "\r\n"
            + "Connection: close\r\n\r\n";
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String phrase(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            default -> "Internal Server Error";
        };
    }
}
