// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QuitSequenceTest {

    private final Mates mates = new Mates();
    private final List<String> events = new ArrayList<>();
    private ProcessEntry router;
    private QuitSequence quit;

    @BeforeEach
    void prepare() {
        router = mates.add(10, "router");
        quit = new QuitSequence(mates.loop, Mates.SELF, mates.table, new Quitter(Mates.SELF, mates.table),
            pid -> events.add("kill " + pid), new QuitSequence.Deadlines(300, 50, 20),
            status -> events.add("exit " + status), mates.lines);
        quit.onExit(() -> events.add("pid file"));
        quit.onExit(() -> {
            throw new IllegalStateException("read-only");
        });
        quit.onExit(() -> events.add("sockets"));
    }

    @AfterEach
    void close() {
        mates.close();
    }

    @Test
    void endsWhenTheLastProcessIsGone() {
        assertFalse(quit.exiting());
        quit.processGone();
        quit.begin(0, true);
        assertTrue(quit.exiting());
        assertEquals(List.of("quit gracefully"), mates.inbox(10));
        quit.processGone();
        assertEquals(List.of(), events);
        mates.table.remove(router);
        quit.processGone();
        quit.processGone();
        mates.loop.advance(10_000);
        assertEquals(List.of("pid file", "sockets", "exit 0"), events);
        assertEquals(List.of("alert clean-up at exit failed: read-only"), mates.lines.all);
    }

    @Test
    void aStuckProcessIsKilledAndNeverKeepsMainAlive() {
        quit.begin(0, true);
        mates.loop.advance(299);
        assertEquals(List.of("quit gracefully"), mates.inbox(10));
        mates.loop.advance(1);
        assertEquals(List.of("quit now"), mates.inbox(10));
        mates.loop.advance(49);
        assertEquals(List.of(), events);
        mates.loop.advance(1);
        assertEquals(List.of("kill 10"), events);
        mates.loop.advance(20);
        assertEquals(List.of("kill 10", "pid file", "sockets", "exit 0"), events);
    }

    @Test
    void fastSkipsTheGracefulPhase() {
        quit.begin(0, false);
        assertEquals(List.of("quit now"), mates.inbox(10));
        mates.loop.advance(50);
        assertEquals(List.of("kill 10"), events);
    }

    @Test
    void aSecondSignalHurriesButNeverSlowsDown() {
        quit.begin(0, true);
        quit.begin(0, true);
        assertEquals(List.of("quit gracefully"), mates.inbox(10));
        quit.begin(1, false);
        assertEquals(List.of("quit now"), mates.inbox(10));
        quit.begin(0, true);
        quit.begin(2, false);
        assertEquals(List.of(), mates.inbox(10));
        mates.loop.advance(70);
        assertEquals(List.of("kill 10", "pid file", "sockets", "exit 3"), events);
    }

    @Test
    void withoutOtherProcessesItEndsAtOnce() {
        mates.table.remove(router);
        quit.begin(1, true);
        assertEquals(List.of("pid file", "sockets", "exit 1"), events);
    }
}
