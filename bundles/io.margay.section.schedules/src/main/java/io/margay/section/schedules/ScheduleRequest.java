// SPDX-License-Identifier: Apache-2.0
package io.margay.section.schedules;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.http.Fields;
import io.margay.http.OwnRequest;
import io.margay.route.PlanContext;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads what all requests of a schedule are. */
final class ScheduleRequest {
    /** What the server says itself, or what would be a connection's. */
    private static final Set<String> OWN = Set.of("host", "content-length", "transfer-encoding", "connection",
        "upgrade", "expect", "te", "trailer", "keep-alive");

    private ScheduleRequest() {
    }

    static OwnRequest read(ConfObject schedule, PlanContext context) {
        String method = text(schedule, "method", "GET", "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}", context);
        String host = text(schedule, "host", "localhost", "[0-9A-Za-z._:\\[\\]-]{1,255}", context);
        AsciiString target = AsciiString.of(text(schedule, "uri", "/", "/[!-\"$-~]{0,4095}", context));
        byte[] body = schedule.get("body").map(value -> value instanceof ConfString text ? text.bytes() : null)
            .orElse(new byte[0]);
        if (body == null) {
            throw context.error("body", "The \"body\" value must be a string.");
        }
        return OwnRequest.of(AsciiString.of(method), AsciiString.of(host), target,
            fields(schedule, host, body.length, context), body).orElseThrow(() ->
                context.error("uri", "The \"uri\" value is not the target of a request."));
    }

    private static String text(ConfObject schedule, String name, String absent, String pattern, PlanContext context) {
        String text = schedule.get(name).map(value -> value instanceof ConfString given ? given.value() : "")
            .orElse(absent);
        if (!text.matches(pattern)) {
            throw context.error(name, "The \"" + name + "\" value is not that of a request.");
        }
        return text;
    }

    private static Fields fields(ConfObject schedule, String host, int length, PlanContext context) {
        Fields fields = Fields.of("Host", host);
        if (length > 0) {
            fields = fields.and(AsciiString.of("Content-Length"), AsciiString.of(Integer.toString(length)));
        }
        for (String name : schedule.object("headers").orElse(ConfObject.EMPTY).members().keySet()) {
            PlanContext place = context.child("headers");
            Optional<String> value = schedule.object("headers").flatMap(headers -> headers.get(name))
                .filter(ConfString.class::isInstance)
                .map(text -> new String(((ConfString) text).bytes(), StandardCharsets.ISO_8859_1));
            if (value.isEmpty()) {
                throw place.error(name, "The \"" + name + "\" header must be a string.");
            }
            if (OWN.contains(name.toLowerCase(Locale.ROOT))) {
                throw place.error(name, "The \"" + name + "\" header is made by the server.");
            }
            try {
                fields = fields.and(new AsciiString(name), new AsciiString(value.get()));
            } catch (IllegalArgumentException e) {
                throw place.error(name, "The \"" + name + "\" header is malformed.");
            }
        }
        return fields;
    }
}
