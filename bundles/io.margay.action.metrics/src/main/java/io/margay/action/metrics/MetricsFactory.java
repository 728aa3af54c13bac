// SPDX-License-Identifier: Apache-2.0
package io.margay.action.metrics;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.dispatch.PoolHost;
import io.margay.http.HttpLoops;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.RouteCompiler;
import io.margay.status.AskedInspector;
import io.margay.status.Handover;
import io.margay.status.Inspector;
import io.margay.status.Inspectors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The action {@code metrics}, the inspector of that name, by which the control API gets the same text in pieces, and
 * the counters behind both, which the next router goes on with.
 */
@Component(service = {ActionFactory.class, Inspector.class, Handover.class})
public final class MetricsFactory implements ActionFactory, AskedInspector, Handover {
    static final String NAME = "metrics";
    /** Characters of a piece; each may become six bytes, and an answer of an inspector is bounded. */
    static final int PIECE = 128 << 10;

    private static final int KEPT = 4;

    /** A text that is fetched in pieces. */
    private record Kept(long id, String text) {
    }

    private final Meter meter = new Meter(System::nanoTime);
    private final Report report;
    private final Executor control;
    private final AutoCloseable loops;
    private final Deque<Kept> kept = new ArrayDeque<>();
    private long last;

    /** Looks at the loops, and counts nothing yet. */
    @Activate
    public MetricsFactory(@Reference HttpLoops loops, @Reference PoolHost host, @Reference Inspectors inspectors) {
        this.control = host.control();
        this.report = new Report(meter, inspectors);
        this.loops = loops.each(meter::add);
    }

    /** Requests pay nothing any more. */
    @Deactivate
    public void stop() throws Exception {
        loops.close();
        meter.stop();
    }

    @Override
    public String option() {
        return NAME;
    }

    @Override
    public Set<String> options() {
        return Set.of(NAME);
    }

    @Override
    public Action compile(ConfObject action, RouteCompiler compiler) {
        if (compiler.member(NAME).filter(Conf.of("prometheus")::equals).isEmpty()) {
            throw compiler.error(NAME, "The \"metrics\" value must be \"prometheus\".");
        }
        meter.start();
        return new MetricsAction(report, control);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Conf dump() {
        return ConfObject.builder().put("counting", meter.isOn()).put("usage", "GET /control/metrics").build();
    }

    /**
     * A question is an object: {@code format}, and {@code processes} with what those have shown, begins a text and
     * gives its {@code id}, its {@code size} and the first piece; {@code id} and {@code offset} give another piece.
     */
    @Override
    public synchronized Conf answer(String question) {
        ConfObject asked = read(question);
        Kept text;
        if (asked.has("id")) {
            long id = asked.integer("id", 0);
            text = kept.stream().filter(one -> one.id() == id).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("The text is not there any more."));
        } else {
            meter.start();
            Exposition.Format format = asked.string("format").filter("openmetrics"::equals).isPresent()
                ? Exposition.Format.OPENMETRICS : Exposition.Format.PROMETHEUS;
            text = new Kept(++last, report.text(format, asked.object("processes").orElse(ConfObject.EMPTY)));
            kept.add(text);
            if (kept.size() > KEPT) {
                kept.remove();
            }
        }
        int from = Math.clamp(asked.integer("offset", 0), 0, text.text().length());
        int to = Math.min(text.text().length(), from + PIECE);
        return ConfObject.builder().put("id", text.id()).put("size", text.text().length())
            .put("text", text.text().substring(from, to)).build();
    }

    private static ConfObject read(String question) {
        try {
            return ConfParser.parse(question.getBytes(StandardCharsets.UTF_8)) instanceof ConfObject object ? object
                : ConfObject.EMPTY;
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException("The question is an object.", e);
        }
    }

    @Override
    public Optional<Conf> give() {
        return meter.isOn() ? Optional.of(meter.news().toConf()).filter(told -> !told.equals(ConfObject.EMPTY))
            .map(Conf.class::cast) : Optional.empty();
    }

    @Override
    public void take(Conf given) {
        meter.take(Sums.read(given));
    }
}
