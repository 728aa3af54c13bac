// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What the control socket answered.
 *
 * @param status 100 to 999
 * @param body the JSON text
 */
record Reply(int status, String body) {
    /** {@return whether the server did what was asked} */
    boolean ok() {
        return status < 400;
    }

    /**
     * Reads a reply that ended with the connection.
     *
     * @throws IOException when it is cut short or is no HTTP
     */
    static Reply parse(byte[] bytes) throws IOException {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0 || !text.matches("(?s)HTTP/1\\.[01] [1-9][0-9][0-9][ \r].*")) {
            throw new IOException(bytes.length == 0 ? "closed without an answer" : "the answer is not HTTP");
        }
        int length = bytes.length - end - 4;
        for (String line : text.substring(0, end).split("\r\n")) {
            if (line.regionMatches(true, 0, "Content-Length:", 0, 15) && length != length(line.substring(15).strip())) {
                throw new IOException("the answer was cut short");
            }
        }
        String body = new String(bytes, end + 4, length, StandardCharsets.UTF_8);
        return new Reply(Integer.parseInt(text.substring(9, 12)), body);
    }

    private static int length(String digits) throws IOException {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new IOException("the answer has a Content-Length of \"" + digits + "\"", e);
        }
    }
}
