// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import io.margay.log.ErrorLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Exports spans in batches, on a thread of its own that begins with the first one. What waits is bounded: what is more
 * is dropped and counted, since no request may wait for a collector. The log is told once when spans begin to get lost,
 * not more often than each minute that they still do, and once, with their number, when that is over. Loops offer.
 */
final class Exporter {
    /** Spans that may wait. */
    static final int MOST = 4096;
    /** A batch that is not full goes after this time. */
    static final long DELAY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int EXPORT_MILLIS = 10_000;
    private static final int LAST_MILLIS = 1_000;
    private static final long LAST_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long FIRST_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(30);
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Sender sender;
    private final TelemetryOptions options;
    private final String version;
    private final ErrorLog log;
    private final Queue<Span> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread thread;
    private final AtomicInteger started = new AtomicInteger();
    private volatile boolean closing;
    private volatile long deadline;
    // Of the thread.
    private long pause = FIRST_PAUSE;
    private boolean failing;
    private long told;

    Exporter(TelemetryOptions options, Sender sender, String version, ErrorLog log) {
        this.options = options;
        this.sender = sender;
        this.version = version;
        this.log = log;
        this.thread = Thread.ofPlatform().daemon().name("telemetry").unstarted(this::run);
    }

    /** Takes a span, or drops it. On any thread; neither waits nor blocks. */
    void offer(Span span) {
        if (closing || size.get() >= MOST) {
            dropped.incrementAndGet();
            return;
        }
        waiting.add(span);
        int now = size.incrementAndGet();
        if (now == 1 || now == options.batch()) {
            if (started.get() == 0 && started.compareAndSet(0, 1)) {
                thread.start();
            }
            LockSupport.unpark(thread);
        }
    }

    /** Spans that were dropped so far. */
    long dropped() {
        return dropped.get();
    }

    /** Exports what waits, within two seconds, and ends. Does not wait; the stage completes on any thread. */
    CompletionStage<Void> close() {
        deadline = System.nanoTime() + LAST_NANOS;
        closing = true;
        if (started.compareAndSet(0, 1)) {
            ended.complete(null);
        } else {
            LockSupport.unpark(thread);
        }
        return ended;
    }

    private void run() {
        try {
            while (!closing || size.get() > 0 && System.nanoTime() - deadline < 0) {
                if (size.get() == 0) {
                    LockSupport.park(this);
                } else {
                    gather();
                    export();
                }
            }
            lose(drain(MOST).size());
            if (failing || dropped.get() > 0) {
                log.error(dropped.get() + " spans were not exported to \"" + options.endpoint() + "\"");
            }
        } catch (RuntimeException | LinkageError e) {
            closing = true;
            log.alert("spans are not exported any more: " + e);
        } finally {
            ended.complete(null);
        }
    }

    /** Waits for a full batch, for a while. */
    private void gather() {
        long end = System.nanoTime() + DELAY_NANOS;
        while (!closing && size.get() < options.batch()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                break;
            }
            LockSupport.parkNanos(this, left);
        }
    }

    private List<Span> drain(int most) {
        List<Span> batch = new ArrayList<>();
        Span span = waiting.poll();
        while (span != null) {
            batch.add(span);
            span = batch.size() < most ? waiting.poll() : null;
        }
        size.addAndGet(-batch.size());
        return batch;
    }

    private void export() {
        List<Span> batch = drain(options.batch());
        try {
            sender.send(SpanEncoder.encode(batch, options, version), closing ? LAST_MILLIS : EXPORT_MILLIS);
            pause = FIRST_PAUSE;
            if (failing) {
                failing = false;
                log.error("spans are exported again; " + dropped.getAndSet(0) + " were dropped");
            }
        } catch (IOException | RuntimeException e) {
            lose(batch.size());
            complain(e);
            rest();
        }
    }

    private void lose(int count) {
        dropped.addAndGet(count);
    }

    private void complain(Exception e) {
        long now = System.nanoTime();
        if (!failing || now - told >= SILENCE_NANOS) {
            log.error("spans cannot be exported to \"" + options.endpoint() + "\": " + e.getMessage() + "; "
                + (failing ? dropped.get() + " are dropped so far" : "they are dropped"));
            told = now;
        }
        failing = true;
    }

    /** A collector that is down is not asked all the time. */
    private void rest() {
        long end = System.nanoTime() + pause;
        pause = Math.min(2 * pause, LONGEST_PAUSE);
        while (!closing && end - System.nanoTime() > 0) {
            LockSupport.parkNanos(this, end - System.nanoTime());
        }
    }
}
