// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what another thread or process does. */
final class Await {

    private static final long NANOS = 1_000_000_000L;
    private static final long STEP = 2_000_000L;

    private Await() {
    }

    static void until(String reason, BooleanSupplier condition) {
        until(() -> reason, condition);
    }

    static void until(Supplier<String> reason, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 20 * NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("waited in vain: " + reason.get());
            }
            LockSupport.parkNanos(STEP);
        }
    }
}
