// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.engine.Timer;
import io.margay.engine.Watch;
import io.margay.isolation.Cgroups;
import io.margay.isolation.Fault;
import io.margay.isolation.IsolationException;
import io.margay.isolation.Journey;
import io.margay.isolation.LaunchPlan;
import io.margay.isolation.MapWriter;
import io.margay.isolation.Notice;
import io.margay.isolation.Started;
import io.margay.lang.AppSpec;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.Quit;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.posix.Sockets;
import io.margay.process.ProcessEntry;
import java.util.Optional;

/**
 * One start of a process of an application, from the order until it is ready or has failed: spawn, PROCESS_CREATED,
 * maps and control group, and what the kind of process adds. Used on main's loop.
 */
abstract class ProcessStart {

    private static final long MILLIS = 1000;
    /** Time for a clone that nobody knows to end by itself. */
    static final long LEAVE_MILLIS = 5_000;

    private final Prototypes.Tools tools;
    private final AppSpec app;
    private final int stream;
    private final Optional<ProcessEntry> orderer;
    private final Timer deadline;
    private LaunchPlan plan;
    private Started started;
    private Watch watch;
    private Peer port;
    private Optional<ProcessEntry> entry = Optional.empty();
    private boolean over;

    ProcessStart(Prototypes.Tools tools, AppSpec app, int stream, Optional<ProcessEntry> orderer) {
        this.tools = tools;
        this.app = app;
        this.stream = stream;
        this.orderer = orderer;
        this.deadline = tools.loop().schedule(app.startMillis(), this::late);
    }

    Prototypes.Tools tools() {
        return tools;
    }

    AppSpec app() {
        return app;
    }

    int stream() {
        return stream;
    }

    /** The router that it is for. */
    Optional<ProcessEntry> orderer() {
        return orderer;
    }

    /** The way to the process, once it is spawned. */
    Peer port() {
        return port;
    }

    /** The process, once it is known. */
    Optional<ProcessEntry> entry() {
        return entry;
    }

    /** What it was started by. */
    LaunchPlan plan() {
        return plan;
    }

    /** The pid; once it is ready. */
    int pid() {
        return entry.orElseThrow().pid();
    }

    boolean isOver() {
        return over;
    }

    /** What starts, for people. */
    String name() {
        return tools.table().kinds().get(kind()).name(app.title());
    }

    /** The kind of process. */
    abstract String kind();

    /**
     * Makes the plan and starts it.
     *
     * @param own what the process reads its messages from
     * @param main where it sends its messages
     */
    abstract Started start(Fd own, Fd main);

    /** The process is known. */
    abstract void registered(ProcessEntry process);

    /** All steps are done; a program runs by now. */
    abstract void done(ProcessEntry process);

    /** The start is over, successfully if there is no reason. Called once. */
    abstract void ended(String reason);

    /** Tells people what runs, in the words of a process that has a runtime of ours and says so itself. */
    final void tellStarted() {
        tools.journal().info(name() + " started");
    }

