// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One request to a control socket ({@code spec/control-api.md §2}).
 *
 * @param path absolute, encoded, with its query
 * @param body not altered
 * @param ifMatch the version of the resource that the change is for
 */
record ToolRequest(String method, String path, byte[] body, Optional<String> ifMatch) {
    private static final byte[] NOTHING = {};
    private static final Pattern OPEN = Pattern.compile("/config([/?](?!.*(\\.\\.|%2[eE])).*)?");

    /** Reads a path. */
    static ToolRequest get(String path) {
        return new ToolRequest("GET", path, NOTHING, Optional.empty());
    }

    /** Any other request without a condition. */
    static ToolRequest of(String method, String path, byte[] body) {
        return new ToolRequest(method, path, body, Optional.empty());
    }

    /** A request without a body. */
    static ToolRequest of(String method, String path) {
        return of(method, path, NOTHING);
    }

    /** {@return this request for one version of its resource, if there is one} */
    ToolRequest onlyIf(Optional<String> etag) {
        return new ToolRequest(method, path, body, etag);
    }

    /**
     * {@return whether the body is for the server's own account only: certificates, keys and scripts} That is each body
     * which does not surely go to the configuration, as servers decode paths and follow steps in them.
     */
    boolean secret() {
        return body.length > 0 && !OPEN.matcher(path).matches();
    }

    /**
     * {@return the request line and the header fields}
     *
     * @throws ToolException (usage) when method or path could break the request
     */
    byte[] head() throws ToolException {
        if (!method.matches("[A-Za-z]{1,32}")) {
            throw ToolException.usage("\"" + method + "\" is no method of HTTP");
        }
        if (path.isEmpty() || path.charAt(0) != '/' || path.chars().anyMatch(c -> c <= ' ' || c >= 127)) {
            throw ToolException.usage("\"" + path + "\" is no path: it starts with / and has other characters "
                + "encoded, such as %20");
        }
        String condition = ifMatch.map(tag -> "If-Match: " + tag + "\r\n").orElse("");
        return (method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + condition
            + "Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** {@return a name as one segment of a path} */
    static String segment(String name) {
        StringBuilder out = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c < 128 && (Character.isLetterOrDigit(c) || "-._~*:@!$&'()+,;=[]".indexOf(c) >= 0)) {
                out.append(c);
            } else {
                out.append('%').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        // These two would be steps.
        return name.equals(".") || name.equals("..") ? name.replace(".", "%2e") : out.toString();
    }
}
