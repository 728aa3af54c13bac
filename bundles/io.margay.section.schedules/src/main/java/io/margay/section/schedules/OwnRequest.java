// SPDX-License-Identifier: Apache-2.0
package io.margay.section.schedules;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.http.Fields;
import io.margay.http.TargetPath;
import io.margay.route.PlanContext;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What all requests of a schedule are; immutable.
 *
 * @param target path and query as written
 * @param path decoded
 * @param query without the question mark
 */
record OwnRequest(AsciiString method, AsciiString authority, AsciiString host, AsciiString target, AsciiString path,
                  AsciiString query, boolean hasQuery, Fields fields, byte[] body) {
    /** What the server says itself, or what would be a connection's. */
    private static final Set<String> OWN = Set.of("host", "content-length", "transfer-encoding", "connection",
        "upgrade", "expect", "te", "trailer", "keep-alive");

    static OwnRequest read(ConfObject schedule, PlanContext context) {
        String method = text(schedule, "method", "GET", "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}", context);
        String host = text(schedule, "host", "localhost", "[0-9A-Za-z._:\\[\\]-]{1,255}", context);
        AsciiString target = AsciiString.of(text(schedule, "uri", "/", "/[!-\"$-~]{0,4095}", context));
        TargetPath parsed = new TargetPath();
        if (!parsed.parse(target.array(), target.arrayOffset(), target.arrayOffset() + target.length())) {
            throw context.error("uri", "The \"uri\" value is not the target of a request.");
        }
        AsciiString path = new AsciiString(parsed.path(), parsed.pathStart(), parsed.pathEnd() - parsed.pathStart(),
            true);
        AsciiString query = !parsed.hasQuery() ? AsciiString.EMPTY_STRING : new AsciiString(target.array(),
            parsed.queryStart(), parsed.queryEnd() - parsed.queryStart(), true);
        byte[] body = schedule.get("body").map(value -> value instanceof ConfString text ? text.bytes() : null)
            .orElse(new byte[0]);
        if (body == null) {
            throw context.error("body", "The \"body\" value must be a string.");
        }
        int port = host.lastIndexOf(':') > host.lastIndexOf(']') ? host.lastIndexOf(':') : host.length();
        return new OwnRequest(AsciiString.of(method), AsciiString.of(host),
            AsciiString.of(host.substring(0, port).toLowerCase(Locale.ROOT)), target, path, query, parsed.hasQuery(),
            fields(schedule, host, body.length, context), body);
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
