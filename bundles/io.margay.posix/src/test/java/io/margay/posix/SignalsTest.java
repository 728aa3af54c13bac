// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals as data: masks of threads, descriptors that read them, and how children end by them. */
@Timeout(60)
class SignalsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0  | SIG0
        1  | SIGHUP
        2  | SIGINT
        3  | SIGQUIT
        4  | SIGILL
        5  | SIGTRAP
        6  | SIGABRT
        7  | SIGBUS
        8  | SIGFPE
        9  | SIGKILL
        10 | SIGUSR1
        11 | SIGSEGV
        12 | SIGUSR2
        13 | SIGPIPE
        14 | SIGALRM
        15 | SIGTERM
        16 | SIGSTKFLT
        17 | SIGCHLD
        18 | SIGCONT
        19 | SIGSTOP
        20 | SIGTSTP
        21 | SIGTTIN
        22 | SIGTTOU
        23 | SIGURG
        24 | SIGXCPU
        25 | SIGXFSZ
        26 | SIGVTALRM
        27 | SIGPROF
        28 | SIGWINCH
        29 | SIGIO
        30 | SIGPWR
        31 | SIGSYS
        32 | SIG32
        34 | SIG34
        64 | SIG64
        65 | SIG65
        -1 | SIG-1
        """)
    void names(int number, String name) {
        assertEquals(name, Signals.name(number));
    }

    /** The numbers of the constants, by the words of the system's own tool. */
    @ParameterizedTest
    @CsvSource({"HUP", "INT", "QUIT", "ABRT", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "CHLD", "CONT",
        "STOP", "SYS"})
    void numbersAreThoseOfTheSystem(String name) throws ReflectiveOperationException {
        int number = Signals.class.getField("SIG" + name).getInt(null);
        assertEquals(String.valueOf(number), ProcessesTest.run(SpawnSpec.of("/bin/sh",
            List.of("sh", "-c", "kill -l " + (128 + number) + " | grep -q '^" + name + "$' && echo " + number))));
        assertEquals("SIG" + name, Signals.name(number));
    }

    @Test
    void setsAreBits() {
        assertEquals(0, Signals.bits());
        assertEquals(1, Signals.bits(1));
        assertEquals(Long.MIN_VALUE, Signals.bits(64));
        assertEquals(0x4001, Signals.bits(1, 15));
        assertEquals(0x4001, Signals.bits(15, 1, 15));
        assertArrayEquals(new int[0], Signals.list(0));
        assertArrayEquals(new int[] {1, 15, 64}, Signals.list(Signals.bits(64, 15, 1)));
        Random random = new Random(2);
        for (int i = 0; i < 1_000; i++) {
            long bits = random.nextLong();
            assertEquals(bits, Signals.bits(Signals.list(bits)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65, 128, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void whatIsNoSignalIsRefused(int number) {
        for (Runnable use : List.<Runnable>of(() -> Signals.block(number), () -> Signals.unblock(1, number),
            () -> Signals.signalFd(number), () -> Signals.bits(number),
            () -> Processes.spawn(SpawnSpec.of("/bin/true", List.of("true")).withBlocked(number)))) {
            assertEquals("no signal: " + number,
                assertThrows(IllegalArgumentException.class, use::run).getMessage());
        }
    }

    private static long mask() {
        return Signals.bits(Signals.blocked());
    }

    @Test
    void aMaskIsThatOfItsThread() throws InterruptedException {
        long before = mask();
        Signals.block(Signals.SIGALRM);
        try {
            long[] seen = new long[2];
            Thread thread = new Thread(() -> {
                // Threads of the JVM inherit what their maker blocks.
                seen[0] = mask();
                Signals.block(Signals.SIGPIPE);
                Signals.unblock(Signals.SIGALRM);
                seen[1] = mask();
            });
            thread.start();
            thread.join();
            long alarm = Signals.bits(Signals.SIGALRM);
            long pipe = Signals.bits(Signals.SIGPIPE);
            assertTrue((seen[0] & alarm) != 0);
            assertTrue((seen[1] & pipe) != 0 && (seen[1] & alarm) == 0);
            assertEquals(before | alarm, mask());
        } finally {
            Signals.unblock(Signals.SIGALRM);
        }
        assertEquals(before, mask());
    }

    @Test
    void blockingAddsAndUnblockingTakesAway() {
        long before = mask();
        Signals.block(Signals.SIGALRM, Signals.SIGUSR1);
        Signals.block(Signals.SIGUSR1, Signals.SIGRTMIN);
        Signals.block();
        assertEquals(before | Signals.bits(Signals.SIGALRM, Signals.SIGUSR1, Signals.SIGRTMIN), mask());
        Signals.unblock(Signals.SIGUSR1);
        assertEquals(before | Signals.bits(Signals.SIGALRM, Signals.SIGRTMIN), mask());
        Signals.unblock(Signals.SIGALRM, Signals.SIGRTMIN, Signals.SIGUSR1);
        assertEquals(before, mask());
    }

    @Test
    void aDescriptorReadsItsSignalsAndNoOthers() {
        Signals.block(Signals.SIGUSR1, Signals.SIGALRM, Signals.SIGPIPE);
        try (Fd some = Signals.signalFd(Signals.SIGUSR1, Signals.SIGALRM);
            Fd other = Signals.signalFd(Signals.SIGPIPE)) {
            assertTrue(Descriptors.closeOnExec(some.number()));
            assertTrue((Descriptors.statusFlags(some.number()) & Files.O_NONBLOCK) != 0);
            assertEquals(OptionalInt.empty(), Signals.read(some));
            assertEquals(0, Descriptors.poll(some.number(), Descriptors.POLLIN, 0));
            Signals.raise(Signals.SIGPIPE);
            assertEquals(OptionalInt.empty(), Signals.read(some));
            assertEquals(OptionalInt.of(Signals.SIGPIPE), Signals.read(other));
            Signals.raise(Signals.SIGALRM);
            assertEquals(Descriptors.POLLIN, Descriptors.poll(some.number(), Descriptors.POLLIN, 10_000));
            assertEquals(OptionalInt.of(Signals.SIGALRM), Signals.read(some));
            assertEquals(OptionalInt.empty(), Signals.read(some));
        } finally {
            Signals.unblock(Signals.SIGUSR1, Signals.SIGALRM, Signals.SIGPIPE);
        }
    }

    /** Ordinary ones that wait are one, real-time ones are queued; the lower number comes first. */
    @Test
    void signalsThatWait() {
        int realTime = Signals.SIGRTMIN;
        Signals.block(Signals.SIGUSR1, Signals.SIGHUP, realTime, realTime + 1);
        try (Fd fd = Signals.signalFd(Signals.SIGUSR1, Signals.SIGHUP, realTime, realTime + 1)) {
            for (int i = 0; i < 3; i++) {
                Signals.raise(realTime + 1);
                Signals.raise(realTime);
                Signals.raise(Signals.SIGUSR1);
                Signals.raise(Signals.SIGHUP);
            }
            List<Integer> seen = new ArrayList<>();
            for (OptionalInt next = Signals.read(fd); next.isPresent(); next = Signals.read(fd)) {
                seen.add(next.getAsInt());
            }
            assertEquals(List.of(Signals.SIGHUP, Signals.SIGUSR1, realTime, realTime, realTime, realTime + 1,
                realTime + 1, realTime + 1), seen);
        } finally {
            Signals.unblock(Signals.SIGUSR1, Signals.SIGHUP, realTime, realTime + 1);
        }
    }

    /** What ends a child that does nothing about it, and what does not. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1  | true
        2  | true
        3  | true
        6  | true
        9  | true
        10 | true
        11 | true
        13 | true
        14 | true
        15 | true
        31 | true
        34 | true
        17 | false
        18 | false
        28 | false
        """)
    void childrenEndBySignals(int signal, boolean ends) {
        Processes.Limit core = Processes.limit(Processes.RLIMIT_CORE);
        Processes.limit(Processes.RLIMIT_CORE, new Processes.Limit(0, core.hard()));
        try {
            int pid = Processes.spawn(SpawnSpec.of("/bin/sleep", List.of("sleep", "1000")));
            Processes.kill(pid, signal);
            if (!ends) {
                Processes.kill(pid, 0);
                Processes.kill(pid, Signals.SIGKILL);
            }
            Exit exit = Processes.waitFor(pid);
            assertEquals(new Exit(pid, 0, ends ? signal : Signals.SIGKILL, false), exit);
            assertTrue(exit.signaled());
        } finally {
            Processes.limit(Processes.RLIMIT_CORE, core);
        }
    }

    /** Signals that start blocked wait until the child lets them in. */
    @ParameterizedTest
    @CsvSource({"1", "2", "3", "10", "15", "34"})
    void blockedSignalsOfChildrenWait(int signal) {
        Fd[] pipe = Descriptors.pipe();
        int pid = Processes.spawn(SpawnSpec.of("/bin/sleep", List.of("sleep", "1000")).withBlocked(signal));
        Processes.kill(pid, signal);
        assertTrue(Processes.wait(pid).isEmpty());
        String pending = ProcFile.field(ProcFile.read("/proc/" + pid + "/status"), "ShdPnd").orElseThrow();
        assertEquals(Signals.bits(signal), Long.parseUnsignedLong(pending, 16) & Signals.bits(signal));
        Processes.kill(pid, Signals.SIGKILL);
        assertEquals(Signals.SIGKILL, Processes.waitFor(pid).signal());
        pipe[0].close();
        pipe[1].close();
    }

    @Test
    void nobodyIsThereAndNoSuchSignal() {
        assertEquals("kill(99999999, 15) failed (3: No such process)",
            assertThrows(PosixException.class, () -> Processes.kill(99_999_999, 15)).getMessage());
        int self = Processes.pid();
        assertEquals("kill(" + self + ", 65) failed (22: Invalid argument)",
            assertThrows(PosixException.class, () -> Processes.kill(self, 65)).getMessage());
        Processes.kill(self, 0);
        assertEquals(Errno.EINVAL, assertThrows(PosixException.class, () -> Signals.raise(65)).errno());
    }
}