    /** Does a part of the start; what it throws is its end. */
    final void attempt(Runnable part) {
        try {
            part.run();
        } catch (IsolationException e) {
            e.notices().forEach(notice -> Notices.log(tools.journal(), notice));
            fail(e.getMessage());
        } catch (PosixException e) {
            tools.journal().alert("fork() failed for " + name() + ": " + e.getMessage());
            fail(e.getMessage());
        } catch (RuntimeException e) {
            // The router has no privileges, so its configuration may be one that nobody has validated.
            tools.journal().alert("start of " + name() + " failed: " + e);
            fail(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Makes the process.
     *
     * @throws IsolationException when the configuration asks for what this machine does not have
     * @throws PosixException when there could be no process
     */
    final void spawn() {
        Fd[] pair = Sockets.seqpacketPair();
        port = tools.ports().peer(tools.loop(), pair[1], tools.journal(), (gone, reason) -> { });
        try (Fd own = pair[0]; Fd main = tools.uplinks().open()) {
            started = start(own, main);
        }
        watch = tools.loop().watch(started.report().number(), (readable, writable, hangup) -> report(), true, false);
        if (started.clones()) {
            tools.reaper().expect();
            tools.reaper().track(started.pid(), exit -> {
                if (exit.signalled() || exit.number() != 0) {
                    report();
                    fail(exit.text());
                }
            });
        } else {
            register(started.pid());
        }
    }

    /** Starts a plan. */
    final Started run(LaunchPlan made) {
        plan = made;
        return tools.runner().start(made);
    }

    private void register(int pid) {
        ProcessEntry fresh = tools.table().add(pid, kind(), app.name(), Optional.of(tools.main())).stream(stream)
            .orderedBy(orderer);
        entry = Optional.of(fresh);
        registered(fresh);
        fresh.onExit(this::exited);
    }

    /** PROCESS_CREATED: the kernel says who the process is, so maps and control group can be written for it. */
    final void created(int pid) {
        boolean other = entry.isPresent() ? entry.get().pid() != pid : tools.table().find(pid).isPresent();
        if (over || started == null || started.clones() == entry.isPresent() || other) {
            throw new PayloadException("process " + pid + " sent PROCESS_CREATED in unexpected state");
        }
        if (entry.isEmpty()) {
            tools.reaper().met();
            register(pid);
        }
        ProcessEntry process = entry.orElseThrow();
        if (!process.created()) {
            return;
        }
        if (isForNobody()) {
            port.send(Header.last(MessageType.QUIT, 0, tools.self()), Quit.NORMAL.encode());
            fail(name() + " is not needed any more");
            return;
        }
        try {
            new MapWriter(tools.host().server().setid()).write(pid, plan);
            plan.cgroup().ifPresent(path -> {
                Cgroups.Joined joined = new Cgroups().join(pid, path);
                process.onExit(joined::leave);
            });
            port.send(Header.last(MessageType.RPC_READY, stream, tools.self()));
        } catch (IsolationException e) {
            e.notices().forEach(notice -> Notices.log(tools.journal(), notice));
            port.send(Header.last(MessageType.RPC_ERROR, stream, tools.self()));
            tools.journal().alert(app.name() + " failed to start");
            fail(e.getMessage());
        }
    }

    /** The router has gone before the process was known, so nobody has told it to leave with the others. */
    private boolean isForNobody() {
        return orderer.filter(router -> tools.table().find(router.pid()).filter(known -> known == router).isEmpty())
            .isPresent();
    }

    /** PROCESS_READY. */
    final void ready() {
        report();
        end("");
    }

    /** Ends the start with a reason for the router. */
    final void fail(String reason) {
        end(reason.isEmpty() ? name() + " failed to start" : reason);
    }

    private void report() {
        if (watch == null || !started.advance()) {
            return;
        }
        watch.cancel();
        watch = null;
        started.close();
        for (Fault fault : started.journey().faults()) {
            if (fault.fatal()) {
                Notices.log(tools.journal(), new Notice(fault.severity(), fault.text()));
                tools.journal().notice("start of " + name() + " ended at " + Journey.explain(fault));
            }
        }
        started.journey().fatal().ifPresent(fault -> fail(fault.text()));
        if (entry.isEmpty()) {
            // It would have waited for approval with its report open.
            fail(name() + " ended before it said who it is");
        } else if (!over && started.journey().fatal().isEmpty()) {
            done(entry.get());
        }
    }

    private void exited() {
        report();
        fail(name() + " exited before it was ready");
    }

    private void late() {
        tools.journal().alert(name() + " was not ready within " + app.startMillis() / MILLIS
            + " seconds (option \"limits.start_timeout\")");
        // A clone that has not said who it is ends by itself when its port closes; the process that made it is gone.
        entry.map(ProcessEntry::pid).ifPresent(this::kill);
        fail(name() + " was not ready in time");
    }

    private void kill(int pid) {
        try {
            Processes.kill(pid, Signals.SIGKILL);
        } catch (PosixException e) {
            if (e.errno() != Errno.ESRCH) {
                tools.journal().alert(e.getMessage());
            }
        }
    }

    final void end(String reason) {
        if (over) {
            return;
        }
        over = true;
        deadline.cancel();
        if (!reason.isEmpty() && entry.isEmpty() && port != null) {
            port.close();
        }
        if (entry.isEmpty() && started != null && started.clones()) {
            // The clone has no port any more and ends, if it has not done so yet.
            tools.loop().schedule(LEAVE_MILLIS, () -> {
                tools.reaper().reap();
                tools.reaper().met();
            });
        }
        tools.over().accept(this);
        ended(reason);
    }
}
