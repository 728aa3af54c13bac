// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** Styles and scripts of our pages, which hold nothing secret: the login page needs them too. */
final class ConsoleFiles {
    /** Where they are, below the root of the web console. */
    static final String PREFIX = "/margay/";

    private static final Map<String, String> TYPES = Map.of("css", "text/css;charset=utf-8",
        "js", "text/javascript;charset=utf-8", "svg", "image/svg+xml");
    private final String tag;

    /** The tag changes with the bundle. */
    ConsoleFiles(long version) {
        this.tag = "\"" + Long.toHexString(version) + "\"";
    }

    void send(String name, HttpServletRequest request, HttpServletResponse response) throws IOException {
        String type = name.matches("[a-z-]{1,40}\\.[a-z]{2,3}") ? TYPES.get(name.substring(name.indexOf('.') + 1))
            : null;
        try (InputStream in = type == null ? null
                : ConsoleFiles.class.getResourceAsStream("/io/margay/console/web/" + name)) {
            if (in == null) {
                response.setStatus(404);
                response.flushBuffer();
                return;
            }
            // Asked for at each visit, sent when it is another one.
            response.setHeader("Cache-Control", "no-cache");
            response.setHeader("ETag", tag);
            if (tag.equals(request.getHeader("If-None-Match"))) {
                response.setStatus(304);
                response.flushBuffer();
                return;
            }
            byte[] content = in.readAllBytes();
            response.setContentType(type);
            response.setContentLength(content.length);
            response.getOutputStream().write(content);
            response.flushBuffer();
        }
    }
}
