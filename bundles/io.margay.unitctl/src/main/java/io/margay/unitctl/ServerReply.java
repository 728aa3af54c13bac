// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the control socket answered.
 *
 * @param status 100 to 999
 * @param headers by lower-case name; the last of several with one name
 * @param body the JSON text; not altered
 */
record ServerReply(int status, Map<String, String> headers, byte[] body) {
    /** {@return whether the server did what was asked} */
    boolean ok() {
        return status >= 200 && status < 300;
    }

    /** {@return the answer that a server which compares versions gives to a change of an old one} */
    static ServerReply conflict() {
        return new ServerReply(412, Map.of(), new byte[0]);
    }

    /** {@return the version of the resource, as {@code If-Match} takes it} */
    Optional<String> etag() {
        return Optional.ofNullable(headers.get("etag")).filter(tag -> !tag.isEmpty());
    }

    /** {@return the value that the body holds; empty when it is no JSON} */
    Optional<Conf> value() {
        return Json.read(body);
    }

    /**
     * Reads a reply that ended with the connection.
     *
     * @throws IOException when it is cut short or is no HTTP
     */
    static ServerReply parse(byte[] bytes) throws IOException {
        int end = headEnd(bytes);
        String head = new String(bytes, 0, Math.max(end, 0), StandardCharsets.ISO_8859_1);
        if (end < 0 || !head.matches("(?s)HTTP/1\\.[01] [1-9][0-9][0-9]([ \r].*)?")) {
            throw new IOException(bytes.length == 0 ? "closed without an answer" : "the answer is not HTTP");
        }
        Map<String, String> headers = new HashMap<>();
        head.lines().skip(1).forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
            }
        });
        byte[] body = Arrays.copyOfRange(bytes, end + 4, bytes.length);
        String length = headers.get("content-length");
        if (length != null && body.length != length(length)) {
            throw new IOException("the answer was cut short");
        }
        return new ServerReply(Integer.parseInt(head.substring(9, 12)), Map.copyOf(headers), body);
    }

    private static int headEnd(byte[] bytes) {
        for (int i = 0; i + 3 < bytes.length; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static int length(String digits) throws IOException {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new IOException("the answer has a Content-Length of \"" + digits + "\"", e);
        }
    }
}
