// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.dispatch.AppPool;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts that fail or hang, with real processes. */
class PoolStartTest {

    private final TestMain main = new TestMain(2);

    @AfterEach
    void stop() {
        main.close();
    }

    private void start(String options) {
        main.pool(options).start().toCompletableFuture().join();
    }

    private void assertAll(int status, int count) {
        List<TestRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            requests.add(main.send(new TestRequest("/hello")));
        }
        requests.forEach(request -> assertEquals(status, request.await().status()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "\"module\":\"broken\"!Python failed to import module \"broken\"",
        "\"module\":\"missing\"!Python failed to import module \"missing\"",
        "\"callable\":\"missing\"!Python failed to get \"missing\" from module \"app\"",
        "\"callable\":\"number\"!\"number\" in module \"app\" is not a callable object",
        "\"callable\":\"number\",\"factory\":true!factory \"number\" in module \"app\" can not be called to fetch",
        "\"callable\":\"no_factory\",\"factory\":true!factory \"no_factory\" in module \"app\" did not return",
        "\"callable\":\"failing_factory\",\"factory\":true!factory \"failing_factory\" in module \"app\" can not"})
    void reportsWhatCannotBeLoaded(String options, String text) {
        AppPool pool = main.pool(options);
        assertThrows(CompletionException.class, () -> pool.start().toCompletableFuture().join());
        assertTrue(main.errors().contains("[alert]") && main.errors().contains(text), main.errors());
        assertTrue(main.logged().contains("failed to start application \"test\""), main.logged());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {"\"callable\":\"instance\"", "\"callable\":\"factory\",\"factory\":true",
        "\"callable\":\"asgi2\",\"protocol\":\"wsgi\",\"threads\":2"})
    void loadsTheseApplications(String options) {
        start(options);
        assertEquals(options.contains("asgi2") ? 503 : 200, main.get("/hello").status());
    }

    @Test
    void answers503WhenNothingCanBeStarted() {
        start("\"module\":\"broken\",\"processes\":{\"max\":2}");
        assertAll(503, 50);
        assertAll(503, 1);
        Await.until("nothing is starting", () -> main.status().equals("0 0 0 0"));
    }

    @Test
    void givesAHangingStartUpAndKillsIt() {
        AppPool pool = main.pool("\"module\":\"hangs\",\"limits\":{\"start_timeout\":1}");
        CompletionException failure =
            assertThrows(CompletionException.class, () -> pool.start().toCompletableFuture().join());
        assertEquals("it did not become ready within 1 second (option \"limits.start_timeout\")",
            failure.getCause().getCause().getMessage());
        assertTrue(main.logged().contains("failed to start application \"test\""), main.logged());
        Await.until("it is killed and reaped", () -> main.errors().contains("exited on signal 9"));
        Await.until("its start is forgotten", () -> main.current().starts.isEmpty());
    }

    @Test
    void aPrototypeThatHangsBlocksNothingForEver() {
        main.prototypesHang = true;
        AppPool pool = main.pool("\"processes\":2,\"limits\":{\"start_timeout\":1}");
        assertThrows(CompletionException.class, () -> pool.start().toCompletableFuture().join());
        Await.until("the start is forgotten", () -> main.current().starts.isEmpty());
        assertEquals("0 0 0 0", main.status());
        main.prototypesHang = false;
    }

    @Test
    void othersServeWhileAReplacementHangs() throws IOException {
        Path flag = Files.createTempFile("hang", "");
        Files.delete(flag);
        start("\"module\":\"sometimes\",\"processes\":2,\"limits\":{\"start_timeout\":1},"
            + "\"environment\":{\"HANG\":\"" + flag + "\"}");
        Files.createFile(flag);
        Processes.kill(main.current().workers.keySet().iterator().next(), Signals.SIGKILL);
        Await.until("a start is waited for", () -> main.status().equals("1 1 1 0"));
        assertAll(200, 20);
        Await.until("it is given up", () -> main.logged().contains("failed to start application"));
        assertAll(200, 20);
        Files.delete(flag);
        Await.until("the next start succeeds", () -> main.status().equals("2 0 2 0"));
        assertAll(200, 20);
    }

    @Test
    void startsThatFailAreNotRepeatedAtOnce() {
        start("\"module\":\"broken\",\"processes\":{\"max\":2}");
        long end = System.nanoTime() + 1_500_000_000L;
        int requests = 0;
        while (System.nanoTime() < end) {
            assertAll(503, 1);
            requests++;
        }
        // At 0, 0, 100, 300, 700 and 1500 ms, each with the time that it takes to fail.
        assertTrue(requests <= 7, requests + " starts");
    }
}
