// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Processes;
import io.margay.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers that hang, lie, or answer what no client can take, and clients that do not wait; with real processes. */
class HostileWorkerTest {

    @TempDir
    private Path directory;
    private final TestMain main = new TestMain(2);

    @AfterEach
    void stop() {
        main.close();
    }

    private void start(String options) {
        main.pool(options).start().toCompletableFuture().join();
    }

    private TestRequest begin(String uri) {
        TestRequest request = new TestRequest(uri);
        main.loops.loop(1).execute(() -> main.pool.submit(1, request));
        return request;
    }

    private void leave(TestRequest request) {
        main.loops.loop(1).execute(request::leave);
        Await.until("it is cancelled", () -> main.pool.status().active() == 0);
    }

    @ParameterizedTest
    @CsvSource({"/parts", "/partswrite", "/endless"})
    void aWorkerStopsWhenTheClientHasLeft(String uri) {
        start("\"processes\":1");
        TestRequest request = begin(uri);
        Await.until("it streams", () -> request.received > 2000);
        leave(request);
        assertEquals("Hello world\n", main.get("/hello").text());
        assertEquals(1, main.pool.status().cancelled());
        assertEquals("", main.errors().lines().filter(line -> line.contains("[error]")).findFirst().orElse(""));
        assertEquals("1 0 1 0", main.status());
    }

    @Test
    void aWaitingRequestIsNotServedWhenItsClientHasLeft() {
        start("\"processes\":1");
        assertEquals(200, main.get("/call").status());
        TestRequest running = begin("/sleep?0.5");
        TestRequest waiting = begin("/call");
        TestRequest last = begin("/made");
        main.loops.loop(1).execute(waiting::leave);
        assertEquals(200, running.await().status());
        assertEquals("1", last.await().text());
        assertEquals(1, main.pool.status().cancelled());
    }

    @ParameterizedTest
    @CsvSource({"000+x,503", "0+x,503", "100+Continue,503", "101+x,503", "199+x,503", "200+OK,200", "999+x,999",
        "1000+x,500"})
    void takesTheStatusesThatAResponseCanHave(String status, int answer) {
        start("\"processes\":1");
        assertEquals(answer, main.get("/status?" + status).status());
        assertEquals(answer == 503 ? 1 : 0, main.log.stream().filter(line ->
            line.contains("which no response can have")).count());
        assertEquals("Hello world\n", main.get("/hello").text());
        assertEquals("1 0 1 0", main.status());
    }

    @ParameterizedTest
    @CsvSource({"/many?70000,10485760,200", "/many?6500,65536,502", "/start?huge,65536,502", "/start?huge,75000,200",
        "/many?10,1024,200"})
    void boundsResponseHeads(String uri, int limit, int status) {
        start("\"processes\":1,\"limits\":{\"response_head\":" + limit + "}");
        TestRequest.Answer answer = main.get(uri);
        assertEquals(status, answer.status());
        assertEquals(status == 200 ? "fine" : "", answer.text());
        assertEquals(status == 502 ? 1 : 0, main.log.stream().filter(line -> line.contains("response_head")).count());
        if (uri.startsWith("/many?70000")) {
            assertEquals(70_000, answer.fields().lines().count());
        }
        assertEquals("Hello world\n", main.get("/hello").text());
    }

    @Test
    void aWorkerThatWritesIntoItsDescriptorsIsReplaced() {
        start("\"processes\":1");
        for (int i = 0; i < 2; i++) {
            long begin = System.nanoTime();
            int status = main.get("/garbage").status();
            assertTrue(status == 502 || status == 503, status + " " + main.logged());
            assertEquals("Hello world\n", main.get("/hello").text());
            assertTrue(System.nanoTime() - begin < 15_000_000_000L, "at once");
        }
        Await.until("the old prototypes are gone", () -> main.prototypeCount() == 1);
        Await.until("one worker is left", () -> main.status().equals("1 0 1 0"));
        assertEquals(1, main.generations().size());
        assertTrue((main.logged() + main.errors()).contains("is killed: it sent something"), main.logged());
    }

