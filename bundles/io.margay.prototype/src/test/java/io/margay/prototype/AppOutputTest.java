// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.engine.EventLoops;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.testing.Lines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AppOutputTest {

    private static final int RATE = 100_000;

    @TempDir
    private Path directory;
    private final Lines lines = new Lines();
    private final EventLoops loops = EventLoops.create("test", 1, failure -> lines.alert("loop " + failure));
    private Fd log;
    private Fd end;
    private AppOutput output;

    @BeforeEach
    void open() {
        log = Files.open(directory.resolve("log").toString(), Files.O_WRONLY | Files.O_CREAT | Files.O_APPEND, 0600);
        Fd[] pipe = Descriptors.pipe();
        end = pipe[1];
        output = CompletableFuture.supplyAsync(() ->
            AppOutput.open(loops.loop(0), "\"blog\"", RATE, log.number(), lines,
                new HashSet<>(), pipe[0]), loops.loop(0)::execute).join();
    }

    @AfterEach
    void close() {
        end.close();
        loops.close();
        log.close();
    }

    @Test
    void lastWordsArePassedOnAtOnceAsLines() {
        String pipe = "x".repeat(30_000) + "\n";
        List<String> after = CompletableFuture.supplyAsync(() -> {
            write(pipe);
            write("not a whole line");
            output.drain();
            String first = text();
            output.drain();
            write("next\n");
            output.drain();
            output.end();
            output.drain();
            return List.of(first, text());
        }, loops.loop(0)::execute).join();
        assertEquals(List.of(pipe + "not a whole line\n", pipe + "not a whole line\nnext\n"), after);
    }

    private void write(String text) {
        Files.writeAll(end.number(), text.getBytes(StandardCharsets.UTF_8));
    }

    private String text() {
        try {
            return java.nio.file.Files.readString(directory.resolve("log"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void await(String reason, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, reason + ": " + text().length() + " bytes, " + lines.all);
            LockSupport.parkNanos(2_000_000);
        }
    }

    @Test
    void linesPassWhole() {
        write("one\ntwo\nthr");
        await("lines", () -> text().equals("one\ntwo\n"));
        write("ee\n");
        await("the rest", () -> text().equals("one\ntwo\nthree\n"));
        assertEquals(0, lines.all.size());
    }

    @Test
    void aLineThatDoesNotEndPassesSoon() {
        write("prompt> ");
        await("the prompt", () -> text().equals("prompt> "));
    }

    /** The disk of a server must not fill because an application writes without end. */
    @Test
    void aFloodIsCutAndCounted() {
        String line = "x".repeat(999) + "\n";
        long begin = System.nanoTime();
        for (int i = 0; i < 5_000; i++) {
            write(line);
        }
        end.close();
        await("a count", () -> lines.all.stream().anyMatch(said -> said.contains("were dropped")));
        long seconds = (System.nanoTime() - begin) / 1_000_000_000L + 1;
        await("the end", () -> text().length() + droppedBytes() == 5_000_000);
        assertTrue(text().length() <= RATE * (seconds + 1), text().length() + " bytes in " + seconds + " s");
        assertTrue(text().endsWith("x\n") && text().length() % line.length() == 0, "whole lines");
        assertTrue(lines.all.getFirst().startsWith("warn ")
            && lines.all.getFirst().endsWith(" that \"blog\" wrote to standard error were dropped, it may write "
            + RATE + " a second"), lines.all.toString());
    }

    private long droppedBytes() {
        return lines.all.stream().mapToLong(said -> Long.parseLong(said.split(" ")[1])).sum();
    }
}
