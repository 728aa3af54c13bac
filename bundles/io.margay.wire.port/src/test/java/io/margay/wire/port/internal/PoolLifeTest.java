// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Descriptors;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.posix.Sockets;
import io.margay.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Start, death and end of workers under requests, with real processes. */
class PoolLifeTest {

    private final TestMain main = new TestMain(2);

    @AfterEach
    void stop() {
        main.close();
    }

    private void start(String options) {
        main.pool(options).start().toCompletableFuture().join();
    }

    private List<TestRequest> send(String uri, int count) {
        List<TestRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TestRequest request = new TestRequest(uri);
            int loop = i % 2;
            main.loops.loop(loop).execute(() -> main.pool.submit(loop, request));
            requests.add(request);
        }
        return requests;
    }

    private static void assertAll(int status, List<TestRequest> requests) {
        for (TestRequest request : requests) {
            assertEquals(status, request.await().status());
        }
    }

    @Test
    void startsStaticWorkersAtOnce() {
        start("\"processes\":3");
        assertEquals("3 0 3 0", main.status());
        Set<String> pids = new HashSet<>();
        send("/sleep?0.2", 3).forEach(request -> pids.add(request.await().text()));
        assertEquals(3, pids.size());
    }

    @Test
    void startsWorkersOnDemandAndStopsThem() {
        start("\"processes\":{\"max\":3,\"idle_timeout\":0}");
        assertEquals("0 0 0 0", main.status());
        assertEquals(0, main.prototypeCount());
        List<TestRequest> requests = send("/sleep?0.3", 6);
        Await.until("all three are started", () -> main.pool.status().running() == 3);
        assertAll(200, requests);
        Await.until("the idle ones are stopped", () -> main.pool.status().running() == 0);
        assertEquals(200, main.get("/hello").status());
        assertFalse(main.errors().contains("alert"), main.errors());
    }

    @Test
    void keepsSpareWorkers() {
        start("\"processes\":{\"max\":4,\"spare\":2,\"idle_timeout\":0}");
        assertEquals(2, main.pool.status().running());
        List<TestRequest> requests = send("/sleep?0.4", 2);
        Await.until("two more are ready while two are busy", () -> main.pool.status().running() == 4);
        assertAll(200, requests);
        Await.until("two are left", () -> main.pool.status().running() == 2);
    }

    @Test
    void losesNothingInARestartUnderLoad() {
        start("\"processes\":2");
        List<TestRequest> requests = new ArrayList<>();
        Set<String> pids = new HashSet<>();
        for (int round = 0; round < 5; round++) {
            requests.addAll(send("/sleep?0.002", 200));
            main.pool.restart();
        }
        for (TestRequest request : requests) {
            TestRequest.Answer answer = request.await();
            assertEquals(200, answer.status(), () -> main.errors() + main.logged());
            pids.add(answer.text());
        }
        assertTrue(pids.size() >= 3, pids.toString());
        Await.until("the old generations are gone", () -> main.prototypeCount() == 1);
        assertEquals(1, main.generations().size());
        Await.until("nothing is counted any more", () -> main.pool.status().active() == 0);
    }

    @Test
    void replacesKilledWorkersAndFailsOnlyWhatTheyHad() {
        start("\"processes\":2");
        Set<String> pids = new HashSet<>();
        send("/sleep?0.1", 2).forEach(request -> pids.add(request.await().text()));
        List<TestRequest> running = send("/sleep?5", 1);
        Await.until("one worker has it", () -> slots() == 1);
        List<TestRequest> more = send("/sleep?5", 1);
        Await.until("the other one too", () -> slots() == 2);
        List<TestRequest> queued = send("/hello", 300);
        pids.forEach(pid -> Processes.kill(Integer.parseInt(pid), Signals.SIGKILL));
        assertAll(503, running);
        assertAll(503, more);
        assertAll(200, queued);
        Await.until("both are replaced", () -> main.status().equals("2 0 2 0"));
        assertTrue(main.errors().contains("exited on signal 9"), main.errors());
    }

    @Test
    void missesARequestThatAWorkerTookAndDidNotNote() {
        start("\"processes\":1");
        List<TestRequest> running = send("/sleep?5", 1);
        Await.until("the worker has it", () -> slots() == 1);
        List<TestRequest> queued = send("/hello", 4);
        PortGeneration channel = main.current();
        Await.until("they are in the socket", () -> Descriptors.unsent(channel.request()) > 0);
        NativeBuffer in = new NativeBuffer();
        assertTrue(Sockets.receive(channel.requestRead(), in.segment).length() > 0);
        Processes.kill(channel.workers.keySet().iterator().next(), Signals.SIGKILL);
        assertAll(503, running);
        assertEquals(1, queued.stream().filter(request -> request.await().status() == 503).count());
        Await.until("nothing is counted", () -> main.pool.status().active() == 0);
    }

    @Test
    void endsWorkersWithoutAPrototype() {
        start("\"processes\":2");
        Processes.kill(main.current().prototype.orElseThrow(), Signals.SIGKILL);
        Await.until("the death is known", () -> main.current().prototype.isEmpty());
        List<Integer> workers = List.copyOf(main.current().workers.keySet());
        assertEquals(200, main.get("/hello").status());
        main.pool.restart();
        for (int worker : workers) {
            Path process = Path.of("/proc/" + worker);
            Await.until("they leave", () -> isGone(process));
            // Main watches workers as well, since their prototype cannot report them any more.
            main.pool.workerGone(worker, 0);
        }
        assertEquals(200, main.get("/hello").status());
    }

    private static boolean isGone(Path process) {
        try {
            return Files.readString(process.resolve("stat")).contains(") Z ");
        } catch (IOException e) {
            return true;
        }
    }

    private int slots() {
        Slots slots = main.current().slots();
        int busy = 0;
        for (int slot = 0; slot < slots.high(); slot++) {
            busy += slots.stream(slot) != 0 ? 1 : 0;
        }
        return busy;
    }

    @ParameterizedTest
    @CsvSource({"exit,exited with code 3", "osexit,exited with code 4", "kill,exited on signal 9"})
    void survivesTheEndOfAWorker(String how, String log) {
        start("\"processes\":1");
        for (int i = 0; i < 3; i++) {
            assertEquals(503, main.get("/wrong?" + how).status());
            assertEquals(200, main.get("/hello").status());
        }
        assertTrue(main.errors().contains(log), main.errors());
    }

    @Test
    void answersEveryRequestWhileWorkersAreKilled() {
        start("\"processes\":2");
        List<TestRequest> requests = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
            requests.addAll(send("/hello", 300));
            requests.addAll(send("/wrong?kill", 1));
        }
        int failed = 0;
        for (TestRequest request : requests) {
            failed += request.await().status() == 200 ? 0 : 1;
        }
        assertEquals(10, failed);
        Await.until("nothing is counted any more", () -> main.pool.status().active() == 0);
    }

    @Test
    void runsRequestsInThreads() {
        start("\"processes\":1,\"threads\":4,\"thread_stack_size\":65536");
        long begin = System.nanoTime();
        List<TestRequest> requests = send("/sleep?0.5", 4);
        assertAll(200, requests);
        assertTrue(System.nanoTime() - begin < 1_500_000_000L, "one after the other");
        assertTrue(main.get("/environ").text().contains("\"wsgi.multithread\": true"));
        List<TestRequest> many = send("/hello", 1000);
        main.pool.restart();
        assertAll(200, many);
        List<TestRequest> last = send("/sleep?0.01", 40);
        main.pool.restart();
        assertAll(200, last);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "7,1", "5,3"})
    void replacesWorkersAfterSoManyRequests(int limit, int threads) {
        start("\"limits\":{\"requests\":" + limit + "},\"threads\":" + threads);
        Set<String> pids = new HashSet<>();
        for (TestRequest request : send("/pid", 40)) {
            TestRequest.Answer answer = request.await();
            assertEquals(200, answer.status());
            pids.add(answer.text());
        }
        assertEquals((40 + limit - 1) / limit, pids.size());
    }

    @Test
    void startsAnotherPrototypeWhenOneDies() {
        start("\"processes\":1");
        int prototype = main.current().prototype.orElseThrow();
        String worker = main.get("/pid").text();
        Processes.kill(prototype, Signals.SIGKILL);
        Await.until("the death is known", () -> main.prototypeCount() == 0);
        Processes.kill(Integer.parseInt(worker), Signals.SIGKILL);
        // A process that is being killed may still take a request with it.
        Await.until("it is dead", () -> isGone(Path.of("/proc/" + worker)));
        // Main watches workers as well, since their prototype cannot report them any more.
        main.pool.workerGone(Integer.parseInt(worker), 0);
        assertEquals(200, main.get("/hello").status());
        assertEquals(1, main.prototypeCount());
    }

    @Test
    void limitsTheTimeOfARequest() {
        start("\"limits\":{\"timeout\":1},\"processes\":2");
        long begin = System.nanoTime();
        List<TestRequest> late = send("/sleep?3", 1);
        List<TestRequest> half = send("/half?3", 1);
        assertAll(503, late);
        TestRequest.Answer answer = half.getFirst().await();
        assertEquals("200 half false", answer.status() + " " + answer.text() + " " + answer.complete());
        long millis = (System.nanoTime() - begin) / 1_000_000;
        assertTrue(millis >= 1000 && millis < 2500, millis + " ms");
        Await.until("nothing is counted", () -> main.pool.status().active() == 0);
        List<TestRequest> next = send("/hello", 4);
        assertAll(200, next);
    }

    @Test
    void waitsForSlowClients() {
        start("\"processes\":1");
        TestRequest request = new TestRequest("/endless");
        request.writable = false;
        main.loops.loop(1).execute(() -> main.pool.submit(1, request));
        Await.until("the first part", () -> request.wake.isPresent());
        int before = request.received;
        // The context of this request blocks in its send, so another one needs another generation.
        main.pool.restart();
        assertEquals(before, request.received);
        request.writable = true;
        main.loops.loop(1).execute(request.wake.orElseThrow());
        Await.until("more parts", () -> request.received > 1_000_000);
        request.writable = false;
        Await.until("it stops again", () -> request.wake.isPresent());
        Processes.kill(pidOf(), Signals.SIGKILL);
        assertFalse(request.await().complete());
        assertEquals(200, main.get("/hello").status());
    }

    private int pidOf() {
        return main.generations().getFirst().workers.keySet().iterator().next();
    }

    @Test
    void queuesMoreThanTheSocketHolds() {
        start("\"processes\":1");
        List<TestRequest> requests = new ArrayList<>(send("/sleep?0.3", 1));
        requests.addAll(send("/hello", 5000));
        assertAll(200, requests);
    }

    @Test
    void choosesTargetsAndPrefixes() {
        start("\"module\":null,\"targets\":{\"a\":{\"module\":\"app\"},"
            + "\"b\":{\"module\":\"app\",\"callable\":\"prefixed\",\"prefix\":\"/pre/\"}}");
        assertEquals("Hello world\n", main.get("/hello").text());
        String[][] cases = {{"/pre/x", "/pre|/x"}, {"/pre", "/pre|"}, {"/prefix", "None|/prefix"}, {"/", "None|/"}};
        for (String[] each : cases) {
            TestRequest request = new TestRequest(each[0]);
            request.target = 1;
            assertEquals(each[1], main.send(request).await().text());
        }
    }

    @Test
    void leavesNoDescriptorOpen() {
        start("\"processes\":2,\"threads\":3");
        main.get("/hello");
        int before = Processes.openDescriptors().length;
        for (int i = 0; i < 5; i++) {
            main.pool.restart();
            assertEquals(200, main.get("/hello").status());
        }
        Await.until("all old sockets are closed", () -> Processes.openDescriptors().length <= before);
    }
}
