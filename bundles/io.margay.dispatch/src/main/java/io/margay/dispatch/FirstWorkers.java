// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import java.util.concurrent.CompletableFuture;

/** Starts the workers that a pool has to have before it serves, one after the other. Home loop. */
final class FirstWorkers {

    /** Workers that may die meanwhile before the start of the application counts as failed. */
    private static final int MOST_DEATHS = 3;

    private final AppPool pool;
    private final int wanted;
    private final CompletableFuture<Void> result;

    FirstWorkers(AppPool pool, int wanted, CompletableFuture<Void> result) {
        this.pool = pool;
        this.wanted = wanted;
        this.result = result;
    }

    void next(int begun) {
        if (pool.staff().processes() >= wanted) {
            pool.started();
            result.complete(null);
            return;
        }
        if (begun - wanted >= MOST_DEATHS) {
            WorkerStartException failure = new WorkerStartException(
                "failed to start application \"" + pool.spec().title() + "\"",
                new WorkerStartException("its processes exit as soon as they are ready"));
            pool.log().warn(failure.getMessage());
            result.completeExceptionally(failure);
            return;
        }
        pool.staff().begin().whenComplete((ok, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            } else {
                next(begun + 1);
            }
        });
    }
}
