// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are given to workers, by the policy that all wires share. */
class PushPoolTest extends PoolStage {

    private FakeWire.FakeWorker worker(int index) {
        return wire.workers.get(index);
    }

    @Test
    void answers() {
        started("");
        assertEquals("200 101", send(0).await());
        assertEquals("200 101", send(1).await());
        await("nothing is counted", () -> status().equals("1 0 0"));
    }

    @Test
    void givesAWorkerAsManyAsItTakesAndKeepsTheOrderOfTheOthers() {
        wire = new FakeWire(2);
        wire.answers = false;
        started("");
        List<FakeRequest> requests = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            requests.add(send(0));
        }
        await("all came", () -> status().equals("1 0 5"));
        assertEquals(2, worker(0).busy);
        for (int i = 0; i < 5; i++) {
            run(0, worker(0)::answerNext);
            assertEquals("200 101", requests.get(i).await());
        }
    }

    @Test
    void startsWorkersForWaitingRequestsUpToTheMost() {
        wire.answers = false;
        started("'processes':{'max':3,'idle_timeout':0}");
        List<FakeRequest> requests = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            requests.add(send(i % 2));
        }
        await("three", () -> status().equals("3 0 5"));
        wire.answers = true;
        await("all have one", () -> wire.alive().stream().allMatch(each -> each.busy == 1));
        wire.alive().forEach(each -> run(0, each::answerNext));
        requests.forEach(request -> assertTrue(request.await().startsWith("200 ")));
        await("idle ones leave", () -> status().equals("0 0 0"));
    }

    @Test
    void keepsSpareWorkersAndEndsThoseThatAreIdleForLongest() {
        wire.answers = false;
        started("'processes':{'max':4,'spare':2,'idle_timeout':0}");
        assertEquals("2 0 0", status());
        FakeRequest first = send(0);
        await("a spare one for the busy one", () -> status().equals("3 0 1"));
        run(0, worker(0)::answerNext);
        first.await();
        await("two", () -> status().equals("2 0 0"));
        assertTrue(wire.alive().contains(worker(0)), "the one that was busy last");
    }

    @Test
    void withASpareOneAndATimeToBeIdleThereIsOneAfterAllThatHappens() {
        wire.answers = false;
        started("'processes':{'max':3,'spare':1,'idle_timeout':1}");
        assertEquals("1 0 0", status());
        FakeRequest first = send(0);
        await("a spare one beside the busy one", () -> status().equals("2 0 1"));
        FakeRequest second = send(1);
        await("the most there may be", () -> status().equals("3 0 2"));
        await("both have theirs", () -> wire.alive().stream().mapToInt(each -> each.busy).sum() == 2);
        wire.alive().stream().filter(each -> each.busy == 1).forEach(each -> run(0, each::answerNext));
        first.await();
        second.await();
        await("the surplus ones leave in time", () -> status().equals("1 0 0"));
        FakeWire.FakeWorker left = wire.alive().getFirst();
        run(0, left::kill);
        await("a spare one in its place", () -> status().equals("1 0 0") && !left.alive);
        FakeWire.FakeWorker spare = wire.alive().getFirst();
        pool.restart().toCompletableFuture().join();
        await("a new one alone", () -> status().equals("1 0 0") && wire.alive().size() == 1 && !spare.alive
            && pool.generations().size() == 1);
        wire.answers = true;
        assertEquals("200 " + wire.alive().getFirst().pid, send(0).await());
        await("nobody more in the end", () -> status().equals("1 0 0") && wire.alive().size() == 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void replacesWorkersAfterSoManyRequests(int limit) {
        started("'limits':{'requests':" + limit + "}");
        Set<String> pids = new HashSet<>();
        for (int i = 0; i < 12; i++) {
            pids.add(send(i % 2).await());
        }
        assertEquals(12 / limit, pids.size());
    }

    @Test
    void givesTheNextRequestToTheWorkerWithMostRoom() {
        wire = new FakeWire(3);
        wire.answers = false;
        started("'processes':2");
        List<FakeRequest> requests = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            requests.add(send(0));
        }
        await("two each", () -> worker(0).busy == 2 && worker(1).busy == 2);
        run(0, worker(1)::answerNext);
        run(0, worker(1)::answerNext);
        requests.add(send(0));
        await("the one that has less to do", () -> worker(1).busy == 1);
        for (FakeWire.FakeWorker each : wire.workers) {
            while (each.busy > 0) {
                run(0, each::answerNext);
            }
        }
        requests.forEach(request -> assertTrue(request.await().startsWith("200 ")));
    }

    @Test
    void givesWhatAWorkerDeclinesToAnother() {
        wire.answers = false;
        started("'processes':{'max':2,'spare':1}");
        FakeRequest request = send(0);
        await("it is given", () -> worker(0).busy == 1);
        run(0, worker(0)::declines);
        await("to the other", () -> wire.workers.size() == 2 && worker(1).busy == 1);
        FakeRequest next = send(1);
        run(0, worker(1)::answerNext);
        assertEquals("200 102", request.await());
        await("as is the next, since the first is given nothing more", () -> worker(1).busy == 1);
        run(1, worker(1)::answerNext);
        assertEquals("200 102", next.await());
    }

    @Test
    void replacesWhoTakesNothingAndLivesOn() {
        wire.answers = false;
        started("'processes':1");
        FakeRequest request = send(0);
        await("it is given", () -> worker(0).busy == 1);
        run(0, worker(0)::declines);
        await("to another, which comes for it", () -> wire.workers.size() == 2 && worker(1).busy == 1);
        run(0, worker(1)::answerNext);
        assertEquals("200 102", request.await());
        await("the first is told to leave", () -> !worker(0).alive);
        assertTrue(log.toString().contains("of \"blog\" takes no connections any more and is replaced"),
            log.toString());
        assertEquals(1, pool.status().running());
    }

    @Test
    void failsWhatADeadWorkerHad() {
        wire.answers = false;
        started("'processes':2");
        FakeRequest lost = send(0);
        await("it is given", () -> wire.workers.stream().anyMatch(each -> each.busy == 1));
        FakeWire.FakeWorker busy = wire.workers.stream().filter(each -> each.busy == 1).findFirst().orElseThrow();
        wire.answers = true;
        run(0, busy::end);
        assertEquals("503", lost.await());
        await("another one", () -> status().equals("2 0 0"));
        assertTrue(send(1).await().startsWith("200 "));
    }

    @Test
    void bothTheWaitInTheQueueAndTheWorkAreLimited() {
        wire.answers = false;
        started("'limits':{'timeout':1}");
        long begin = System.nanoTime();
        FakeRequest running = send(0);
        FakeRequest waiting = send(1);
        assertEquals("503", running.await());
        assertEquals("503", waiting.await());
        long millis = (System.nanoTime() - begin) / 1_000_000;
        assertTrue(millis >= 1000 && millis < 5000, millis + " ms");
        await("the stuck worker is replaced", () -> !worker(0).alive && status().equals("1 0 0"));
        assertTrue(log.toString().contains("app process 101 of \"blog\" is killed"), log.toString());
    }

    @Test
    void aRestartDoesNotWaitForWorkersThatHang() {
        wire.answers = false;
        started("'processes':2,'limits':{'stop_timeout':1}");
        List<FakeRequest> hung = List.of(send(0), send(0));
        await("both are busy", () -> worker(0).busy + worker(1).busy == 2);
        FakeRequest waiting = send(1);
        wire.answers = true;
        pool.restart().toCompletableFuture().join();
        assertEquals(2, pool.status().running());
        String answer = waiting.await();
        assertTrue(answer.equals("200 103") || answer.equals("200 104"), answer);
        hung.forEach(request -> assertEquals("503", request.await()));
        await("the old ones are gone", () -> wire.alive().size() == 2 && pool.status().detached() == 0);
        assertTrue(log.toString().contains("has done nothing for 1 s"), log.toString());
    }

    @Test
    void theOldOneServesUntilTheNewOneDoes() {
        started("");
        wire.start = "hangs";
        CompletableFuture<Void> restarted = pool.restart().toCompletableFuture();
        await("the new one is on its way", () -> wire.workers.size() == 2);
        for (int i = 0; i < 5; i++) {
            assertEquals("200 101", send(0).await());
        }
        assertFalse(restarted.isDone());
        worker(1).hangs = false;
        run(0, worker(1)::ready);
        restarted.join();
        assertEquals("200 102", send(0).await());
        await("the old one is gone", () -> !worker(0).alive && pool.generations().size() == 1);
    }

    @Test
    void theNewestOfTwoRestartsCounts() {
        started("'processes':2");
        wire.start = "hangs";
        CompletableFuture<Void> first = pool.restart().toCompletableFuture();
        await("two are on their way", () -> wire.workers.size() == 4);
        wire.start = "ready";
        pool.restart().toCompletableFuture().join();
        first.join();
        String answer = send(0).await();
        assertTrue(answer.equals("200 105") || answer.equals("200 106"), answer);
        run(0, worker(2)::kill);
        run(0, worker(3)::kill);
        await("one generation is left", () -> wire.alive().size() == 2 && pool.generations().size() == 1);
    }

    @Test
    void aNewOneThatDoesNotStartLeavesNobody() {
        started("");
        wire.start = "fails";
        assertThrows(CompletionException.class, pool.restart().toCompletableFuture()::join);
        assertEquals("503", send(0).await());
        await("the old one is gone", () -> !worker(0).alive && status().equals("0 0 0"));
        wire.start = "ready";
        await("it comes back", () -> send(0).await().startsWith("200 "));
    }

    @Test
    void withoutSpareWorkersOneIsStartedOnlyWhenSomeServe() {
        started("'processes':{'max':2,'spare':0,'idle_timeout':60}");
        pool.restart().toCompletableFuture().join();
        assertEquals(0, wire.workers.size());
        assertEquals("200 101", send(0).await());
        pool.restart().toCompletableFuture().join();
        assertEquals("200 102", send(0).await());
    }

    @Test
    void aRestartLetsRequestsFinish() {
        wire.answers = false;
        started("");
        FakeRequest running = send(0);
        await("it runs", () -> worker(0).busy == 1);
        pool.restart().toCompletableFuture().join();
        assertEquals(1, pool.status().detached());
        run(0, worker(0)::answerNext);
        assertEquals("200 101", running.await());
        await("the old one is gone", () -> !worker(0).alive && pool.generations().size() == 1);
    }

    @Test
    void aRestartTellsWhenTheNewProcessesDoNotStart() {
        started("");
        wire.start = "fails";
        assertEquals("it does not want to", pool.restart().handle((ok, failure) ->
            failure.getCause() == null ? failure.getMessage() : failure.getCause().getMessage())
            .toCompletableFuture().join());
        wire.start = "ready";
    }

    @Test
    void hangingWorkersDoNotKeepAnApplicationThatIsNotConfiguredAnyMore() {
        wire.answers = false;
        started("'limits':{'stop_timeout':1}");
        FakeRequest hung = send(0);
        await("it runs", () -> worker(0).busy == 1);
        pool.supersede();
        assertEquals("503", hung.await());
        pool.retire().toCompletableFuture().join();
        assertTrue(wire.alive().isEmpty());
    }

    @Test
    void aWorkerThatLiesIsKilledAndItsGenerationRenewed() {
        wire.answers = false;
        started("'processes':2");
        FakeRequest lied = send(0);
        await("it runs", () -> worker(0).busy + worker(1).busy == 1);
        (worker(0).busy == 1 ? worker(0) : worker(1)).lies();
        assertEquals("503", lied.await());
        await("two others", () -> wire.alive().size() == 2 && !worker(0).alive && !worker(1).alive);
        assertTrue(log.toString().contains("of \"blog\" is killed: it lies"), log.toString());
    }

    /** As when a prototype that workers have ruined takes what it was told to start along with it. */
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "2, 2"})
    void requestsWaitForAnotherGenerationWhenOneThatHasServedStartsNobody(int processes, int failures) {
        started("'processes':" + processes);
        // A worker of no use: from the next start that fails on, there are pauses.
        run(0, worker(0)::end);
        await("all are there again", () -> pool.status().running() == processes);
        wire.answers = false;
        List<FakeWire.FakeWorker> before = wire.alive();
        List<FakeRequest> running = before.stream().map(worker -> send(0)).toList();
        await("they are busy", () -> before.stream().allMatch(worker -> worker.busy == 1));
        FakeRequest waiting = send(1);
        await("all came", () -> pool.status().active() == processes + 1);
        for (int i = 0; i < failures; i++) {
            wire.next.add("fails");
        }
        wire.answers = true;
        run(0, () -> before.forEach(FakeWire.FakeWorker::end));
        running.forEach(request -> assertEquals("503", request.await()));
        assertTrue(waiting.await().startsWith("200 "), log::toString);
        assertTrue(wire.next.isEmpty(), "starts failed");
    }

    @Test
    void countsClientsThatDoNotWait() {
        wire.answers = false;
        started("");
        FakeRequest running = send(0);
        FakeRequest waiting = send(0);
        await("both came", () -> pool.status().active() == 2);
        run(0, waiting::leave);
        run(0, running::leave);
        assertEquals(2, pool.status().cancelled());
        assertEquals(0, pool.status().active());
        assertEquals(List.of("job 1"), worker(0).cancelled);
        FakeRequest next = send(0);
        await("the next one is with it", () -> worker(0).jobs.size() == 2);
        run(0, worker(0)::answerNext);
        run(0, worker(0)::answerNext);
        assertEquals("200 101", next.await());
    }

    @ParameterizedTest
    @CsvSource({"fails,it does not want to", "dies,its processes exit as soon as they are ready",
        "hangs,it did not become ready within 1 second (option \"limits.start_timeout\")"})
    void startsEndWhenWorkersDoNotServe(String how, String reason) {
        wire.start = how;
        String shown = make("'processes':3,'limits':{'start_timeout':1}").start().handle((ok, failure) ->
            failure == null ? "" : (failure.getCause() == null ? failure : failure.getCause()).getMessage())
            .toCompletableFuture().join();
        assertTrue(reason.startsWith(shown) || shown.startsWith(reason), shown);
        await("nobody is left", () -> wire.alive().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"4096,200 101", "4097,431"})
    void boundsTheNumberOfFields(int count, String answer) {
        started("");
        assertEquals(answer, send(0, new FakeRequest(count)).await());
    }
}
