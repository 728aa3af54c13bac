// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.log.ErrorLog;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Something that is read from elsewhere, again and again. What is held stays until something newer could be read. Safe
 * for all threads, none of which waits.
 *
 * @param <T> what is read, immutable
 */
final class Source<T> {
    /** Between two attempts, whatever is asked for. */
    static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * Reads.
     *
     * @param <T> what is read
     */
    interface Loader<T> {
        /** Called on one thread at a time, which it may hold up for some seconds; empty if nothing has changed. */
        Optional<T> load() throws IOException;
    }

    /**
     * What was read.
     *
     * @param number which of them it is, from 1 on
     */
    record Held<T>(T value, long number) {
    }

    private final Loader<T> loader;
    private final Executor executor;
    private final long interval;
    private final ErrorLog log;
    private final String name;
    private volatile Optional<Held<T>> held;
    /** When the last attempt was begun; guarded by this, as what follows. */
    private volatile long tried;
    private Optional<CompletableFuture<Held<T>>> running = Optional.empty();
    private boolean failing;

    /**
     * A source.
     *
     * @param name what is read, for the log
     * @param first what was read already, if anything was
     * @param interval nanoseconds after which it is read again
     */
    Source(String name, Optional<T> first, long interval, Loader<T> loader, Executor executor, ErrorLog log) {
        this.name = name;
        this.held = first.map(value -> new Held<>(value, 1));
        this.interval = interval;
        this.loader = loader;
        this.executor = executor;
        this.log = log;
        this.tried = System.nanoTime() - (first.isPresent() ? 0 : PAUSE_NANOS);
    }

    /** One that never changes. */
    static <T> Source<T> fixed(T value, ErrorLog log) {
        return new Source<>("", Optional.of(value), Long.MAX_VALUE, Optional::empty, Runnable::run, log);
    }

    /** What is held now. When it is old, something newer is looked for meanwhile. */
    Optional<Held<T>> current(long now) {
        if (now - tried >= (held.isPresent() ? interval : PAUSE_NANOS)) {
            newer(held.map(Held::number).orElse(0L), now);
        }
        return held;
    }

    /**
     * Looks for something newer than that of a number, if it is time to.
     *
     * @return completes with what is held then, newer or not, on any thread; fails if nothing is
     */
    synchronized CompletableFuture<Held<T>> newer(long number, long now) {
        if (running.isPresent()) {
            return running.get();
        }
        if (held.isPresent() && held.get().number() > number
            || now - tried < Math.min(PAUSE_NANOS, interval) || interval == Long.MAX_VALUE) {
            return held.map(CompletableFuture::completedFuture).orElseGet(() ->
                CompletableFuture.failedFuture(new IOException(name + " could not be read")));
        }
        tried = now;
        CompletableFuture<Held<T>> result = new CompletableFuture<>();
        running = Optional.of(result);
        try {
            executor.execute(() -> load(result));
        } catch (RejectedExecutionException e) {
            running = Optional.empty();
            result.completeExceptionally(e);
        }
        return result;
    }

    private void load(CompletableFuture<Held<T>> result) {
        Optional<Held<T>> found = held;
        Optional<String> fault = Optional.empty();
        try {
            found = loader.load().map(value -> new Held<>(value, held.map(Held::number).orElse(0L) + 1)).or(() -> held);
        } catch (IOException | RuntimeException | LinkageError | StackOverflowError e) {
            fault = Optional.of(String.valueOf(e.getMessage()));
        }
        finish(result, found, fault);
        if (found.isPresent()) {
            result.complete(found.get());
        } else {
            result.completeExceptionally(new IOException(name + " could not be read: " + fault.orElse("nothing")));
        }
    }

    private synchronized void finish(CompletableFuture<Held<T>> result, Optional<Held<T>> found,
            Optional<String> fault) {
        held = found;
        running = Optional.empty();
        if (fault.isPresent() && !failing) {
            log.error(name + " cannot be read: " + fault.get() + (found.isPresent() ? "; that of before is used" : ""));
        } else if (fault.isEmpty() && failing) {
            log.notice(name + " is read again");
        }
        failing = fault.isPresent();
    }
}
