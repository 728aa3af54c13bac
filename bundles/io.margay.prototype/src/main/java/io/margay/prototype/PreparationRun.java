// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.engine.Timer;
import io.margay.isolation.LaunchPlan;
import io.margay.isolation.Started;
import io.margay.lang.Launch;
import io.margay.lang.PreparedContent;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.process.ChildExit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The steps that make one file, in memory at first, since their processes can write nothing else. On main's loop. */
final class PreparationRun {

    /** On a busy machine processes of the lowest priority hardly get a turn. */
    private static final long DEADLINE_MILLIS = 600_000;
    private static final List<String> NICE = List.of("/bin/sh", "-c",
        "renice -n 19 -p $$ > /dev/null 2>&1; exec \"$@\"", "preparation");
    private static final String NOTHING = "/dev/null";

    private final Preparations.Means means;
    private final PreparedContent what;
    private final BiConsumer<Optional<Fd>, String> done;
    private Optional<Fd> result = Optional.empty();
    private Optional<Fd> scratch = Optional.empty();
    private Optional<Started> started = Optional.empty();
    private Timer deadline;
    private int step;
    private boolean over;

    /** Tells the file, which the receiver closes, or why there is none; not before {@link #start} has returned. */
    PreparationRun(Preparations.Means means, PreparedContent what, BiConsumer<Optional<Fd>, String> done) {
        this.means = means;
        this.what = what;
        this.done = done;
    }

    /**
     * Starts the first step.
     *
     * @throws PosixException when there could be no process; nothing is told then
     */
    void start() {
        try {
            result = Optional.of(Files.memfd("unit-" + PreparedContent.FILE, 0));
            scratch = Optional.of(Files.memfd("unit-" + PreparedContent.SCRATCH, 0));
            begin();
        } catch (PosixException | IllegalStateException e) {
            over = true;
            result.ifPresent(Fd::close);
            scratch.ifPresent(Fd::close);
            throw e;
        }
        deadline = means.loop().schedule(DEADLINE_MILLIS, this::kill);
    }

    private void begin() {
        Launch launch = what.steps().get(step);
        List<String> argv = new ArrayList<>(NICE);
        argv.addAll(launch.argv());
        LaunchPlan.Builder plan = LaunchPlan.builder("preparation of " + what.name()).program(NICE.getFirst(), argv)
            .environment(launch.environment()).directory("/").newPrivileges(false).deathSignal(Signals.SIGKILL);
        means.identity().ifPresent(plan::identity);
        try (PlanFds fds = new PlanFds(Files.open(NOTHING, Files.O_WRONLY, 0))) {
            fds.put(PreparedContent.FILE, result.orElseThrow())
                .put(PreparedContent.SCRATCH, scratch.orElseThrow()).content(launch);
            fds.into(plan, launch, true);
            Started process = means.runner().start(plan.build());
            started = Optional.of(process);
            means.reaper().track(process.pid(), this::exited);
        }
    }

    private void exited(ChildExit exit) {
        started.ifPresent(Started::close);
        started = Optional.empty();
        if (over) {
            return;
        }
        if (exit.signalled() || exit.number() != 0) {
            finish(exit.text());
            return;
        }
        step++;
        if (step == what.steps().size()) {
            finish("");
            return;
        }
        try {
            begin();
        } catch (PosixException | IllegalStateException e) {
            finish(e.getMessage());
        }
    }

    private void finish(String fault) {
        over = true;
        deadline.cancel();
        scratch.ifPresent(Fd::close);
        if (fault.isEmpty()) {
            done.accept(result, "");
        } else {
            result.ifPresent(Fd::close);
            done.accept(Optional.empty(), fault);
        }
    }

    private void kill() {
        started.ifPresent(process -> {
            try {
                Processes.kill(process.pid(), Signals.SIGKILL);
            } catch (PosixException e) {
                if (e.errno() != Errno.ESRCH) {
                    throw e;
                }
            }
        });
    }

    /** Ends it, and waits for that: whoever ends may not leave a child behind. */
    void end() {
        started.ifPresent(process -> {
            kill();
            means.reaper().forget(process.pid());
            Processes.waitFor(process.pid());
            process.close();
        });
        started = Optional.empty();
        if (!over) {
            finish("the server ends");
        }
    }
}
