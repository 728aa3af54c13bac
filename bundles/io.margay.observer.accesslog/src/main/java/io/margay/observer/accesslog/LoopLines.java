// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import io.margay.http.Exchange;
import io.margay.http.HttpLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Lines of the requests of one loop, which are handed over together. On that loop. */
final class LoopLines {
    /** How long a line stays here, milliseconds. */
    static final int DELAY = 50;
    /** So many bytes are handed over at once. */
    private static final int FULL = 32 * 1024;

    private final HttpLoop loop;
    private final LogWriter writer;
    private final Runnable flush = this::flush;
    private LineBuffer lines = new LineBuffer();
    private boolean scheduled;

    LoopLines(HttpLoop loop, LogWriter writer) {
        this.loop = loop;
        this.writer = writer;
    }

    boolean isOf(HttpLoop other) {
        return loop == other;
    }

    /** Adds the line of a request; one that cannot be made is left out. */
    void add(Exchange exchange, LogFormat format) {
        int before = lines.size();
        boolean good = false;
        try {
            format.write(exchange, lines);
            lines.lineDone();
            good = true;
        } finally {
            if (!good) {
                lines.cut(before);
            }
        }
        if (lines.size() >= FULL) {
            lines = writer.take(lines);
        } else if (!scheduled) {
            scheduled = true;
            loop.netty().schedule(flush, DELAY, TimeUnit.MILLISECONDS);
        }
    }

    private void flush() {
        scheduled = false;
        if (lines.lines() > 0) {
            lines = writer.take(lines);
        }
    }

    /** Hands over what is here. On any thread; when the loop has ended, on this one. */
    CompletionStage<Void> end() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Runnable last = () -> {
            flush();
            done.complete(null);
        };
        try {
            loop.netty().execute(last);
        } catch (RejectedExecutionException e) {
            last.run();
        }
        return done;
    }
}
