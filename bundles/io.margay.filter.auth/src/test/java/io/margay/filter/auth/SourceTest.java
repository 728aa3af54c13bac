// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.AsciiString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read again, and what is remembered. */
class SourceTest {
    private final List<String> lines = new ArrayList<>();
    private final List<Runnable> work = new ArrayList<>();
    private final AtomicInteger loads = new AtomicInteger();

    @TempDir
    private Path directory;

    private Source<String> source(Optional<String> first, Source.Loader<String> loader) {
        return new Source<>("it", first, 2 * Source.PAUSE_NANOS, () -> {
            loads.incrementAndGet();
            return loader.load();
        }, work::add, (level, text) -> lines.add(text));
    }

    private void runAll() {
        List<Runnable> now = List.copyOf(work);
        work.clear();
        now.forEach(Runnable::run);
    }

    @Test
    void nobodyWaitsAndOneReads() {
        Source<String> source = source(Optional.of("old"), () -> Optional.of("new"));
        long now = System.nanoTime();
        assertEquals("old", source.current(now).orElseThrow().value());
        assertTrue(work.isEmpty(), "it is fresh");
        now += 2 * Source.PAUSE_NANOS;
        assertEquals("old", source.current(now).orElseThrow().value());
        source.current(now);
        CompletableFuture<Source.Held<String>> newer = source.newer(1, now);
        assertSame(newer, source.newer(1, now));
        assertEquals(1, work.size());
        runAll();
        assertEquals(new Source.Held<>("new", 2), newer.join());
        assertEquals("new", source.current(now).orElseThrow().value());
    }

    @Test
    void attemptsAreBounded() {
        Source<String> source = source(Optional.empty(), () -> {
            throw new IOException("down");
        });
        long now = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            CompletableFuture<?> newer = source.newer(0, now + i);
            runAll();
            assertTrue(newer.isCompletedExceptionally());
        }
        assertEquals(1, loads.get());
        source.newer(0, now + Source.PAUSE_NANOS);
        runAll();
        assertEquals(2, loads.get());
        assertEquals(List.of("it cannot be read: down"), lines, "told once");
    }

    @Test
    void whatIsHeldStays() {
        String[] next = {null};
        Source<String> source = source(Optional.of("old"), () -> {
            if (next[0] == null) {
                throw new IOException("gone");
            }
            return Optional.of(next[0]);
        });
        long now = System.nanoTime() + 3 * Source.PAUSE_NANOS;
        source.current(now);
        runAll();
        assertEquals("old", source.current(now).orElseThrow().value());
        next[0] = "new";
        now += 3 * Source.PAUSE_NANOS;
        source.current(now);
        runAll();
        assertEquals("new", source.current(now).orElseThrow().value());
        assertEquals(List.of("it cannot be read: gone; that of before is used", "it is read again"), lines);
    }

    @Test
    void filesAreReadWhenTheyChange() throws IOException {
        Path path = directory.resolve("file");
        Files.writeString(path, "one");
        SmallFile<String> file = new SmallFile<>(path.toString(), String::new);
        assertEquals(Optional.of("one"), file.load());
        assertEquals(Optional.empty(), file.load());
        Files.writeString(path, "three");
        assertEquals(Optional.of("three"), file.load());
    }

    @Test
    void memoryIsBounded() {
        Verified<Integer> verified = new Verified<>(10, Long.MAX_VALUE / 2);
        for (int i = 0; i < 100; i++) {
            int number = i;
            verified.check(AsciiString.of("k" + i), Runnable::run, () -> Optional.of(number));
        }
        assertEquals(10, verified.size());
        assertEquals(Optional.of(99), verified.known(AsciiString.of("k99"), System.nanoTime()));
        verified.check(AsciiString.of("bad"), Runnable::run, Optional::empty);
        assertEquals(Optional.empty(), verified.known(AsciiString.of("bad"), System.nanoTime()));
        Verified<Integer> short1 = new Verified<>(10, 0);
        short1.check(AsciiString.of("k"), Runnable::run, () -> Optional.of(1));
        assertEquals(Optional.empty(), short1.known(AsciiString.of("k"), System.nanoTime()), "its time is over");
    }

    @Test
    void equalChecksAreOne() {
        Verified<Integer> verified = new Verified<>(10, Long.MAX_VALUE / 2);
        CompletableFuture<Optional<Integer>> first = verified.check(AsciiString.of("k"), work::add, () -> {
            throw new IOException("fault");
        });
        assertSame(first, verified.check(AsciiString.of("k"), work::add, () -> Optional.of(2)));
        assertEquals(1, work.size());
        runAll();
        assertTrue(first.isCompletedExceptionally());
        CompletableFuture<Optional<Integer>> again = verified.check(AsciiString.of("k"), work::add, () ->
            Optional.of(3));
        runAll();
        assertEquals(Optional.of(3), again.join());
    }
}
