// SPDX-License-Identifier: Apache-2.0
package io.margay.action.metrics;

import io.margay.conf.ConfObject;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.Request;
import io.margay.route.Action;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/** Answers with the metrics, which are put together on the control thread: their size must hold up no client. */
final class MetricsAction implements Action {
    /** So many may wait for the control thread at once: who asks more often gets 503. */
    private static final int MOST = 16;
    private static final int OK = 200;
    private static final int NOT_ALLOWED = 405;
    private static final int UNAVAILABLE = 503;
    private static final AsciiString ACCEPT = AsciiString.cached("accept");
    private static final Fields NO_STORE = Fields.of("Cache-Control", "no-store");
    private static final AsciiString TYPE = AsciiString.cached("Content-Type");

    private final Report report;
    private final Executor control;
    private final Semaphore waiting = new Semaphore(MOST);

    MetricsAction(Report report, Executor control) {
        this.report = report;
        this.control = control;
    }

    @Override
    public void run(Exchange exchange) {
        Request request = exchange.request();
        if (!request.isGet() && !request.isHead()) {
            exchange.fail(NOT_ALLOWED);
            return;
        }
        if (!waiting.tryAcquire()) {
            exchange.fail(UNAVAILABLE);
            return;
        }
        Exposition.Format format = Exposition.Format.of(accept(request));
        try {
            control.execute(() -> answer(exchange, format));
        } catch (RejectedExecutionException e) {
            waiting.release();
            exchange.fail(UNAVAILABLE);
        }
    }

    private static String accept(Request request) {
        StringBuilder all = new StringBuilder();
        for (int i = request.find(ACCEPT, 0); i >= 0; i = request.find(ACCEPT, i + 1)) {
            all.append(request.value(i)).append(',');
        }
        return all.toString();
    }

    private void answer(Exchange exchange, Exposition.Format format) {
        try {
            byte[] text = report.text(format, ConfObject.EMPTY).getBytes(StandardCharsets.UTF_8);
            exchange.loop().netty().execute(() -> exchange.respond(OK,
                NO_STORE.and(TYPE, AsciiString.of(format.type())), text));
        } catch (RuntimeException | LinkageError e) {
            exchange.loop().log().alert("metrics could not be put together: " + e);
            exchange.loop().netty().execute(() -> exchange.fail(UNAVAILABLE));
        } finally {
            waiting.release();
        }
    }
}
