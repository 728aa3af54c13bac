// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.schema.Problem;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The answer to a {@link Request} ({@code spec/control-api.md §5}).
 *
 * @param status of HTTP
 * @param body JSON in the pretty form; empty with status 304
 * @param headers further header fields by name, in order; values without line ends
 */
public record Reply(int status, byte[] body, Map<String, String> headers) {
    static final String NO_VALUE = "Value doesn't exist.";

    /** Without further header fields. */
    public Reply(int status, byte[] body) {
        this(status, body, Map.of());
    }

    /** The same with one more header field. */
    public Reply with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, body, more);
    }

    static Reply value(Conf value) {
        return new Reply(200, ConfWriter.pretty(value));
    }

    static Reply success(String text) {
        return value(ConfObject.builder().put("success", text).build());
    }

    static Reply successBut(String text, String warning) {
        return value(ConfObject.builder().put("success", text).put("warning", warning).build());
    }

    static Reply error(int status, String text) {
        return new Reply(status, ConfWriter.pretty(ConfObject.builder().put("error", text).build()));
    }

    static Reply error(int status, String text, String detail) {
        return new Reply(status, ConfWriter.pretty(
            ConfObject.builder().put("error", text).put("detail", detail).build()));
    }

    static Reply missing() {
        return error(404, NO_VALUE);
    }

    /** 405 of the resources that only ever read. */
    static Reply invalidMethod() {
        return error(405, "Invalid method.");
    }

    /** 405 of the others. */
    static Reply methodNotAllowed() {
        return error(405, "Method isn't allowed.");
    }

    static Reply invalidJson(ConfSyntaxException e) {
        ConfObject.Builder location = ConfObject.builder().put("offset", e.offset());
        if (e.line() > 0) {
            location.put("line", e.line()).put("column", e.column());
        }
        return new Reply(400, ConfWriter.pretty(ConfObject.builder().put("error", "Invalid JSON.")
            .put("detail", e.detail()).put("location", location.build()).build()));
    }

    static Reply invalidConfiguration(String detail) {
        return invalidConfiguration(new Problem(detail, ConfPointer.ROOT, Optional.empty()));
    }

    static Reply invalidConfiguration(Problem problem) {
        ConfObject.Builder reply = ConfObject.builder().put("error", "Invalid configuration.")
            .put("detail", problem.detail())
            .put("location", ConfObject.builder().put("path", problem.path().toString()).build());
        problem.suggestion().ifPresent(name -> reply.put("suggestion", name));
        return new Reply(400, ConfWriter.pretty(reply.build()));
    }
}
