// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.testing.Await;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches, and a collector that is slow or absent. */
@Timeout(60)
class ExporterTest {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Integer> sent = new CopyOnWriteArrayList<>();

    private Exporter exporter(int batch, Sender sender) {
        return new Exporter(options(batch), sender, "1", (level, text) -> lines.add(level.word() + " " + text));
    }

    private static TelemetryOptions options(int batch) {
        return new TelemetryOptions(URI.create("http://c/v1/traces"), "s", batch, Map.of(), Map.of());
    }

    private static Span span() {
        return new Span(new TraceContext(1, 2, 3, true), 0, "", "request", 1, 2, false, List.of());
    }

    private static void offer(Exporter exporter, int count) {
        for (int i = 0; i < count; i++) {
            exporter.offer(span());
        }
    }

    private static int spans(byte[] request) {
        // Each span of the test is of the same size.
        int one = SpanEncoder.encode(List.of(span()), options(1), "1").length;
        int two = SpanEncoder.encode(List.of(span(), span()), options(1), "1").length;
        return 1 + (request.length - one + (two - one) / 2) / (two - one);
    }

    @Test
    void batchesAreFilledAndTheRestGoesAtTheEnd() throws Exception {
        Exporter exporter = exporter(3, (request, millis) -> sent.add(spans(request)));
        offer(exporter, 7);
        exporter.close().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertEquals(7, sent.stream().mapToInt(Integer::intValue).sum());
        assertTrue(sent.stream().allMatch(count -> count <= 3), sent::toString);
        offer(exporter, 1);
        assertEquals(1, exporter.dropped());
    }

    @Test
    void aBatchThatIsNotFullGoesAfterAWhile() {
        Exporter exporter = exporter(100, (request, millis) -> sent.add(spans(request)));
        offer(exporter, 2);
        Await.until("the delay of a batch", () -> sent.stream().mapToInt(Integer::intValue).sum() == 2);
        exporter.close();
    }

    @Test
    void oneThatWasNeverUsedEndsAtOnce() {
        assertTrue(exporter(1, (request, millis) -> { }).close().toCompletableFuture().isDone());
    }

    @Test
    void whatASlowCollectorDoesNotTakeIsDropped() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        Exporter exporter = exporter(1, (request, millis) -> {
            busy.countDown();
            try {
                assertTrue(free.await(30, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            sent.add(spans(request));
        });
        offer(exporter, 1);
        assertTrue(busy.await(30, TimeUnit.SECONDS));
        offer(exporter, Exporter.MOST + 5);
        assertEquals(5, exporter.dropped());
        free.countDown();
        Await.until("the rest is exported", () -> sent.size() == Exporter.MOST + 1);
        exporter.close().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertTrue(lines.getLast().contains("5 spans were not exported"), lines::toString);
    }

    @Test
    void anAbsentCollectorCostsOneLine() throws Exception {
        boolean[] there = new boolean[1];
        Exporter exporter = exporter(1, (request, millis) -> {
            if (!there[0]) {
                throw new IOException("nobody");
            }
            sent.add(spans(request));
        });
        offer(exporter, 1);
        Await.until("the first failure", () -> !lines.isEmpty());
        there[0] = true;
        offer(exporter, 1);
        Await.until("it is over", () -> lines.size() == 2);
        assertEquals(List.of("error spans cannot be exported to \"http://c/v1/traces\": nobody; they are dropped",
            "error spans are exported again; 1 were dropped"), lines);
        exporter.close().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertEquals(2, lines.size());
    }
}
