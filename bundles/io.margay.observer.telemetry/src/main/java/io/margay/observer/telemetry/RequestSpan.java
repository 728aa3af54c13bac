// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.margay.http.ResponseFilter;
import io.margay.http.ResponseHead;
import io.margay.http.Timings;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The span of one request, from its begin to its end, and what the response says of it. On the loop of the request. */
final class RequestSpan implements ResponseFilter, Exchange.DoneListener {
    static final AsciiString PARENT = AsciiString.cached("traceparent");
    static final AsciiString STATE = AsciiString.cached("tracestate");

    private static final int LONGEST = 1024;
    private static final int ERROR = 500;
    private static final long MILLI = 1_000_000;
    private static final String HTTP = "HTTP/";

    private final Tracing tracing;
    private final TraceContext context;
    private final Optional<TraceContext> parent;
    private final AsciiString state;
    private final long begin;
    private final long start;

    /**
     * Begins.
     *
     * @param context of this span
     * @param parent what the request has named
     * @param state the valid {@code tracestate}; empty for none
     */
    RequestSpan(Tracing tracing, Exchange exchange, TraceContext context, Optional<TraceContext> parent,
                AsciiString state) {
        this.tracing = tracing;
        this.context = context;
        this.parent = parent;
        this.state = state;
        long now = System.nanoTime();
        Timings timings = exchange.timings();
        this.begin = timings.has(Timings.Stage.BEGIN) ? Math.min(now, timings.at(Timings.Stage.BEGIN)) : now;
        this.start = System.currentTimeMillis() * MILLI - (now - begin);
    }

    @Override
    public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
        head.set(PARENT, parent.orElse(context).text());
        if (!state.isEmpty()) {
            head.set(STATE, state);
        }
        return Optional.empty();
    }

    @Override
    public void done(Exchange exchange, boolean complete) {
        Request request = exchange.request();
        List<Span.Attribute> all = new ArrayList<>();
        add(all, "http.request.method", request.method());
        add(all, "url.path", request.path());
        add(all, "url.scheme", request.scheme());
        String version = request.version().toString();
        all.add(Span.Attribute.of("network.protocol.version",
            version.startsWith(HTTP) ? version.substring(HTTP.length()) : version));
        int agent = request.find(KnownField.USER_AGENT);
        add(all, "user_agent.original", agent < 0 ? AsciiString.EMPTY_STRING : request.value(agent));
        add(all, "server.address", request.host());
        add(all, "client.address", request.remote().text());
        if (request.contentLength() > 0) {
            all.add(Span.Attribute.of("http.request.body.size", request.contentLength()));
        }
        if (exchange.status() > 0) {
            all.add(Span.Attribute.of("http.response.status_code", exchange.status()));
        }
        String application = exchange.timings().application();
        if (!application.isEmpty()) {
            all.add(Span.Attribute.of("unit.application.name", application));
            tracing.type(application).ifPresent(type -> all.add(Span.Attribute.of("unit.application.type", type)));
        }
        tracing.offer(new Span(context, parent.map(TraceContext::span).orElse(0L), state.toString(), "request", start,
            start + System.nanoTime() - begin, exchange.status() >= ERROR, all));
    }

    private static void add(List<Span.Attribute> all, String key, AsciiString value) {
        if (!value.isEmpty()) {
            all.add(Span.Attribute.of(key, new String(value.array(), value.arrayOffset(),
                Math.min(value.length(), LONGEST), StandardCharsets.UTF_8)));
        }
    }
}
