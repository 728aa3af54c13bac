// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.RemovePid;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReaperTest {

    private final Mates mates = new Mates();
    private final Map<Integer, ChildExit> zombies = new HashMap<>();
    private final Map<Integer, Runnable> followed = new HashMap<>();
    private final List<String> events = new ArrayList<>();
    private boolean exiting;
    private Reaper reaper;

    @BeforeEach
    void prepare() {
        Reaper.Calls calls = new Reaper.Calls(this::await, this::follow, pid -> events.add("kill " + pid));
        reaper = new Reaper(mates.loop, Mates.SELF, mates.table,
            new Announcer(Mates.SELF, mates.table, mates.lines), new Quitter(Mates.SELF, mates.table), calls,
            mates.lines)
            .whenExiting(() -> exiting, () -> events.add("left " + mates.table.size()))
            .whenRestartable(dead -> events.add("restart " + dead.type().word()));
    }

    @AfterEach
    void close() {
        mates.close();
    }

    private Optional<ChildExit> await(int pid) {
        if (pid >= 90) {
            throw new PosixException("waitpid(" + pid + ")", pid == 90 ? Errno.ECHILD : Errno.EINVAL);
        }
        return Optional.ofNullable(zombies.remove(pid));
    }

    private boolean follow(int pid, Runnable gone) {
        if (pid == 80) {
            throw new PosixException("pidfd_open(80)", Errno.EMFILE);
        }
        followed.put(pid, gone);
        return pid != 81;
    }

    private void die(ChildExit exit) {
        zombies.put(exit.pid(), exit);
        reaper.reap();
    }

    @Test
    void lastWordsComeBeforeAllElse() {
        ProcessEntry prototype = mates.add(10, "prototype");
        prototype.lastWords(() -> {
            mates.lines.notice("last words");
            throw new IllegalStateException("and one more");
        });
        ProcessEntry worker = mates.table.add(11, "app", "blog", Optional.of(prototype));
        worker.onExit(() -> mates.lines.notice("cleaned up"));
        reaper.follow(worker);
        followed.get(11).run();
        die(ChildExit.code(10, 3));
        String broken = " its last words cannot be read: and one more";
        assertEquals(List.of("notice last words", "alert " + worker.name() + ":" + broken, "notice cleaned up",
            "notice last words", "alert " + prototype.name() + ":" + broken, "notice process 10 exited with code 3"),
            mates.lines.all);
    }

    @Test
    void theLogLinesAreThoseOfTheTable() {
        for (int pid = 10; pid < 13; pid++) {
            mates.add(pid, "discovery");
        }
        die(ChildExit.code(10, 3));
        die(ChildExit.signal(11, 9, false));
        die(ChildExit.signal(12, 11, true));
        assertEquals(List.of("notice process 10 exited with code 3", "alert process 11 exited on signal 9",
            "alert process 12 exited on signal 11 (core dumped)"), mates.lines.all);
        assertEquals(List.of(mates.main), mates.table.all());
        assertEquals(List.of(), events);
    }

    @Test
    void aDeadRouterIsAnnouncedAndRestarted() {
        mates.add(10, "router").stream(5);
        mates.add(11, "controller");
        ProcessEntry prototype = mates.add(12, "prototype");
        mates.add(13, "app", ProcessState.CREATED, prototype);
        die(ChildExit.signal(10, 9, false));
        for (int pid : new int[] {11, 12, 13}) {
            assertEquals(List.of("remove 10"), mates.inbox(pid), "process " + pid);
        }
        assertEquals(List.of("restart router"), events);
    }

    @Test
    void aFailedStartCarriesItsStream() {
        mates.add(10, "router");
        mates.add(12, "prototype", ProcessState.CREATED, mates.main).stream(77).onExit(
            () -> events.add("clean"));
        die(ChildExit.code(12, 1));
        assertEquals(List.of("remove 12 stream 77"), mates.inbox(10));
        assertEquals(List.of("clean"), events);
    }

    @Test
    void workersOfADeadPrototypeAreToldAnnouncedAndKilled() {
        mates.add(10, "router");
        ProcessEntry prototype = mates.add(12, "prototype");
        ProcessEntry followedWorker = mates.add(13, "app", ProcessState.CREATED, prototype).stream(8);
        mates.add(14, "app", ProcessState.READY, prototype).stream(9);
        reaper.follow(followedWorker);
        die(ChildExit.signal(12, 9, false));
        assertEquals(List.of("quit now"), mates.inbox(13));
        assertEquals(List.of("quit now"), mates.inbox(14));
        assertEquals(List.of("remove 12", "remove 14"), mates.inbox(10), "the followed one still works");
        assertEquals(3, mates.table.size());
        mates.loop.advance(Reaper.ORPHAN_MILLIS);
        assertEquals(List.of("kill 13"), events);
        followed.get(13).run();
        assertEquals(2, mates.table.size());
        assertEquals(List.of("remove 13 stream 8"), mates.inbox(10));
    }

    @Test
    void aFollowedWorkerThatDiesIsAnnouncedOnce() {
        mates.add(10, "router");
        ProcessEntry prototype = mates.add(12, "prototype");
        reaper.follow(mates.add(13, "app", ProcessState.CREATED, prototype));
        reaper.removePid(remove(13, 12));
        assertEquals(4, mates.table.size(), "only the kernel's word counts");
        followed.get(13).run();
        followed.get(13).run();
        assertEquals(List.of("remove 13"), mates.inbox(10));
        reaper.removePid(remove(13, 12));
        assertEquals(List.of(), prototype.children());
    }

    @Test
    void followingMayFailOrComeTooLate() {
        ProcessEntry prototype = mates.add(12, "prototype");
        reaper.follow(mates.add(80, "app", ProcessState.CREATED, prototype));
        reaper.follow(mates.add(81, "app", ProcessState.CREATED, prototype));
        assertEquals(List.of(80), prototype.children().stream().map(ProcessEntry::pid).toList());
        assertEquals(1, mates.lines.all.size());
        reaper.removePid(remove(80, 12));
        assertEquals(List.of(), prototype.children());
    }

    @Test
    void aPrototypeSpeaksOfItsOwnWorkersOnly() {
        ProcessEntry prototype = mates.add(12, "prototype");
        mates.add(13, "app", ProcessState.CREATED, prototype);
        mates.add(14, "prototype");
        mates.add(15, "router");
        for (int victim : new int[] {13, 14, 15, Mates.SELF}) {
            assertEquals("process 14 cannot remove process " + victim,
                assertThrows(PayloadException.class, () -> reaper.removePid(remove(victim, 14))).getMessage());
        }
        reaper.removePid(remove(13, 12));
        assertEquals(List.of(), prototype.children());
    }

    private static Message remove(int pid, int sender) {
        return new Message(Header.last(MessageType.REMOVE_PID, 0, sender),
            ByteBuffer.wrap(new RemovePid(pid).encode()), sender, 0, 0);
    }

    @Test
    void whileTheServerEndsNobodyIsToldAndNothingRestarts() {
        exiting = true;
        mates.add(10, "router");
        mates.add(11, "controller");
        die(ChildExit.code(11, 0));
        assertEquals(List.of(), mates.inbox(10));
        die(ChildExit.code(10, 0));
        assertEquals(List.of("left 2", "left 1"), events);
    }

    @Test
    void otherChildrenAreTrackedAndStrangersReaped() {
        reaper.track(20, exit -> events.add("probe " + exit.number()));
        die(ChildExit.code(20, 4));
        die(ChildExit.code(21, 0));
        assertEquals(List.of("notice process 20 exited with code 4"), mates.lines.all);
        reaper.adoptOrphans(() -> new int[] {21, 22});
        reaper.reap();
        assertEquals(List.of("notice process 20 exited with code 4", "notice process 21 exited with code 0"),
            mates.lines.all);
        assertEquals(List.of("probe 4"), events);
    }

    @Test
    void childrenThatAreExpectedAreReapedBeforeTheyAreKnown() {
        die(ChildExit.code(21, 0));
        assertEquals(List.of(), mates.lines.all);
        boolean[] pid1 = new boolean[1];
        reaper.adoptOrphans(() -> pid1[0] ? new int[] {21} : new int[0]);
        reaper.expect();
        reaper.met();
        reaper.reap();
        assertEquals(List.of(), mates.lines.all);
        pid1[0] = true;
        reaper.expect();
        reaper.reap();
        assertEquals(List.of("notice process 21 exited with code 0"), mates.lines.all);
    }

    @Test
    void aChildThatSomebodyElseReapedIsGone() {
        mates.add(90, "router");
        mates.add(91, "controller");
        reaper.reap();
        assertEquals(List.of("alert waitpid() failed: (10: No child processes)", "notice process 90 exited with code 0",
            "alert waitpid() failed: (22: Invalid argument)"), mates.lines.all);
        assertEquals(List.of("restart router"), events);
        assertEquals(2, mates.table.size());
    }
}