    /** It would answer for the other one, and take requests of which nobody knows who has them. */
    @ParameterizedTest
    @CsvSource({"call", "list", "parts"})
    void aForkedProcessDoesNotServe(String where) {
        start("\"processes\":1");
        assertEquals("one", main.get("/forks?" + where).text());
        Await.until("it says so", () -> main.errors().contains("[error]")
            && main.errors().contains("a process forked by the application returned from its request; it ends"));
        String pid = main.get("/pid").text();
        for (int i = 0; i < 20; i++) {
            assertEquals(pid, main.get("/pid").text());
        }
    }

    /** Its process lives on, and nothing would ever be heard of it. */
    @ParameterizedTest
    @CsvSource({"/become?now", "/become?later"})
    void aWorkerThatBecomesAnotherProgramIsReplaced(String uri) {
        start("\"processes\":1,\"limits\":{\"stop_timeout\":1}");
        int before = Integer.parseInt(main.get("/pid").text());
        assertEquals(uri.endsWith("later") ? 200 : 503, main.get(uri).status());
        Await.until("it is named", () -> (main.logged() + main.errors()).contains("app process " + before
            + " of \"test\" is killed: it has closed its sockets or become another program"));
        assertEquals("Hello world\n", main.get("/hello").text());
        Await.until("it is gone", () -> ProcessHandle.of(before).isEmpty());
    }

    /** The queue is never empty, and no later request of its loop tells that it is not in there any more. */
    @Test
    void aRequestThatVanishedIsFoundWhileAnotherLoopKeepsTheQueueFull() {
        start("\"processes\":1");
        TestRequest thief = begin("/steal");
        Await.until("it runs", () -> busy() == 1);
        TestRequest victim = new TestRequest("/victim");
        main.loops.loop(0).execute(() -> main.pool.submit(0, victim));
        assertEquals(503, thief.await().status());
        Deque<TestRequest> load = new ArrayDeque<>();
        Await.until("it is known to be lost", () -> {
            while (load.size() < 4) {
                load.add(begin("/sleep?0.03"));
            }
            assertEquals(200, load.remove().await().status());
            return victim.answer.isDone();
        });
        assertEquals(503, victim.await().status());
        load.forEach(request -> assertEquals(200, request.await().status()));
    }

    @Test
    void aRestartDoesNotWaitForWorkersThatHang() {
        start("\"processes\":2,\"limits\":{\"stop_timeout\":1}");
        List<TestRequest> hung = List.of(begin("/sleep?1000"), begin("/sleep?1000"));
        Await.until("both are busy", () -> hung.size() == busy());
        int before = Processes.openDescriptors().length;
        main.pool.restart().toCompletableFuture().join();
        assertEquals(2, main.pool.status().running());
        assertEquals("Hello world\n", main.get("/hello").text());
        hung.forEach(request -> assertEquals(503, request.await().status()));
        Await.until("the old ones are gone", () -> main.pool.status().detached() == 0
            && main.generations().size() == 1 && main.prototypeCount() == 1);
        Await.until("nothing stays open", () -> Processes.openDescriptors().length <= before);
    }

    private int busy() {
        Slots slots = main.current().slots();
        int busy = 0;
        for (int slot = 0; slot < slots.high(); slot++) {
            busy += slots.stream(slot) != 0 ? 1 : 0;
        }
        return busy;
    }

    @Test
    void aPythonPathOfTheConfigurationCounts() throws Exception {
        Files.writeString(directory.resolve("elsewhere.py"), "def application(environ, start_response):\n"
            + "    start_response('200 OK', [])\n    return [b'elsewhere']\n");
        start("\"module\":\"elsewhere\",\"path\":[],\"environment\":{\"PYTHONPATH\":\"" + directory + "\"}");
        assertEquals("elsewhere", main.get("/").text());
    }

    @Test
    void aNameOfAnyLengthWillDo() {
        main.pool("\"processes\":1", "n".repeat(1 << 20)).start().toCompletableFuture().join();
        assertEquals("Hello world\n", main.get("/hello").text());
    }
}
