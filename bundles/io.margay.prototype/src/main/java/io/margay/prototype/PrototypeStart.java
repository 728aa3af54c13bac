// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.engine.Timer;
import io.margay.engine.Watch;
import io.margay.isolation.Cgroups;
import io.margay.isolation.Fault;
import io.margay.isolation.Isolation;
import io.margay.isolation.IsolationException;
import io.margay.isolation.Journey;
import io.margay.isolation.LaunchPlan;
import io.margay.isolation.MapWriter;
import io.margay.isolation.Namespace;
import io.margay.isolation.Notice;
import io.margay.isolation.Started;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.PreparedContent;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.posix.Descriptors;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.posix.Sockets;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessState;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * One start of a prototype, or of a worker that has none, from the router's request until it is ready or has failed.
 * Used on main's loop.
 */
final class PrototypeStart {

    private static final long MOST_SHOWN = 64 << 10;
    private static final long MILLIS = 1000;
    /** Time for a clone that nobody knows, and for what a worker has left, to end by itself. */
    private static final long LEAVE_MILLIS = 5_000;

    private final Prototypes.Tools tools;
    private final AppSpec app;
    private final int revision;
    private final int stream;
    private final Optional<ProcessEntry> orderer;
    private final BiConsumer<PrototypeStart, String> ended;
    private final Timer deadline;
    private boolean worker;
    private LaunchPlan plan;
    private Isolation isolation;
    private Started started;
    private Watch watch;
    private Peer port;
    private AppOutput output;
    private Leftovers leftovers;
    private Optional<ProcessEntry> entry = Optional.empty();
    private Optional<PreparedContent> wanted = Optional.empty();
    private boolean over;

    PrototypeStart(Prototypes.Tools tools, AppSpec app, int revision, int stream, Optional<ProcessEntry> orderer,
            BiConsumer<PrototypeStart, String> ended) {
        this.tools = tools;
        this.app = app;
        this.revision = revision;
        this.stream = stream;
        this.orderer = orderer;
        this.ended = ended;
        this.deadline = tools.loop().schedule(app.startMillis(), this::late);
    }

    int stream() {
        return stream;
    }

    /** The router that has asked for it. */
    Optional<ProcessEntry> orderer() {
        return orderer;
    }

    /** The prototype's pid; once it is ready. */
    int pid() {
        return entry.orElseThrow().pid();
    }

    /** What starts, for people. */
    String name() {
        return tools.table().kinds().get(kind()).name(app.title());
    }

    private String kind() {
        return worker ? "app" : "prototype";
    }

    /**
     * Makes the process.
     *
     * @throws IsolationException when the configuration forbids it or asks for what this machine does not have
     * @throws PosixException when there could be no process
     */
    void begin(Map<String, Fd> descriptors) {
        InstalledModule module = tools.languages().module(app.type()).orElseThrow(this::unknownType);
        Language language = tools.languages().language(module.type(), revision).orElseThrow(this::unknownType);
        Launch bare = PrototypePlan.launch(app, module, language, tools.host());
        Optional<Fd> file = prepared(bare);
        Launch launch = file.isPresent() ? bare.withPrepared() : bare;
        worker = launch.prototype() == Launch.Prototype.NONE;
        isolation = Isolation.parse(app.name(), app.conf(), tools.host().server(), tools.host().accounts());
        isolation.notices().forEach(notice -> Notices.log(tools.journal(), notice));
        Fd[] pair = Sockets.seqpacketPair();
        port = tools.ports().peer(tools.loop(), pair[1], tools.journal(), (gone, reason) -> { });
        try (Fd own = pair[0]; Fd main = tools.uplinks().open(); PlanFds fds = new PlanFds(errors())) {
            if (!worker) {
                fds.port(own, main);
            }
            descriptors.forEach(fds::put);
            file.ifPresent(fd -> fds.own(bare.prepared().orElseThrow().name(), fd));
            fds.content(launch);
            if (worker) {
                // The program does not get them: behind the others they leave no gap.
                fds.port(own, main);
            }
            plan = new PrototypePlan(name(), app, module, launch, tools.host(), isolation, tools.self(), stream)
                .build(fds, notice -> Notices.log(tools.journal(), notice));
            leftovers = new Leftovers(plan, descriptors.values(),
                pid -> pid == tools.self() || tools.table().find(pid).isPresent(), tools.journal());
            started = tools.runner().start(plan);
        }
        if (plan.environment().values().stream().mapToLong(String::length).sum() <= MOST_SHOWN) {
            // One of megabytes is nothing to read, and its text would take the memory of several.
            tools.debug().accept("plan of " + name() + ":\n" + started.journey().text());
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

    /** What was prepared for it at an earlier start, or is to be now, when this one is over. */
    private Optional<Fd> prepared(Launch launch) {
        Optional<Preparations> maker = tools.preparations().get();
        Optional<Fd> file = maker.flatMap(all -> launch.prepared().flatMap(all::open));
        wanted = file.isPresent() ? Optional.empty() : launch.prepared();
        return file;
    }

    private Fd errors() {
        Fd[] pipe = Descriptors.pipe();
        output = AppOutput.open(tools.loop(), name(), tools.host().outputRate(), tools.host().log(), tools.journal(),
            tools.outputs(), pipe[0]);
        return pipe[1];
    }

    private IsolationException unknownType() {
        return new IsolationException(io.margay.isolation.Severity.ALERT, "unknown application type: \"" + app.type()
            + "\"");
    }

    private void register(int pid) {
        ProcessEntry fresh = tools.table().add(pid, kind(), app.name(), Optional.of(tools.main())).stream(stream)
            .orderedBy(orderer);
        // The way to a worker ends with the handshake; whoever has to stop it, sends a signal.
        tools.table().addPort(fresh, 0, worker ? Optional.empty() : Optional.of(port));
        if (worker) {
            fresh.onExit(port::close);
            fresh.onExit(() -> {
                if (leftovers.end(fresh)) {
                    tools.loop().schedule(LEAVE_MILLIS, () -> leftovers.kill(fresh));
                }
            });
        }
        entry = Optional.of(fresh);
        fresh.lastWords(output::drain);
        fresh.onExit(this::exited);
    }

    /** PROCESS_CREATED: the kernel says who the process is, so maps and control group can be written for it. */
    void created(int pid) {
        boolean other = entry.isPresent() ? entry.get().pid() != pid : tools.table().find(pid).isPresent();
        if (over || started.clones() == entry.isPresent() || other) {
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
        try {
            if (plan.namespaces().contains(Namespace.CREDENTIAL)) {
                new MapWriter(isolation.setid()).write(pid, plan);
            }
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

    /** PROCESS_READY. */
    void ready() {
        report();
        end("");
    }

    /** Ends the start with a reason for the router. */
    void fail(String reason) {
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
        } else if (worker && !over && started.journey().fatal().isEmpty()) {
            runs(entry.get());
        }
    }

    /** Its program was executed; or it was killed before, which is heard of next. */
    private void runs(ProcessEntry process) {
        port.close();
        if (process.state() == ProcessState.CREATED && process.ready()) {
            tools.serving().accept(process);
            end("");
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

    private void end(String reason) {
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
        ended.accept(this, reason);
        if (reason.isEmpty()) {
            // Not earlier, as it would take processor time from this start.
            tools.preparations().get().ifPresent(maker -> wanted.ifPresent(maker::make));
        }
    }
}
