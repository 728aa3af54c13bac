// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.app.AppProcesses;
import io.margay.credential.Accounts;
import io.margay.credential.Credential;
import io.margay.discovery.Discovery;
import io.margay.engine.EventLoop;
import io.margay.isolation.Identity;
import io.margay.isolation.Runner;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.log.ErrorLog;
import io.margay.port.Dispatcher;
import io.margay.port.ReceiveBuffer;
import io.margay.port.Rpc;
import io.margay.posix.Descriptors;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.process.Announcer;
import io.margay.process.ControlSocket;
import io.margay.process.InheritedSockets;
import io.margay.process.Journal;
import io.margay.process.ListenSockets;
import io.margay.process.LogFiles;
import io.margay.process.PidFile;
import io.margay.process.ProcFs;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessKinds;
import io.margay.process.ProcessTable;
import io.margay.process.QuitSequence;
import io.margay.process.Quitter;
import io.margay.process.Reaper;
import io.margay.process.Restarter;
import io.margay.process.Uplinks;
import io.margay.prototype.Host;
import io.margay.prototype.Languages;
import io.margay.prototype.Prototypes;
import io.margay.store.Revisions;
import io.margay.store.StateDirectory;
import java.nio.file.Path;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/** The parts of main that live on its loop, and how they hang together. */
final class MainServer {

    /** What was opened before the loop. */
    record Opened(ProcessContext context, ProcessKinds kinds, BundleContext bundles, String version,
                  InheritedSockets inherited, Optional<Credential> credential, Accounts accounts, Host host,
                  StateDirectory state, Revisions revisions, Optional<byte[]> policy, ControlSocket control,
                  LogFiles logs, PidFile pid) {
    }

    private final int self = Processes.pid();
    private final EventLoop loop;
    private final Opened opened;
    private final Journal journal;
    private final ProcessTable table;
    private final Quitter quitter;
    private final QuitSequence quit;
    private final Reaper reaper;
    private final Restarter restarter;
    private final CoreProcesses core;
    private final Modules modules;
    private boolean announced;

    MainServer(EventLoop loop, Opened opened, ErrorLog log) {
        this.loop = loop;
        this.opened = opened;
        this.journal = Journal.to(log);
        this.table = new ProcessTable(opened.kinds(), "main", journal);
        this.quitter = new Quitter(self, table);
        Announcer announcer = new Announcer(self, table, journal);
        ListenSockets sockets = new ListenSockets(opened.inherited(), journal);
        this.quit = new QuitSequence(loop, self, table, quitter, pid -> Kills.kill(pid, journal),
            QuitSequence.Deadlines.DEFAULT, opened.context()::exit, journal);
        quit.onExit(opened.pid()::remove);
        quit.onExit(opened.control()::remove);
        quit.onExit(sockets::unlinkAll);
        this.reaper = new Reaper(loop, self, table, announcer, quitter, Kills.calls(loop, journal), journal);
        this.restarter = new Restarter(loop, quit::exiting, journal);
        reaper.whenExiting(quit::exiting, quit::processGone).whenDraining(quit::draining)
            .whenRestartable(restarter::died);
        if (self == 1) {
            reaper.adoptOrphans(() -> ProcFs.children(self));
        }
        ProcessEntry main = table.add(self, "main", "", Optional.empty());
        main.ready();
        Rpc rpc = new Rpc(loop, Rpc.OWNER_MAIN, journal);
        Dispatcher dispatcher = new Dispatcher(table, journal);
        Uplinks uplinks = new Uplinks(loop, new ReceiveBuffer(), dispatcher, journal);
        Runner runner = new Runner(opened.context().directory());
        Optional<Identity> identity = opened.credential().map(MainServer::identity);
        this.modules = new Modules(loop, Path.of(opened.context().options().modulesDirectory()),
            new ModuleBundles(opened.bundles()), new Discovery(loop, runner, reaper, identity, journal),
            new ModuleNews(self, rpc, table, journal), journal);
        this.core = new CoreProcesses(new CoreProcesses.Parts(opened.context(), table, main, uplinks,
            opened.credential(), opened.state(), opened.revisions(), opened.policy(), opened.control(),
            opened.version(), new UnprivilegedLauncher(loop, runner, journal), loop, rpc, journal), quit);
        Prototypes prototypes = new Prototypes(loop, main, table, reaper, uplinks, runner, languages(), opened.host(),
            journal, log::debug);
        ConfStore store = new ConfStore(loop, opened.state(), opened.revisions(), journal);
        new MainHandlers(new MainHandlers.Parts(self, table, announcer, reaper, rpc, sockets, store,
            new UploadHandlers(self, table, store, opened.state()),
            new Queries(loop, self, store, opened.accounts(), journal), modules, prototypes,
            new AppProcesses(loop, self, table, announcer, reaper, journal), this::serving,
            core::storedWasRejected, journal), dispatcher);
    }

    private static Identity identity(Credential credential) {
        return new Identity(credential.user(), credential.uid(), credential.gid(), Optional.of(credential.groups()));
    }

    private Languages languages() {
        return new Languages() {
            @Override
            public Optional<InstalledModule> module(String type) {
                return modules.catalogue().find(type);
            }

            @Override
            public Optional<Language> language(String word, int revision) {
                return modules.language(word, revision);
            }
        };
    }

    /**
     * Starts the other processes. On the loop.
     *
     * @throws RuntimeException when the first start of one of them fails: the server cannot live then
     */
    void begin() {
        opened.context().host().signals(loop, this::signal, Signals.SIGTERM, Signals.SIGINT, Signals.SIGQUIT,
            Signals.SIGHUP, Signals.SIGUSR1, Signals.SIGUSR2, Signals.SIGCHLD);
        restarter.manage("controller", core::startController).manage("router", this::startRouter);
        restarter.first("router");
        restarter.first("controller");
        modules.begin();
    }

    /** The control socket answers: who has started the server may go on. Another controller says so too, later. */
    private void serving() {
        try {
            opened.control().publish();
        } catch (PosixException e) {
            journal.alert(e.getMessage());
            quit.begin(1, false);
            return;
        }
        core.serving();
        opened.context().ready();
        if (!announced) {
            announced = true;
            opened.context().statusDescriptor().ifPresent(Descriptors::close);
        }
    }

    /** The processes of applications cannot serve another router than the one that had them started. */
    private void startRouter() {
        quitter.quitApplications(false);
        core.startRouter();
    }

    private void signal(int number) {
        switch (number) {
            case Signals.SIGCHLD -> reaper.reap();
            case Signals.SIGTERM, Signals.SIGINT -> quit.begin(0, false);
            case Signals.SIGQUIT -> quit.begin(0, true);
            case Signals.SIGUSR1 -> rotate();
            default -> journal.notice("signal signo:" + number + " (" + Signals.name(number) + ") received, ignored");
        }
    }

    private void rotate() {
        journal.notice("signal " + Signals.SIGUSR1 + " (SIGUSR1) received, log files rotation");
        if (opened.logs().reopen()) {
            opened.logs().announce(table, self);
        }
    }
}
