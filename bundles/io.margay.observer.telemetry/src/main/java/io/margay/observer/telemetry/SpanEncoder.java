// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Spans as an {@code ExportTraceServiceRequest} of OTLP 1.x: numbers of fields are those of
 * {@code opentelemetry/proto/trace/v1/trace.proto} and {@code common/v1/common.proto}.
 */
final class SpanEncoder {
    private static final int SERVER = 2;
    private static final int STATUS_ERROR = 2;

    private SpanEncoder() {
    }

    /**
     * One request with all of them.
     *
     * @param options tell whose spans they are
     * @param version that of the server
     */
    static byte[] encode(List<Span> spans, TelemetryOptions options, String version) {
        Protobuf resource = new Protobuf();
        attribute(resource, 1, Span.Attribute.of("service.name", options.service()));
        attribute(resource, 1, Span.Attribute.of("service.version", version));
        options.resource().forEach((name, value) -> attribute(resource, 1, Span.Attribute.of(name, value)));
        Protobuf scope = new Protobuf().message(1, new Protobuf().text(1, "margay").text(2, version));
        spans.forEach(span -> scope.message(2, span(span)));
        Protobuf all = new Protobuf().message(1, resource).message(2, scope);
        return new Protobuf().message(1, all).toBytes();
    }

    private static Protobuf span(Span span) {
        TraceContext context = span.context();
        byte[] trace = ByteBuffer.allocate(2 * Long.BYTES).putLong(context.high()).putLong(context.low()).array();
        Protobuf out = new Protobuf().bytes(1, trace, trace.length).bytes(2, id(context.span()), Long.BYTES)
            .text(3, span.state());
        if (span.parent() != 0) {
            out.bytes(4, id(span.parent()), Long.BYTES);
        }
        out.text(5, span.name()).number(6, SERVER).fixed(7, span.start()).fixed(8, span.end());
        span.attributes().forEach(attribute -> attribute(out, 9, attribute));
        if (span.error()) {
            out.message(15, new Protobuf().number(3, STATUS_ERROR));
        }
        return out;
    }

    private static byte[] id(long id) {
        return ByteBuffer.allocate(Long.BYTES).putLong(id).array();
    }

    private static void attribute(Protobuf out, int field, Span.Attribute attribute) {
        Protobuf value = attribute.text() == null ? new Protobuf().number(3, attribute.number())
            : new Protobuf().text(1, attribute.text());
        out.message(field, new Protobuf().text(1, attribute.key()).message(2, value));
    }
}
