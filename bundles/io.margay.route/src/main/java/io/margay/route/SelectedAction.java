// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.http.Exchange;
import io.margay.http.ReportedException;
import io.margay.http.TargetPath;
import io.margay.http.Timings;
import io.margay.log.ErrorLog;
import io.netty.util.AsciiString;
import java.util.Optional;

/** An action object: what all kinds have in common, and the action of its kind. */
final class SelectedAction implements Action {
    private static final int MOST_HOPS = 256;

    private final Optional<Template> rewrite;
    private final Filters filters;
    private final boolean timed;
    private final ErrorLog log;

    private final Source source;
    /** Made when it is asked for; requests of several loops make equal ones at worst. */
    private String place;

    /**
     * What it was compiled from.
     *
     * @param at its place in the configuration
     * @param kind the option that makes it the action that it is
     * @param object all of it
     */
    record Source(ConfPointer at, String kind, ConfObject object) {
    }

    /** Creates an action; {@code timed} if somebody observes when the routes have chosen it. */
    SelectedAction(Optional<Template> rewrite, Filters filters, boolean timed, ErrorLog log, Source source) {
        this.source = source;
        this.rewrite = rewrite;
        this.filters = filters;
        this.timed = timed;
        this.log = log;
    }

    @Override
    public void run(Exchange exchange) {
        if (exchange.hop() > MOST_HOPS) {
            log.error("a request was passed on more than " + MOST_HOPS + " times");
            exchange.fail(500);
            return;
        }
        exchange.dropFilters();
        if (!rewrite(exchange)) {
            exchange.fail(500);
            return;
        }
        // An action that passes on is followed by another, which replaces this one.
        exchange.timings().route(place());
        if (timed || exchange.loop().probe() != null) {
            exchange.mark(Timings.Stage.ROUTE);
        }
        filters.run(exchange);
    }

    @Override
    public boolean streams() {
        return true;
    }

    private String place() {
        String known = place;
        if (known == null) {
            known = source.at().toString();
            place = known;
        }
        return known;
    }

    Source source() {
        return source;
    }

    Filters filters() {
        return filters;
    }

    /** Rewrites the path of a request, if that is configured; false if the new one is invalid. */
    boolean rewrite(Exchange exchange) {
        try {
            return rewrite.isEmpty() || rewrite(exchange, rewrite.get().evaluate(exchange));
        } catch (ReportedException e) {
            return false;
        }
    }

    private boolean rewrite(Exchange exchange, AsciiString value) {
        TargetPath target = new TargetPath();
        int start = value.arrayOffset();
        for (int i = 0; i < value.length(); i++) {
            byte c = value.byteAt(i);
            if (c == 0 || c == '\r' || c == '\n') {
                return false;
            }
        }
        if (!target.parse(value.array(), start, start + value.length())) {
            return false;
        }
        exchange.path(new AsciiString(target.path(), target.pathStart(), target.pathEnd() - target.pathStart(),
            true));
        if (exchange.settings().logRoute()) {
            log.notice("URI rewritten to \"" + exchange.request().path() + "\"");
        }
        return true;
    }
}
