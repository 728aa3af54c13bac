// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The control socket of a server under test ({@code spec/control-api.md}). */
final class Control {
    /** Twice the time that an application has for its start. */
    private static final long PATIENCE_MILLIS = 120_000;

    private final Path socket;

    Control(Path socket) {
        this.socket = socket;
    }

    Response get(String path) throws IOException {
        return request("GET", path, "");
    }

    Response put(String path, String body) throws IOException {
        return request("PUT", path, body);
    }

    Response post(String path, String body) throws IOException {
        return request("POST", path, body);
    }

    Response delete(String path) throws IOException {
        return request("DELETE", path, "");
    }

    /** Puts and fails the test when the server refuses. */
    void apply(String path, String body) throws IOException {
        Response response = put(path, body);
        if (response.status() != 200) {
            throw new AssertionError("PUT " + path + ": " + response.statusLine() + "\n" + response.text());
        }
    }

    /** With header fields. */
    Response request(String method, String path, String body, String... fields) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (Http http = Http.unix(socket)) {
            // A change takes as long as its applications need for their start.
            http.patience(PATIENCE_MILLIS);
            StringBuilder head = new StringBuilder(method).append(' ').append(path)
                .append(" HTTP/1.1\r\nHost: localhost\r\nContent-Length: ").append(bytes.length).append("\r\n");
            for (String field : fields) {
                head.append(field).append("\r\n");
            }
            http.send(head.append("\r\n").toString());
            http.send(bytes);
            return http.response(false);
        }
    }
}
