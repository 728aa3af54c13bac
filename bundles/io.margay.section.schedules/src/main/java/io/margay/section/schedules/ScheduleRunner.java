// SPDX-License-Identifier: Apache-2.0
package io.margay.section.schedules;

import io.margay.dispatch.PoolHost;
import io.margay.engine.Generation;
import io.margay.engine.Timer;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpLoops;
import io.margay.http.OwnExchange;
import io.margay.log.ErrorLog;
import io.margay.status.Duty;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Makes the requests of one schedule of the configuration in force, until it is stopped. On the control thread. */
final class ScheduleRunner {
    /** Requests of one schedule at once, where they may overlap. */
    private static final int MOST = 16;
    private static final int FAILURE = 400;
    /** While another router may still have the duty it is asked again so often; a time that has come waits so long. */
    private static final long PAUSE_MILLIS = 100;
    private static final long PATIENCE_MILLIS = 30_000;
    /** A timer is not set for longer, since a clock may be put right meanwhile. */
    private static final long LONGEST_MILLIS = 60_000;

    /**
     * What runners work with.
     *
     * @param clock milliseconds since 1970
     * @param loops by their numbers; filled as loops come
     */
    record Parts(PoolHost host, HttpLoops http, Duty duty, ErrorLog log, LongSupplier clock,
                 Map<Integer, HttpLoop> loops) {

        long now() {
            return clock.getAsLong();
        }

        HttpLoop loop() {
            return List.copyOf(loops.values()).get(ThreadLocalRandom.current().nextInt(loops.size()));
        }
    }

    private final Schedule schedule;
    private final History history;
    private final Parts parts;
    private Optional<Timer> timer = Optional.empty();
    private boolean stopped;

    ScheduleRunner(Schedule schedule, History history, Parts parts) {
        this.schedule = schedule;
        this.history = history;
        this.parts = parts;
    }

    /** Waits for the next time. */
    void start() {
        long now = parts.now();
        long due = schedule.next(history.due, now);
        if (due == Long.MAX_VALUE) {
            history.next = 0;
            return;
        }
        long late = schedule.jitter() == 0 ? 0 : ThreadLocalRandom.current().nextLong(schedule.jitter() + 1);
        history.next = due + late;
        await(due, due + late);
    }

    private void await(long due, long at) {
        if (stopped) {
            return;
        }
        long left = at - parts.now();
        timer = Optional.of(left > 0
            ? parts.host().home().schedule(Math.min(left, LONGEST_MILLIS), () -> await(due, at))
            : parts.host().home().schedule(0, () -> come(due, at)));
    }

    private void come(long due, long at) {
        if (stopped) {
            return;
        }
        if (!parts.duty().isOurs() && parts.now() - at < PATIENCE_MILLIS) {
            timer = Optional.of(parts.host().home().schedule(PAUSE_MILLIS, () -> come(due, at)));
            return;
        }
        // The router before may have made this request, and said so.
        if (parts.duty().isOurs() && history.due < due) {
            history.due = due;
            begin();
        }
        start();
    }

    private void begin() {
        boolean free = history.running == 0 || schedule.overlap() == Schedule.Overlap.ALLOW && history.running < MOST;
        if (free && !parts.loops().isEmpty()) {
            run();
        } else if (schedule.overlap() == Schedule.Overlap.QUEUE) {
            history.queued = true;
        } else {
            history.skip();
        }
    }

    private void run() {
        history.running++;
        HttpLoop loop = parts.loop();
        HttpBinding binding = parts.http().binding(schedule.way());
        long begin = parts.now();
        try {
            loop.netty().execute(() -> request(loop, binding, begin));
        } catch (RejectedExecutionException e) {
            ended(begin, 0, 0, "the server is leaving");
        }
    }

    /** On the loop. */
    private void request(HttpLoop loop, HttpBinding binding, long begin) {
        Generation.Cell cell = binding.cell(loop);
        if (!cell.enter()) {
            tell(begin, 0, 0, "the configuration was changed");
            return;
        }
        OwnExchange exchange = new OwnExchange(loop, binding.settings(), schedule.request());
        boolean[] late = new boolean[1];
        ScheduledFuture<?> deadline = loop.netty().schedule(() -> {
            late[0] = true;
            exchange.abort();
        }, schedule.timeout(), TimeUnit.MILLISECONDS);
        exchange.onDone((done, complete) -> {
            deadline.cancel(false);
            tell(begin, done.status(), done.bodyBytesSent(), late[0] ? "timed out" : !complete ? "cut"
                : done.status() >= FAILURE ? "failed" : "ok");
            cell.leave();
        });
        try {
            binding.handler().handle(exchange);
        } catch (RuntimeException | LinkageError e) {
            parts.log().alert("a request of the schedule \"" + schedule.name() + "\" failed: " + e);
            exchange.fail(500);
        }
    }

    private void tell(long begin, int status, long bytes, String result) {
        parts.host().control().execute(() -> ended(begin, status, bytes, result));
    }

    private void ended(long begin, int status, long bytes, String result) {
        history.running--;
        boolean good = result.equals("ok");
        history.ended(begin, parts.now() - begin, status, bytes, result, good);
        if (!good) {
            parts.log().error("schedule \"" + schedule.name() + "\": the request " + (result.equals("failed")
                ? "was answered with " + status : "has no whole answer: " + result));
        }
        if (history.queued && !stopped && history.running == 0 && parts.duty().isOurs()) {
            history.queued = false;
            run();
        }
    }

    /** Makes no more requests; those that have begun go on. */
    void stop() {
        stopped = true;
        history.next = 0;
        history.queued = false;
        timer.ifPresent(Timer::cancel);
    }
}
