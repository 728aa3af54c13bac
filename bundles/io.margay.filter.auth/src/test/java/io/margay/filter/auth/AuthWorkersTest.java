// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for whom. */
@Timeout(60)
class AuthWorkersTest {
    private final CountDownLatch answers = new CountDownLatch(1);

    private void hang() {
        try {
            answers.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As the resolver does while no name server answers. */
    @Test
    void serversThatDoNotAnswerHoldNothingElseUp() throws Exception {
        AuthWorkers workers = new AuthWorkers();
        try {
            CompletableFuture<Void> last = null;
            for (int i = 0; i < 100; i++) {
                last = CompletableFuture.runAsync(this::hang, workers.servers());
            }
            CompletableFuture.runAsync(() -> { }, workers.files()).get(30, TimeUnit.SECONDS);
            CompletableFuture.runAsync(() -> { }, workers.passwords()).get(30, TimeUnit.SECONDS);
            CompletableFuture.runAsync(() -> { }, workers.tokens()).get(30, TimeUnit.SECONDS);
            answers.countDown();
            last.get(30, TimeUnit.SECONDS);
        } finally {
            workers.deactivate();
        }
    }

    @Test
    void whatWaitsIsBounded() {
        AuthWorkers workers = new AuthWorkers();
        try {
            assertThrows(RejectedExecutionException.class, () -> {
                for (int i = 0; i < 1000; i++) {
                    workers.servers().execute(this::hang);
                }
            });
        } finally {
            workers.deactivate();
        }
    }
}
