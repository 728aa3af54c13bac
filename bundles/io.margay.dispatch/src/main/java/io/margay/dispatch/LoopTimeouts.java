// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

/**
 * {@code limits.timeout} for the requests of one loop ({@code spec/app-dispatch.md §5.1}). The time begins when a
 * worker notes the request in its slot, which is looked at now and then, so a timeout may come one look late.
 */
final class LoopTimeouts {

    private static final long LOOKS = 10;
    private static final long SHORTEST = 20;
    private static final long LONGEST = 500;
    private static final long NANOS = 1_000_000;

    private final AppPool pool;
    private final PoolLoop loop;
    private final long timeout;
    private final long interval;
    private boolean armed;

    LoopTimeouts(AppPool pool, PoolLoop loop) {
        this.pool = pool;
        this.loop = loop;
        this.timeout = pool.spec().timeoutMillis() * NANOS;
        this.interval = Math.max(SHORTEST, Math.min(LONGEST, pool.spec().timeoutMillis() / LOOKS));
    }

    /** A request was sent. */
    void arm() {
        if (timeout > 0 && !armed) {
            armed = true;
            loop.engine().schedule(interval, this::look);
        }
    }

    /** Something of the request arrived. */
    void touch(Outstanding entry) {
        if (timeout > 0) {
            entry.sinceNanos = now();
        }
    }

    private void look() {
        armed = false;
        long now = now();
        for (Channel channel : pool.channels()) {
            Slots slots = channel.slots;
            for (int slot = slots.high() - 1; slot >= 0; slot--) {
                int stream = slots.stream(slot);
                Outstanding entry = stream != 0 && slots.loop(slot) == loop.index() ? loop.find(stream) : null;
                if (entry != null && entry.sinceNanos == 0) {
                    entry.sinceNanos = now;
                }
            }
        }
        loop.table().forEach(entry -> {
            if (entry.sinceNanos != 0 && now - entry.sinceNanos >= timeout) {
                loop.fail(entry);
            }
        });
        if (!loop.table().isEmpty()) {
            arm();
        }
    }

    /** Never 0, which stands for "not yet". */
    private static long now() {
        return System.nanoTime() | 1;
    }
}
