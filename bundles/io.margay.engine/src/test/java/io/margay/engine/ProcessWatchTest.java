// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.margay.posix.Exit;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.posix.SpawnSpec;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class ProcessWatchTest {
    private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final EventLoops loops = EventLoops.create("test", 1);
    private final EventLoop loop = loops.loop(0);

    @AfterEach
    void stop() {
        loops.close();
    }

    /** What is told is that a process is a zombie, so that reaping does not wait. */
    @ParameterizedTest
    @CsvSource({"exit 7, 7, 0", "kill -9 $$, 0, 9", "exit 0, 0, 0"})
    void endOfAChild(String command, int code, int signal) throws Exception {
        int pid = sh(command);
        ProcessWatch watch = ProcessWatch.of(loop, pid, () -> events.add(Processes.waitFor(pid)));
        assertEquals(new Exit(pid, code, signal, false), next());
        watch.close();
    }

    @Test
    void childReapedByOthersHasEndedAtOnce() throws Exception {
        int pid = sh("exit 3");
        Processes.waitFor(pid);
        ProcessWatch watch = ProcessWatch.of(loop, pid, () -> events.add("ended"));
        assertEquals("ended", next());
        watch.close();
    }

    @Test
    void closedWatchIsSilentAndLeaksNothing() throws Exception {
        ProcessWatch.of(loop, Processes.pid(), () -> events.add("warm")).close();
        int[] before = Processes.openDescriptors();
        int pid = sh("exec sleep 60");
        ProcessWatch watch = ProcessWatch.of(loop, pid, () -> events.add("ended"));
        watch.close();
        watch.close();
        Processes.kill(pid, Signals.SIGKILL);
        Processes.waitFor(pid);
        assertNull(events.poll(60, TimeUnit.MILLISECONDS));
        assertArrayEquals(before, Processes.openDescriptors());
    }

    @Test
    void finishedWatchLeaksNothing() throws Exception {
        ProcessWatch.of(loop, Processes.pid(), () -> events.add("warm")).close();
        int[] before = Processes.openDescriptors();
        int pid = sh("exit 0");
        ProcessWatch.of(loop, pid, () -> events.add(Processes.waitFor(pid)));
        assertEquals(0, ((Exit) next()).code());
        assertArrayEquals(before, Processes.openDescriptors());
    }

    /** The thread that blocks a signal sends it to itself alone, since the other threads of the JVM do not block it. */
    @Test
    void signalsArriveOnTheLoop() throws Exception {
        Signals.block(Signals.SIGUSR1);
        try {
            try (EventLoops own = EventLoops.create("signals", 1)) {
                SignalWatch watch = SignalWatch.of(own.loop(0), events::add, Signals.SIGUSR1);
                own.loop(0).execute(() -> Signals.raise(Signals.SIGUSR1));
                assertEquals(Signals.SIGUSR1, next());
                watch.close();
            }
        } finally {
            Signals.unblock(Signals.SIGUSR1);
        }
    }

    private Object next() throws InterruptedException {
        return events.poll(10, TimeUnit.SECONDS);
    }

    private static int sh(String command) {
        return Processes.spawn(SpawnSpec.of("/bin/sh", List.of("sh", "-c", command)));
    }
}
