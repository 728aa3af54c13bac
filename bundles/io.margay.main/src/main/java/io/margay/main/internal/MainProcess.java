// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.credential.Accounts;
import io.margay.credential.Credential;
import io.margay.credential.Privileges;
import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.engine.SignalWatch;
import io.margay.launcher.Launch;
import io.margay.launcher.RoleCommand;
import io.margay.log.ErrorLog;
import io.margay.port.Dispatcher;
import io.margay.port.ReceiveBuffer;
import io.margay.port.Rpc;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.process.Announcer;
import io.margay.process.ControlSocket;
import io.margay.process.Daemon;
import io.margay.process.InheritedSockets;
import io.margay.process.Journal;
import io.margay.process.ListenSockets;
import io.margay.process.LogFiles;
import io.margay.process.PidFile;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessState;
import io.margay.process.ProcessTable;
import io.margay.process.ProcessType;
import io.margay.process.QuitSequence;
import io.margay.process.Quitter;
import io.margay.process.Reaper;
import io.margay.process.Restarter;
import io.margay.process.StartException;
import io.margay.process.Uplinks;
import io.margay.store.StateDirectory;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.osgi.framework.BundleContext;

/**
 * Puts the main process together, in the order of {@code spec/processes.md §6}. What may fail visibly comes before
 * the first child: the start command tells it and leaves with status 1. Everything after {@link #start} happens on
 * one loop.
 */
final class MainProcess {

    private final Launch launch;
    private final BundleContext bundles;
    private final Accounts accounts;
    private final ErrorLog log;
    private final Journal journal;
    private final int self = Processes.pid();

    MainProcess(Launch launch, BundleContext bundles, Accounts accounts, ErrorLog log) {
        this.launch = launch;
        this.bundles = bundles;
        this.accounts = accounts;
        this.log = log;
        this.journal = Journal.to(log);
    }

