// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import io.margay.http.Exchange;
import io.margay.http.HttpLoop;
import io.margay.log.ErrorLog;
import io.margay.log.LogOpener;
import io.margay.posix.Fd;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One open access log, shared by the configurations that name it, each of which {@linkplain #use uses} it until it
 * {@linkplain #release lets go}. On the control thread, but for {@link #write}.
 */
final class LogFile {
    private final String path;
    private final LogOpener opener;
    private final ErrorLog log;
    private final Growth growth;
    private final LogWriter writer;
    private final AutoCloseable reopening;
    private volatile LoopLines[] loops = {};
    private int users = 1;

    private LogFile(String path, Fd file, LogOpener opener, ErrorLog log) {
        this.path = path;
        this.opener = opener;
        this.log = log;
        this.growth = new Growth(rotation -> opener.rotate(path, rotation.size(), rotation.keep()));
        this.writer = new LogWriter(file, path, log, growth);
        this.reopening = opener.onReopen(this::reopen);
    }

    /** Opens a file, which the caller uses then. */
    static CompletionStage<LogFile> open(String path, LogOpener opener, ErrorLog log) {
        return opener.open(path).thenApply(file -> new LogFile(path, file, opener, log));
    }

    String path() {
        return path;
    }

    LogWriter writer() {
        return writer;
    }

    /** One user more. */
    LogFile use() {
        users++;
        return this;
    }

    /**
     * One user less; the last one closes the file when all lines are written.
     *
     * @return completes, on any thread, when the file is closed or has other users
     */
    CompletionStage<Void> release() {
        if (--users > 0) {
            return CompletableFuture.completedStage(null);
        }
        try {
            reopening.close();
        } catch (Exception e) {
            log.alert("the access log \"" + path + "\" could not be let go: " + e);
        }
        CompletableFuture<?>[] ends = Arrays.stream(loops).filter(Objects::nonNull)
            .map(each -> each.end().toCompletableFuture()).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(ends).thenCompose(handed -> writer.close());
    }

    /** Main tells in the log why a file cannot be opened; the old one stays then. */
    private void reopen() {
        use();
        opener.open(path).whenComplete((file, failure) -> {
            if (file != null) {
                writer.replace(file);
            }
            release();
        });
    }

    /** Adds the line of a request, and says from which size on the file is rotated. On its loop. */
    void write(Exchange exchange, LogFormat format, Rotation rotation) {
        growth.limit(rotation);
        HttpLoop loop = exchange.loop();
        LoopLines[] all = loops;
        LoopLines own = loop.index() < all.length ? all[loop.index()] : null;
        if (own == null || !own.isOf(loop)) {
            own = begin(loop);
        }
        own.add(exchange, format);
    }

    private synchronized LoopLines begin(HttpLoop loop) {
        LoopLines[] all = Arrays.copyOf(loops, Math.max(loops.length, loop.index() + 1));
        LoopLines before = all[loop.index()];
        if (before != null) {
            // A loop of the same number has ended.
            before.end();
        }
        all[loop.index()] = new LoopLines(loop, writer);
        loops = all;
        return all[loop.index()];
    }
}
