// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;

/** When a certificate is to be had next. All times have some chance in them, so that servers do not come together. */
final class Timing {
    private static final Duration FIRST = Duration.ofMinutes(2);
    private static final Duration LONGEST = Duration.ofHours(24);
    /** However short certificates live, nobody is asked more often. */
    private static final Duration SHORTEST = Duration.ofSeconds(5);
    private static final Duration LOOK_SHORTEST = Duration.ofMinutes(1);
    private static final int DOUBLINGS = 10;
    private static final int JITTER = 30;

    private Timing() {
    }

    /**
     * When a certificate is renewed: after two thirds of its life, or a little later.
     *
     * @param random from 0 to 1
     */
    static Instant renewal(Instant from, Instant until, Instant now, DoubleSupplier random) {
        long life = Duration.between(from, until).toMillis();
        Instant due = from.plusMillis(life / 3 * 2 + (long) (life / JITTER * random.getAsDouble()));
        Instant soonest = now.plus(SHORTEST);
        return due.isBefore(soonest) ? soonest : due;
    }

    /**
     * When a certificate is renewed of which the authority says when (RFC 9773 §4.2).
     *
     * @param random from 0 to 1
     */
    static Instant within(RenewalWindow window, Instant now, DoubleSupplier random) {
        long length = Math.max(0, Duration.between(window.start(), window.end()).toMillis());
        Instant due = window.start().plusMillis((long) (length * random.getAsDouble()));
        Instant soonest = now.plus(SHORTEST);
        return due.isBefore(soonest) ? soonest : due;
    }

    /** When the authority is asked again what it said: neither at once nor never. */
    static Instant look(Instant asked, Instant now) {
        Instant soonest = now.plus(LOOK_SHORTEST);
        Instant latest = now.plus(LONGEST);
        return asked.isBefore(soonest) ? soonest : asked.isAfter(latest) ? latest : asked;
    }

    /**
     * How long to wait after failures.
     *
     * @param failures one after the other, at least 1
     * @param asked by the authority
     */
    static Duration pause(int failures, Duration asked, DoubleSupplier random) {
        long millis = Math.min(FIRST.toMillis() << Math.min(failures - 1, DOUBLINGS), LONGEST.toMillis());
        long longer = Math.max(millis, asked.toMillis());
        return Duration.ofMillis(longer + (long) (longer / 4 * random.getAsDouble()));
    }
}
