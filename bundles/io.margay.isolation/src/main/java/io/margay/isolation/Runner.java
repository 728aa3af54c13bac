// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Descriptors;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import io.margay.posix.SpawnSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Starts processes by plans. Any thread may call it, but a plan with a death signal is bound to the calling
 * <em>thread</em>, so that must live as long as the process shall.
 */
public final class Runner {

    /** Characters of the title of the runner. */
    private static final int MAX_TITLE = 500;
    private static final int MFD_EXEC = 0x10;
    private static final int MODE = 0700;
    private static final int SIGNALS = 64;
    /** Nothing may interrupt the table: it clears the mask before the exec. */
    private static final Integer[] ALL_SIGNALS = IntStream.rangeClosed(1, SIGNALS).boxed().toArray(Integer[]::new);

    private final Path directory;
    private final AtomicInteger counter = new AtomicInteger();

    /**
     * A runner.
     *
     * @param directory for the program where memory files may not be executed: private, on a file system that allows
     *     execution
     */
    public Runner(Path directory) {
        this.directory = directory;
    }

    /**
     * Starts a plan. Returns as soon as the process exists; what it does is told by {@link Started#journey}.
     *
     * @throws PosixException when there could be no process at all
     */
    public Started start(LaunchPlan plan) {
        return start(plan, CallTable.compile(plan));
    }

    private Started start(LaunchPlan plan, CallTable table) {
        Fd[] report = Sockets.pair(Sockets.SOCK_STREAM);
        try (Fd write = report[1]; Fd nothing = Files.open("/dev/null", Files.O_RDWR, 0)) {
            Descriptors.nonBlocking(report[0].number(), true);
            int pid = spawn(specification(plan, table.numbers(), write, nothing), table);
            return new Started(pid, plan.clones(), report[0], table);
        } catch (PosixException failure) {
            report[0].close();
            throw failure;
        }
    }

    private static SpawnSpec specification(LaunchPlan plan, Numbers numbers, Fd report, Fd nothing) {
        String path = "/proc/self/fd/" + numbers.runner();
        SpawnSpec spec = SpawnSpec.of(path, List.of(title(plan))).withBlocked(ALL_SIGNALS)
            .withFd(numbers.report(), report.number());
        for (int number = 0; number <= 2; number++) {
            spec = spec.withFd(number, nothing.number());
        }
        for (int number : plan.descriptors().keySet()) {
            spec = spec.withFd(number, plan.descriptors().get(number).number());
        }
        for (Namespace namespace : plan.enter().keySet()) {
            spec = spec.withFd(numbers.enter().get(namespace), plan.enter().get(namespace).number());
        }
        return spec;
    }

    private static String title(LaunchPlan plan) {
        return plan.mode() == LaunchPlan.Mode.HOLDER ? plan.arguments().getFirst()
            : cut("unit: start of " + plan.name());
    }

    /** An argument has at most 128 KiB; this one is a title. */
    private static String cut(String title) {
        return title.codePointCount(0, title.length()) <= MAX_TITLE ? title
            : title.substring(0, title.offsetByCodePoints(0, MAX_TITLE));
    }

    private int spawn(SpawnSpec spec, CallTable table) {
        byte[] image = table.executable();
        try (Fd program = memory(image)) {
            return Processes.spawn(spec.withFd(table.numbers().runner(), program.number()));
        } catch (PosixException refused) {
            if (refused.errno() != Errno.EACCES && refused.errno() != Errno.EPERM) {
                throw refused;
            }
        }
        try (Fd program = file(image)) {
            return Processes.spawn(spec.withFd(table.numbers().runner(), program.number()));
        }
    }

    private static Fd memory(byte[] image) {
        Fd memory = executableMemory();
        try {
            Files.writeAll(memory.number(), image);
            Files.seal(memory, Files.SEAL_ALL);
            return memory;
        } catch (PosixException failure) {
            memory.close();
            throw failure;
        }
    }

    /** Kernels before 6.3 know no such flag: there every memory file may be executed. */
    private static Fd executableMemory() {
        try {
            return Files.memfd("unit-start", Files.MFD_ALLOW_SEALING | MFD_EXEC);
        } catch (PosixException refused) {
            if (refused.errno() != Errno.EINVAL) {
                throw refused;
            }
            return Files.memfd("unit-start", Files.MFD_ALLOW_SEALING);
        }
    }

    Fd file(byte[] image) {
        String path = directory.resolve("start-" + Processes.pid() + "-" + counter.incrementAndGet()).toString();
        try (Fd writing = Files.open(path, Files.O_WRONLY | Files.O_CREAT | Files.O_EXCL, MODE)) {
            Files.writeAll(writing.number(), image);
        }
        // No program can be executed while it is open for writing.
        try {
            return Files.open(path, Files.O_RDONLY, 0);
        } finally {
            Files.unlink(path);
        }
    }
}
