// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import io.margay.conf.ConfObject;
import io.margay.http.Exchange;
import io.margay.http.Request;
import io.margay.route.Observer;
import io.margay.route.Section;
import io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Traces the requests of one configuration (spec/routing.md §15). */
final class Tracing implements Section, Observer {
    private final Exporter exporter;
    private final long below;
    private final boolean all;
    private final Map<String, String> types = new HashMap<>();
    private final Runnable release;

    /**
     * Traces.
     *
     * @param ratio of the traces that begin here
     * @param applications as configured
     * @param release runs when the last request of the configuration is gone
     */
    Tracing(Exporter exporter, double ratio, ConfObject applications, Runnable release) {
        this.exporter = exporter;
        this.all = ratio >= 1;
        this.below = (long) (ratio * Long.MAX_VALUE);
        this.release = release;
        applications.members().forEach((name, value) -> {
            if (value instanceof ConfObject application) {
                application.string("type").ifPresent(type -> types.put(name, type));
            }
        });
    }

    @Override
    public boolean watchesBegin() {
        return true;
    }

    @Override
    public void begun(Exchange exchange) {
        Request request = exchange.request();
        int field = request.find(RequestSpan.PARENT, 0);
        // Two of them are none.
        Optional<TraceContext> parent = field < 0 || request.find(RequestSpan.PARENT, field + 1) >= 0
            ? Optional.empty() : TraceContext.parse(request.value(field));
        TraceContext context = parent.map(TraceContext::child).orElseGet(this::root);
        AsciiString state = parent.isPresent() ? state(request) : AsciiString.EMPTY_STRING;
        RequestSpan span = new RequestSpan(this, exchange, context, parent, state);
        exchange.requestField(RequestSpan.PARENT, Optional.of(context.text()));
        if (request.find(RequestSpan.STATE, 0) >= 0) {
            exchange.requestField(RequestSpan.STATE, Optional.of(state).filter(text -> !text.isEmpty()));
        }
        exchange.filter(span);
        if (context.sampled()) {
            exchange.onDone(span);
        }
    }

    private TraceContext root() {
        TraceContext root = TraceContext.root();
        // The lower half is as random as the whole, and the same for all who decide on it.
        return root.sampled(all || (root.low() & Long.MAX_VALUE) < below);
    }

    /** All fields together, if they are valid together. */
    private static AsciiString state(Request request) {
        AsciiString text = AsciiString.EMPTY_STRING;
        for (int i = request.find(RequestSpan.STATE, 0); i >= 0; i = request.find(RequestSpan.STATE, i + 1)) {
            text = text.isEmpty() ? request.value(i) : text.concat(",").concat(request.value(i));
        }
        return TraceState.isValid(text) ? new AsciiString(text.toByteArray(), false) : AsciiString.EMPTY_STRING;
    }

    @Override
    public void done(Exchange exchange, boolean complete) {
        // A request that is recorded has its span listen.
    }

    /** The configured type of an application. */
    Optional<String> type(String application) {
        return Optional.ofNullable(types.get(application));
    }

    void offer(Span span) {
        exporter.offer(span);
    }

    @Override
    public void close() {
        release.run();
    }
}
