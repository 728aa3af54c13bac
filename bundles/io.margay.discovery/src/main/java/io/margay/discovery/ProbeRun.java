// SPDX-License-Identifier: Apache-2.0
package io.margay.discovery;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.engine.Watch;
import io.margay.isolation.Identity;
import io.margay.isolation.LaunchPlan;
import io.margay.isolation.Runner;
import io.margay.isolation.Started;
import io.margay.lang.Probe;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.posix.Sockets;
import io.margay.process.Reaper;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One probe: a child whose output is read until it ends, or until it has said or waited too much. */
final class ProbeRun {

    /** What is missed is missed until the next start, and on a machine that boots an interpreter may take long. */
    private static final long DEADLINE_MILLIS = 30_000;
    private static final int MAX_OUTPUT = 1 << 18;
    private static final int CHUNK = 8192;
    /** That of a login, not the server's own: what a probe finds must not depend on who has started the server. */
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final EventLoop loop;
    private final Probe probe;
    private final Consumer<Optional<byte[]>> done;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private Fd end;
    private Watch watch;
    private Timer deadline;
    private Started started;
    private boolean over;

    ProbeRun(EventLoop loop, Probe probe, Consumer<Optional<byte[]>> done) {
        this.loop = loop;
        this.probe = probe;
        this.done = done;
    }

    void start(Runner runner, Reaper reaper, Optional<Identity> identity) {
        Fd[] pair = Sockets.pair(Sockets.SOCK_STREAM);
        end = pair[0];
        try (Fd write = pair[1]) {
            Sockets.nonBlocking(end, true);
            LaunchPlan.Builder plan = LaunchPlan.builder("discovery")
                .program(probe.argv().getFirst(), probe.argv())
                .environment(Map.of("PATH", PATH, "LANG", "C.UTF-8"))
                .directory("/").descriptor(1, write).newPrivileges(false).deathSignal(Signals.SIGKILL);
            identity.ifPresent(plan::identity);
            started = runner.start(plan.build());
        } catch (PosixException e) {
            end.close();
            throw e;
        }
        reaper.track(started.pid(), exit -> finish(!exit.signalled() && exit.number() == 0));
        watch = loop.watch(end.number(), (readable, writable, hangup) -> read(), true, false);
        deadline = loop.schedule(DEADLINE_MILLIS, this::kill);
    }

    private void read() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK);
            int length = Files.read(end.number(), buffer, 0, CHUNK);
            while (length > 0 && output.size() <= MAX_OUTPUT) {
                output.writeBytes(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
                length = Files.read(end.number(), buffer, 0, CHUNK);
            }
            if (output.size() > MAX_OUTPUT) {
                kill();
            } else if (length == 0 && watch != null) {
                // The exit status is still to come.
                watch.cancel();
                watch = null;
            }
        }
    }

    /** Ends it, and waits for that: whoever ends may not leave a child behind. */
    void end(Reaper reaper) {
        if (!over) {
            kill();
            reaper.forget(started.pid());
            Processes.waitFor(started.pid());
        }
    }

    private void kill() {
        if (over) {
            // It has been waited for: its number may belong to another process already.
            return;
        }
        try {
            Processes.kill(started.pid(), Signals.SIGKILL);
        } catch (PosixException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
        finish(false);
    }

    private void finish(boolean good) {
        if (over) {
            return;
        }
        over = true;
        deadline.cancel();
        if (watch != null) {
            // What the child wrote before its end waits in the socket.
            read();
        }
        if (watch != null) {
            watch.cancel();
            watch = null;
        }
        end.close();
        started.close();
        done.accept(good && output.size() <= MAX_OUTPUT ? Optional.of(output.toByteArray()) : Optional.empty());
    }
}
