// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When workers that do not say so have taken requests. */
class ReckoningTest {
    private final List<FakeRequest> requests = new ArrayList<>();
    private final List<Job> jobs = new ArrayList<>();
    private int ended;
    private int contexts = 2;
    private final Reckoning reckoning = new Reckoning(this::hasRoom);

    private boolean hasRoom() {
        return jobs.size() - ended - reckoning.size() < contexts;
    }

    private void come() {
        FakeRequest request = new FakeRequest();
        Job job = new Job(null, jobs.size() + 1, request.request);
        requests.add(request);
        jobs.add(job);
        job.queued(jobs.size(), this);
        reckoning.add(job);
    }

    private void end(int index) {
        jobs.get(index).done();
        ended++;
        reckoning.settle();
    }

    private String taken() {
        StringBuilder taken = new StringBuilder();
        requests.forEach(request -> taken.append(request.marks.size()));
        return taken.toString();
    }

    @Test
    void theOldestFollowsWhoHasEnded() {
        for (int i = 0; i < 5; i++) {
            come();
        }
        assertEquals("11000 3", taken() + " " + reckoning.size());
        end(1);
        assertEquals("11100 2", taken() + " " + reckoning.size());
        // One that has left while it waited is nobody's work.
        end(3);
        end(0);
        assertEquals("11101 0", taken() + " " + reckoning.size());
        assertEquals(List.of("WORKER"), requests.getFirst().marks);
    }

    @Test
    void withoutWorkersEverythingWaits() {
        contexts = 0;
        come();
        come();
        assertEquals("00 2", taken() + " " + reckoning.size());
        // Workers are there, and the first answer tells of it.
        contexts = 2;
        end(0);
        assertEquals("01 0", taken() + " " + reckoning.size());
    }
}
