// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

/**
 * {@code limits.timeout} for the requests of one loop ({@code spec/app-dispatch.md §5.1}), which bounds the wait in the
 * queue and then the silence of the worker. Where workers pull, the time of the worker begins when it notes the
 * request, which is looked at now and then, so a timeout may come one look late.
 */
final class Timeouts {

    private static final long LOOKS = 10;
    private static final long SHORTEST = 20;
    private static final long LONGEST = 500;
    private static final long NANOS = 1_000_000;

    private final AppPool pool;
    private final PoolLoop loop;
    private final long timeout;
    private final long interval;
    private boolean armed;

    Timeouts(AppPool pool, PoolLoop loop) {
        this.pool = pool;
        this.loop = loop;
        this.timeout = pool.spec().timeoutMillis() * NANOS;
        this.interval = Math.max(SHORTEST, Math.min(LONGEST, pool.spec().timeoutMillis() / LOOKS));
    }

    /** A request came. */
    void arrived(Job job) {
        if (timeout > 0) {
            job.since = now();
            arm();
        }
    }

    /** Something of the request arrived, or it was taken. */
    void touch(Job job) {
        if (timeout > 0) {
            job.since = now();
        }
    }

    private void arm() {
        if (!armed) {
            armed = true;
            loop.engine().schedule(interval, this::look);
        }
    }

    private void look() {
        armed = false;
        for (WireGeneration generation : pool.generations()) {
            generation.look(loop.index(), (id, worker) -> loop.find(id)
                .filter(job -> job.state() == Job.State.QUEUED).ifPresent(job -> job.taken(worker, null)));
        }
        long now = now();
        loop.forEach(job -> {
            if (now - job.since >= timeout) {
                job.worker().ifPresent(pool::stuck);
                job.fail();
            }
        });
        if (!loop.isEmpty()) {
            arm();
        }
    }

    /** Never 0. */
    private static long now() {
        return System.nanoTime() | 1;
    }
}
