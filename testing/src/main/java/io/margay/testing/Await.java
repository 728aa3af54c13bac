// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what another thread or process does. */
public final class Await {

    private static final long NANOS = 1_000_000_000L;
    private static final long STEP = 2_000_000L;

    private Await() {
    }

    /** Waits until a condition holds, and fails with the reason when it does not in 20 s. */
    public static void until(String reason, BooleanSupplier condition) {
        until(() -> reason, condition);
    }

    /** The same with a reason that is worth making only when it is told. */
    public static void until(Supplier<String> reason, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 20 * NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain: " + reason.get());
            }
            LockSupport.parkNanos(STEP);
        }
    }
}
