// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import java.nio.charset.StandardCharsets;

/** Status lines (spec/http.md §10.1). */
final class StatusLine {
    private static final String[] PHRASES = new String[1000];
    private static final byte[][] LINES = new byte[1000][];

    static {
        phrases(100, "Continue", "Switching Protocols");
        phrases(200, "OK", "Created", "Accepted", "Non-Authoritative Information", "No Content", "Reset Content",
            "Partial Content");
        phrases(300, "Multiple Choices", "Moved Permanently", "Found", "See Other", "Not Modified");
        phrases(307, "Temporary Redirect", "Permanent Redirect");
        phrases(400, "Bad Request", "Unauthorized", "Payment Required", "Forbidden", "Not Found",
            "Method Not Allowed", "Not Acceptable", "Proxy Authentication Required", "Request Timeout", "Conflict",
            "Gone", "Length Required", "Precondition Failed", "Payload Too Large", "URI Too Long",
            "Unsupported Media Type", "Range Not Satisfiable", "Expectation Failed", "I'm a teapot");
        phrases(421, "Misdirected Request", "Unprocessable Entity", "Locked", "Failed Dependency");
        phrases(426, "Upgrade Required");
        phrases(431, "Request Header Fields Too Large");
        phrases(500, "Internal Server Error", "Not Implemented", "Bad Gateway", "Service Unavailable",
            "Gateway Timeout", "HTTP Version Not Supported");
    }

    private StatusLine() {
    }

    private static void phrases(int first, String... phrases) {
        System.arraycopy(phrases, 0, PHRASES, first, phrases.length);
    }

    /** The status line with its line end. Codes outside 0-999 are sent as 500. */
    static byte[] of(int status) {
        int code = status >= 0 && status < LINES.length ? status : 500;
        byte[] line = LINES[code];
        if (line == null) {
            String phrase = code == Http1Exchange.PLAIN_ON_TLS ? null : PHRASES[code];
            String text = code == Http1Exchange.PLAIN_ON_TLS ? "400 The plain HTTP request was sent to HTTPS port"
                : three(code) + " " + (phrase == null ? "" : phrase);
            line = ("HTTP/1.1 " + text + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            // Racing loops write equal arrays.
            LINES[code] = line;
        }
        return line;
    }

    private static String three(int code) {
        return Integer.toString(1000 + code).substring(1);
    }
}
