// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EventLoopTest {
    private final LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
    private EventLoops loops;
    private EventLoop loop;
    private Fd[] pair;

    @BeforeEach
    void start() {
        loops = EventLoops.create("test", 2, failures::add);
        loop = loops.loop(0);
        pair = Sockets.seqpacketPair();
    }

    @AfterEach
    void stop() {
        loops.close();
        pair[0].close();
        pair[1].close();
    }

    @Test
    void tasksRunOnTheNamedThread() {
        assertEquals("test-1", on(loops.loop(1), () -> Thread.currentThread().getName()));
        assertTrue(on(loop, loop::inLoop));
        assertFalse(loop.inLoop());
        assertFalse(on(loops.loop(1), loop::inLoop));
        assertEquals(2, loops.size());
        assertEquals(List.of(loops.loop(0), loops.loop(1)), List.of(loops.next(), loops.next()));
    }

    /** As many repetitions of a group as the longest field has characters, in code that was not compiled yet. */
    @Test
    void aLoopHasRoomForExpressionsThatDescend() {
        Pattern descends = Pattern.compile("(a|b)*c");
        String longest = "ab".repeat(4096);
        assertTrue(on(loop, () -> descends.matcher(longest + "c").matches()));
        assertFalse(on(loop, () -> descends.matcher(longest).matches()));
    }

    @Test
    void failuresAreReportedAndTheLoopLives() throws Exception {
        loop.execute(() -> {
            throw new AssertionError("task");
        });
        loop.schedule(0, () -> {
            throw new IllegalStateException("timer");
        });
        loop.watch(pair[0].number(), (readable, writable, hangup) -> {
            receive(pair[0]);
            throw new IllegalStateException("handler");
        }, true, false);
        send(pair[1]);
        List<String> texts = List.of(failure(), failure(), failure()).stream().sorted().toList();
        assertEquals(List.of("handler", "task", "timer"), texts);
        assertTrue(on(loop, loop::inLoop));
    }

    @Test
    void timersRunOnceAndCanBeCancelled() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        Timer cancelled = loop.schedule(20, () -> events.add("cancelled"));
        cancelled.cancel();
        cancelled.cancel();
        loop.schedule(60, late::countDown);
        loop.schedule(1, () -> events.add("first"));
        assertTrue(late.await(10, TimeUnit.SECONDS));
        assertEquals(List.of("first"), List.copyOf(events));
    }

    @Test
    void levelTriggeredUntilRead() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        loop.watch(pair[0].number(), (readable, writable, hangup) -> {
            if (calls.incrementAndGet() == 3) {
                receive(pair[0]);
                events.add(readable + " " + writable + " " + hangup);
            }
        }, true, false);
        send(pair[1]);
        assertEquals("true false false", next());
        assertEquals(Integer.valueOf(3), on(loop, calls::get));
    }

    @Test
    void interestIsChangedOnTheLoop() throws Exception {
        Watch watch = loop.watch(pair[0].number(), (readable, writable, hangup) -> {
            events.add(readable + " " + writable);
            if (readable) {
                receive(pair[0]);
            }
        }, false, false);
        send(pair[1]);
        assertNull(quiet());
        on(loop, () -> interest(watch, true, false));
        assertEquals("true false", next());
        on(loop, () -> interest(watch, false, false));
        send(pair[1]);
        assertNull(quiet());
        on(loop, () -> interest(watch, true, true));
        assertEquals("true true", next());
        on(loop, () -> interest(watch, false, false));
        assertThrows(IllegalStateException.class, () -> watch.interest(true, true));
    }

    @Test
    void hangupIsToldOnceWhilePaused() throws Exception {
        loop.watch(pair[0].number(), (readable, writable, hangup) -> events.add(readable + " " + hangup), false,
            false);
        pair[1].close();
        assertEquals("false true", next());
        assertNull(quiet());
    }

    @Test
    void hangupComesWithTheEnd() throws Exception {
        Watch[] watch = new Watch[1];
        on(loop, () -> watch[0] = loop.watch(pair[0].number(), (readable, writable, hangup) -> {
            watch[0].cancel();
            events.add(readable + " " + hangup + " " + receive(pair[0]).isEnd());
        }, true, false));
        pair[1].close();
        assertEquals("true true true", next());
        assertNull(quiet());
    }

    @Test
    void cancelledWatchIsSilentAndItsNumberReusable() throws Exception {
        Watch watch = loop.watch(pair[0].number(), (readable, writable, hangup) -> events.add("old"), true, false);
        watch.cancel();
        watch.cancel();
        send(pair[1]);
        assertNull(quiet());
        loop.watch(pair[0].number(), (readable, writable, hangup) -> {
            receive(pair[0]);
            events.add("new");
        }, true, false);
        assertEquals("new", next());
        on(loop, () -> interest(watch, true, true));
        assertNull(quiet());
    }

    @Test
    void regularFileIsRefused() {
        try (Fd file = Files.open("/proc/self/exe", Files.O_RDONLY, 0)) {
            PosixException refused = assertThrows(PosixException.class,
                () -> loop.watch(file.number(), (readable, writable, hangup) -> events.add("never"), true, false));
            assertEquals(Errno.EPERM, refused.errno());
            assertEquals("epoll_ctl(" + file.number() + ") failed (1: Operation not permitted)",
                refused.getMessage());
        }
    }

    @Test
    void loopCannotWaitForItsEnd() {
        assertThrows(IllegalStateException.class, () -> on(loop, () -> {
            loops.close();
            return null;
        }));
        assertThrows(IllegalArgumentException.class, () -> EventLoops.create("none", 0));
    }

    @Test
    void endedLoopRejects() {
        loops.close();
        assertThrows(java.util.concurrent.RejectedExecutionException.class, () -> loop.execute(() -> { }));
    }

    private static Object interest(Watch watch, boolean read, boolean write) {
        watch.interest(read, write);
        return "done";
    }

    private static <T> T on(EventLoop where, java.util.function.Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, where).get(10, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException failed) {
            throw (RuntimeException) failed.getCause();
        } catch (InterruptedException | java.util.concurrent.TimeoutException failed) {
            throw new AssertionError("loop does not answer", failed);
        }
    }

    private String next() throws InterruptedException {
        return events.poll(10, TimeUnit.SECONDS);
    }

    private String failure() throws InterruptedException {
        return failures.poll(10, TimeUnit.SECONDS).getMessage();
    }

    /** What arrives within a time in which the loop would have told it. */
    private String quiet() throws InterruptedException {
        return events.poll(60, TimeUnit.MILLISECONDS);
    }

    private static void send(Fd to) {
        try (Arena arena = Arena.ofConfined()) {
            Sockets.send(to.number(), arena.allocate(4), 0, 4, new int[0]);
        }
    }

    private static Received receive(Fd from) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(16);
            return Sockets.receive(from.number(), buffer);
        }
    }
}
