// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * An answer as it came over the wire.
 *
 * @param statusLine without the line end
 * @param headers the header lines in their order
 * @param body without transfer coding
 */
record Response(String statusLine, List<String> headers, byte[] body) {
    /** {@return the status code} */
    int status() {
        return Integer.parseInt(statusLine.substring(9, 12));
    }

    /** {@return the value of the first header of that name} */
    Optional<String> header(String name) {
        for (String line : headers) {
            if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
                return Optional.of(line.substring(name.length() + 1).strip());
            }
        }
        return Optional.empty();
    }

    /** {@return the body as UTF-8} */
    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    Response withBody(byte[] bytes) {
        return new Response(statusLine, headers, bytes);
    }
}
