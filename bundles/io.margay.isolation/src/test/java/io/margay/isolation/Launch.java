// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Descriptors;
import io.margay.posix.Errno;
import io.margay.posix.Exit;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Received;
import io.margay.posix.Signals;
import io.margay.posix.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;

/** Runs one plan and plays main for it. */
final class Launch implements AutoCloseable {

    static final int MAIN = 3;
    static final int OWN = 4;
    static final Runner RUNNER = new Runner(Path.of(System.getProperty("java.io.tmpdir")));
    private static final int DEADLINE = 10_000;

    private final LaunchPlan.Builder plan;
    private final Fd[] output = Sockets.pair(Sockets.SOCK_STREAM);
    private final Fd[] main = Sockets.seqpacketPair();
    private final Fd[] own = Sockets.seqpacketPair();
    private int pid;
    private Started started;

    /** What came of it. */
    record Result(String output, Journey journey, Exit exit) {
        String fault() {
            return journey.faults().isEmpty() ? "" : journey.faults().getLast().text();
        }

        List<String> lines() {
            return output.lines().toList();
        }
    }

    private Launch(LaunchPlan.Builder plan) {
        this.plan = plan;
        plan.descriptor(1, output[1]);
    }

    static Launch of(String name) {
        return new Launch(LaunchPlan.builder(name));
    }

    /** A shell script that writes to the output. */
    static Launch shell(String script) {
        Launch launch = of("\"test\" prototype");
        launch.plan.program("/bin/sh", List.of("sh", "-c", script)).environment("PATH", "/usr/bin:/bin");
        return launch;
    }

    LaunchPlan.Builder plan() {
        return plan;
    }

    /** The kernel's pid of the process that said CREATED, else of the spawned one. */
    int pid() {
        return pid;
    }

    Started started() {
        return started;
    }

    Launch handshake() {
        plan.descriptor(MAIN, main[1]).descriptor(OWN, own[0])
            .handshake(new Handshake(MAIN, OWN, message(18), message(19)));
        return this;
    }

    static byte[] message(int type) {
        byte[] header = new byte[Handshake.HEADER];
        header[10] = (byte) type;
        header[11] = 1;
        return header;
    }

    Result run() {
        return run(process -> { });
    }

    /** Runs to the end; the consumer does main's work on the pid, and may throw to refuse. */
    Result run(IntConsumer approval) {
        begin(approval);
        return finish();
    }

    /** Starts, and answers the handshake if there is one. */
    void begin(IntConsumer approval) {
        LaunchPlan built = plan.build();
        started = RUNNER.start(built);
        pid = started.pid();
        output[1].close();
        main[1].close();
        own[0].close();
        if (built.handshake().isPresent()) {
            answer(approval);
        }
    }

    private void answer(IntConsumer approval) {
        Received created = receive();
        if (created.length() != Handshake.HEADER) {
            return;
        }
        pid = created.pid();
        byte type = 0;
        try {
            approval.accept(pid);
        } catch (IsolationException refused) {
            type = 1;
        }
        if (own[1].isOpen()) {
            send(type);
        }
    }

    /** A message from the process; length 0 when it has ended. */
    Received receive() {
        if (Descriptors.poll(main[0].number(), Descriptors.POLLIN, DEADLINE) == 0) {
            throw new AssertionError("no message from the process\n" + started.journey().text());
        }
        try (Arena arena = Arena.ofConfined()) {
            return Sockets.receive(main[0].number(), arena.allocate(64));
        }
    }

    void send(int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(Handshake.HEADER);
            header.copyFrom(MemorySegment.ofArray(message(type)));
            Sockets.send(own[1].number(), header, 0, Handshake.HEADER, new int[0]);
        } catch (PosixException gone) {
            if (gone.errno() != Errno.EPIPE) {
                throw gone;
            }
        }
    }

    Result finish() {
        if (!started.await(DEADLINE)) {
            throw new AssertionError("the start is not over\n" + started.journey().text());
        }
        String text = new String(Files.readAll(output[0].number(), 1 << 20), StandardCharsets.UTF_8);
        Exit exit = end(started.pid());
        if (pid != started.pid()) {
            exit = end(pid);
        }
        return new Result(text, started.journey(), exit);
    }

    /** Reaps the process, by force after the deadline. */
    static Exit end(int process) {
        try (Fd watch = Processes.pidfdOpen(process)) {
            if (Descriptors.poll(watch.number(), Descriptors.POLLIN, DEADLINE) == 0) {
                Processes.kill(process, Signals.SIGKILL);
                throw new AssertionError("process " + process + " did not end");
            }
        }
        return Processes.waitFor(process);
    }

    /** Closes main's ends, as main's death would. */
    void hangUp() {
        main[0].close();
        own[1].close();
    }

    @Override
    public void close() {
        for (Fd[] pair : List.of(output, main, own)) {
            pair[0].close();
            pair[1].close();
        }
        if (started != null) {
            started.close();
        }
    }
}
