// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopVerbTest {
    private static final String FIRST = """
        {"milliseconds": 1000, "all": {"requests": 10, "errors": 1, "aborted": 0, "latency": {"sum": 100,
        "buckets": {"15": 10}}}, "parts": {"milliseconds": %d, "listeners": {}, "routes": {}, "applications": {
        "shop": {"requests": 10, "errors": 1, "aborted": 0, "latency": {"sum": 100, "buckets": {"15": 10}}}}}}""";
    private static final String SECOND = """
        {"milliseconds": 3000, "all": {"requests": 30, "errors": 2, "aborted": 3, "latency": {"sum": 900,
        "buckets": {"15": 10, "1023": 19, "20479": 1}}}, "parts": {"milliseconds": 2500, "listeners": {},
        "routes": {"/routes/0/action": {"requests": 5, "latency": {"sum": 9000, "buckets": {"15": 5}}},
        "/routes/1/action": {"requests": 6, "latency": {"sum": 9001, "buckets": {"17": 6}}}}, "applications": {
        "shop": {"requests": 30, "errors": 2, "aborted": 3, "latency": {"sum": 900, "buckets": {"15": 10, "1023": 20}},
        "queue": {"buckets": {"0": 4, "71": 1}}, "worker": {"buckets": {"95": 1}}}}}}""";

    @TempDir
    private Path directory;

    private Run run(String first, String... arguments) throws IOException {
        Path socket = directory.resolve("control");
        AtomicInteger asked = new AtomicInteger();
        Run run = new Run();
        try (FakeServer server = FakeServer.at(socket, seen -> FakeServer.ok(asked.getAndIncrement() == 0 ? first
            : SECOND))) {
            assertEquals(0, run.on(socket, arguments), run.err());
            assertEquals(2, server.whats().size());
            assertEquals("GET /control/inspect/router/traffic", server.whats().getFirst());
        }
        return run;
    }

    @Test
    void whatHappenedBetweenTwoAnswersIsShown() throws IOException {
        String told = run(FIRST.formatted(500), "top", "--once", "-i", "0.1", "-n", "1").out()
            .replaceAll(" +", " ");
        assertEquals("""
            ALL REQ/S P50 ms P99 ms QUEUE 50 QUEUE 99 WORK 50 WORK 99 ERRORS ABORTED
             10.0 1.02 20.5 - - - - 1 3

            APPLICATIONS REQ/S P50 ms P99 ms QUEUE 50 QUEUE 99 WORK 50 WORK 99 ERRORS ABORTED
            shop 10.0 1.02 1.02 0.00 0.07 0.10 0.10 1 3

            ROUTES REQ/S P50 ms P99 ms QUEUE 50 QUEUE 99 WORK 50 WORK 99 ERRORS ABORTED
            /routes/1/action 3.0 0.02 0.02 - - - - 0 0
            and 1 more
            """, told);
    }

    @Test
    void whatBeginsAnewIsCountedFromThen() throws IOException {
        // Another configuration came: 2.5 s of it instead of what 2.9 s of the one before have counted.
        String told = run(FIRST.formatted(2900), "top", "--once", "--json", "-i", "0.1").out();
        assertTrue(told.contains("\"all\":{\"requests\":20,\"requests_per_second\":10.0"), told);
        assertTrue(told.contains("\"shop\":{\"requests\":30,\"requests_per_second\":12.0"), told);
        assertTrue(told.contains("\"latency\":{\"p50\":1023,\"p99\":1023},\"queue\":{\"p50\":0,\"p99\":71}"), told);
        assertEquals(1, told.lines().count());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"-i 0|--interval takes", "-i 31|--interval takes", "-n 0|--rows takes",
        "-n 201|--rows takes", "-i x|Invalid value", "more|Unmatched argument"})
    void wrongUsageIsTold(String arguments, String message) {
        Run run = new Run();
        assertEquals(2, run.on(directory.resolve("none"), ("top " + arguments).split(" ")));
        assertTrue(run.err().contains(message), run.err());
    }

    @Test
    void aServerThatDoesNotTellIsNamed() throws IOException {
        Path socket = directory.resolve("control");
        Run run = new Run();
        try (FakeServer server = FakeServer.at(socket, seen -> FakeServer.ok("{\"error\": \"no\"}"))) {
            assertEquals(3, run.on(socket, "top", "--once"));
            assertEquals(1, server.whats().size());
        }
        assertTrue(run.err().contains("does not tell what it serves"), run.err());
    }
}
