// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, with a reason and a deadline. */
final class Await {
    /** Long enough for two slow cores, short enough for an impatient developer. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The first pause; the longer it takes, the rarer a look at all processes disturbs what is waited for. */
    private static final long PAUSE_NANOS = 5_000_000;
    private static final long LONGEST_PAUSE_NANOS = 50_000_000;

    private Await() {
    }

    /** Waits until a condition holds. */
    static void until(String reason, Callable<Boolean> condition) {
        until(reason, PATIENCE, condition);
    }

    /** Waits until a condition holds; what it throws is not swallowed. */
    static void until(String reason, Duration patience, Callable<Boolean> condition) {
        value(reason, patience, () -> condition.call() ? Optional.of(true) : Optional.empty());
    }

    /** {@return the value as soon as there is one} */
    static <T> T value(String reason, Duration patience, Callable<Optional<T>> source) {
        long deadline = System.nanoTime() + patience.toNanos();
        long pause = PAUSE_NANOS;
        while (true) {
            Optional<T> value = call(reason, source);
            if (value.isPresent()) {
                return value.get();
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + patience.toMillis() + " ms: " + reason);
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(pause + pause / 4, LONGEST_PAUSE_NANOS);
        }
    }

    private static <T> T call(String reason, Callable<T> source) {
        try {
            return source.call();
        } catch (Exception e) {
            throw new AssertionError("while waiting: " + reason, e);
        }
    }
}
