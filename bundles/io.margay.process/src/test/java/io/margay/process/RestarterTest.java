// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RestarterTest {

    private final Mates mates = new Mates();
    private boolean exiting;
    private boolean broken;
    private int starts;
    private Restarter restarter;
    private ProcessEntry router;

    @BeforeEach
    void manage() {
        restarter = new Restarter(mates.loop, () -> exiting, mates.lines).manage("router", () -> {
            if (broken) {
                throw new IllegalStateException("no memory");
            }
            starts++;
        });
        router = mates.add(10, "router");
    }

    @AfterEach
    void close() {
        mates.close();
    }

    @Test
    void whatHasServedIsStartedAtOnceEachTime() {
        restarter.first("router");
        for (int i = 2; i < 12; i++) {
            restarter.died(router);
            assertEquals(i, starts);
        }
        assertEquals(List.of(), mates.lines.all);
    }

    @Test
    void whatFailsBeforeItServesIsStartedWithPauses() {
        restarter.first("router");
        ProcessEntry young = mates.add(12, "router", ProcessState.CREATING, mates.main);
        restarter.died(young);
        assertEquals(1, starts);
        mates.loop.advance(99);
        assertEquals(1, starts);
        mates.loop.advance(1);
        assertEquals(2, starts);
        assertEquals(List.of("warn router is started again in 100 ms"), mates.lines.all);
    }

    @Test
    void aFailedRestartIsTriedAgainWithoutSpinning() {
        restarter.first("router");
        broken = true;
        restarter.died(router);
        mates.loop.advance(1_000_000);
        long failures = mates.lines.all.stream()
            .filter(line -> line.equals("alert failed to restart router: no memory")).count();
        assertEquals(true, failures > 100 && failures < 300, "failures: " + failures);
        broken = false;
        mates.loop.advance(Backoff.CAP_MILLIS);
        assertEquals(2, starts);
    }

    @Test
    void anotherStartMayTakeItsTimeAndFail() {
        List<CompletableFuture<Void>> again = new ArrayList<>();
        restarter.manage("controller", () -> { }, () -> {
            again.add(new CompletableFuture<>());
            return again.getLast();
        });
        restarter.died(mates.add(11, "controller"));
        assertEquals(1, again.size());
        again.getFirst().completeExceptionally(new IllegalStateException("no disk"));
        assertEquals(List.of("alert failed to restart controller: no disk",
            "warn controller is started again in 100 ms"), mates.lines.all);
        mates.loop.advance(100);
        assertEquals(2, again.size());
        again.getLast().complete(null);
        mates.loop.advance(Backoff.CAP_MILLIS);
        assertEquals(2, again.size());
    }

    @Test
    void theFirstStartFailsLoudly() {
        broken = true;
        assertThrows(IllegalStateException.class, () -> restarter.first("router"));
        assertEquals(0, mates.loop.armed());
    }

    @Test
    void nothingIsStartedWhileTheServerEnds() {
        restarter.first("router");
        restarter.died(mates.add(12, "router", ProcessState.CREATING, mates.main));
        exiting = true;
        mates.loop.advance(1000);
        restarter.died(router);
        restarter.died(mates.add(11, "controller"));
        assertEquals(1, starts);
    }
}