    void start() throws Exception {
        InheritedSockets inherited = InheritedSockets.read(System.getenv(), self, journal);
        Optional<Credential> credential = credential();
        StateDirectory state = StateDirectory.open(launch.commandLine().stateDirectory(),
            launch.commandLine().temporaryDirectory(),
            journal::alert);
        ControlSocket control = ControlSocket.create(controlOptions(), accountNames());
        LogFiles logs = new LogFiles(journal);
        PidFile pid;
        try {
            journal.info("unit " + version() + " started");
            logs.add(launch.commandLine().log());
            logs.open();
            if (launch.statusDescriptor().isPresent()) {
                Daemon.nullStreams();
            }
            pid = PidFile.create(launch.commandLine().pid(), self);
        } catch (RuntimeException e) {
            control.remove();
            throw e;
        }
        Processes.title(ProcessType.mainTitle(version(), command()));
        EventLoop loop = EventLoops.create("main", 1, log::failure).loop(0);
        CompletableFuture<Void> begun = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                new Assembly(loop, inherited, credential, state, control, logs, pid).begin();
                begun.complete(null);
            } catch (RuntimeException e) {
                begun.completeExceptionally(e);
            }
        });
        try {
            begun.join();
        } catch (RuntimeException e) {
            pid.remove();
            control.remove();
            throw new StartException(e.getCause().getMessage(), e.getCause());
        }
    }

    private Optional<Credential> credential() {
        if (!Privileges.current().setid()) {
            journal.warn("Unit is running unprivileged, then it cannot use arbitrary user and group.");
            return Optional.empty();
        }
        return Optional.of(accounts.resolve(launch.commandLine().user(), launch.commandLine().group()));
    }

    private ControlSocket.Options controlOptions() {
        return new ControlSocket.Options(launch.commandLine().control(), launch.commandLine().controlMode(),
            launch.commandLine().controlUser(), launch.commandLine().controlGroup());
    }

    private ControlSocket.Names accountNames() {
        return new ControlSocket.Names(accounts::uid, accounts::gid);
    }

    private String version() {
        return bundles.getProperty("unit.version");
    }

    private List<String> command() {
        List<String> all = new java.util.ArrayList<>(launch.arguments());
        all.addFirst(launch.program());
        return all;
    }

    /** The parts that live on the loop. */
    private final class Assembly {
        private final EventLoop loop;
        private final ControlSocket control;
        private final StateDirectory state;
        private final LogFiles logs;
        private final ProcessTable table = new ProcessTable(journal);
        private final Quitter quitter = new Quitter(self, table);
        private final Announcer announcer = new Announcer(self, table, journal);
        private final QuitSequence quit;
        private final Reaper reaper;
        private final Restarter restarter;
        private final MainHandlers handlers;
        private final Modules modules;

        Assembly(EventLoop loop, InheritedSockets inherited, Optional<Credential> credential, StateDirectory state,
                ControlSocket control, LogFiles logs, PidFile pid) {
            this.loop = loop;
            this.control = control;
            this.state = state;
            this.logs = logs;
            ListenSockets sockets = new ListenSockets(inherited, journal);
            this.quit = new QuitSequence(loop, self, table, quitter, child -> Kills.kill(child, journal),
                QuitSequence.Deadlines.DEFAULT, launch::exit, journal);
            quit.onExit(pid::remove);
            quit.onExit(control::remove);
            quit.onExit(sockets::unlinkAll);
            this.reaper = new Reaper(loop, self, table, announcer, quitter, Kills.calls(loop, journal), journal);
            this.restarter = new Restarter(loop, () -> System.nanoTime() / 1_000_000, quit::exiting, journal);
            reaper.whenExiting(quit::exiting, quit::processGone).whenRestartable(restarter::died);
            if (self == 1) {
                reaper.adoptOrphans();
            }
            ProcessEntry main = table.add(self, ProcessType.MAIN, "", Optional.empty());
            main.ready();
            Rpc rpc = new Rpc(loop, Rpc.OWNER_MAIN);
            Dispatcher<ProcessType> dispatcher = new Dispatcher<>(table, journal);
            Uplinks uplinks = new Uplinks(loop, new ReceiveBuffer(), dispatcher, journal);
            this.modules = new Modules(loop, bundles, launch, credential, rpc, table, reaper, journal);
            this.handlers = new MainHandlers(new MainHandlers.Parts(loop, self, launch, table, announcer, reaper, rpc,
                sockets,
                state, modules, credential, accounts, uplinks, journal), dispatcher);
            CoreProcesses core = new CoreProcesses(new CoreProcesses.Parts(loop, launch, table, main, uplinks,
                credential, state,
                control, version(), journal), quit);
            restarter.manage(ProcessType.CONTROLLER, core::startController);
            restarter.manage(ProcessType.ROUTER, () -> {
                quitter.quitApplications(false);
                core.startRouter();
            });
        }

        void begin() {
            SignalWatch.of(loop, this::signal, Signals.SIGTERM, Signals.SIGINT, Signals.SIGQUIT, Signals.SIGHUP,
                Signals.SIGUSR1,
                Signals.SIGUSR2, Signals.SIGCHLD);
            handlers.onControllerReady(launch::ready);
            restarter.first(ProcessType.CONTROLLER);
            restarter.first(ProcessType.ROUTER);
            modules.begin();
        }

        private void signal(int number) {
            switch (number) {
                case Signals.SIGCHLD -> reaper.reap();
                case Signals.SIGTERM, Signals.SIGINT -> quit.begin(0, false);
                case Signals.SIGQUIT -> quit.begin(0, true);
                case Signals.SIGUSR1 -> rotate();
                default -> journal.notice("signal signo:" + number + " (" + Signals.name(number)
                    + ") received, ignored");
            }
        }

        private void rotate() {
            journal.notice("signal " + Signals.SIGUSR1 + " (SIGUSR1) received, log files rotation");
            if (logs.reopen()) {
                logs.announce(table, self);
            }
        }
    }
}
