// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The server refused a request. The message has one line for each thing that it said ({@code control-api.md §5}). */
final class RefusedException extends ToolException {
    private static final long serialVersionUID = 1L;
    private static final int CONFLICT = 412;
    private static final int CONTEXT = 60;

    private final transient ServerReply reply;

    RefusedException(String server, ToolRequest request, ServerReply reply) {
        super(describe(server, request, reply));
        this.reply = reply;
    }

    /** {@return whether the resource had been changed by somebody else} */
    boolean conflict() {
        return reply.status() == CONFLICT;
    }

    /** {@return the status of HTTP} */
    int status() {
        return reply.status();
    }

    /** {@return the text of {@code error}, empty when there is none} */
    String error() {
        return said().string("error").orElse("");
    }

    /** {@return all that the server said; empty when it was no JSON object} */
    ConfObject said() {
        return reply.value().flatMap(RefusedException::object).orElse(ConfObject.EMPTY);
    }

    private static Optional<ConfObject> object(Conf value) {
        return value instanceof ConfObject object ? Optional.of(object) : Optional.empty();
    }

    private static String describe(String server, ToolRequest request, ServerReply reply) {
        StringBuilder text = new StringBuilder(256);
        text.append(server).append(" refused ").append(request.method()).append(' ').append(request.path())
            .append(" (").append(reply.status()).append(')');
        Optional<ConfObject> said = reply.value().flatMap(RefusedException::object);
        if (said.isEmpty()) {
            String body = new String(reply.body(), StandardCharsets.UTF_8).strip();
            return body.isEmpty() ? text.toString() : text + ": " + body.substring(0, Math.min(body.length(), 1000));
        }
        said.get().members().forEach((name, value) -> {
            if (name.equals("location") && value instanceof ConfObject location) {
                location(text, location, request);
            } else {
                line(text, name, plain(value));
            }
        });
        return text.toString();
    }

    private static String plain(Conf value) {
        return value instanceof io.margay.conf.ConfString string ? string.value() : Json.compact(value);
    }

    private static void location(StringBuilder text, ConfObject location, ToolRequest request) {
        location.string("path").ifPresent(path -> line(text, "path", path.isEmpty() ? "the whole" : path));
        long line = location.integer("line", 0);
        long column = location.integer("column", 0);
        if (line > 0) {
            line(text, "location", "line " + line + ", column " + column);
            excerpt(text, new String(request.body(), StandardCharsets.UTF_8), line, column);
        } else if (location.has("offset")) {
            line(text, "location", "byte " + location.integer("offset", 0));
        }
    }

    /** The line in question with a mark below the place, cut around it. */
    private static void excerpt(StringBuilder text, String body, long line, long column) {
        String source = body.lines().skip(line - 1).findFirst().orElse("");
        int at = Math.clamp(column - 1, 0, source.length());
        int from = Math.max(0, at - CONTEXT);
        String shown = source.substring(from, Math.min(source.length(), at + CONTEXT)).replace('\t', ' ');
        if (!shown.isBlank()) {
            text.append("\n    ").append(shown).append("\n    ").append(" ".repeat(at - from)).append('^');
        }
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("\n  ").append(name).append(": ").append(" ".repeat(Math.max(0, 10 - name.length())))
            .append(value.replace("\n", "\n              "));
    }
}
