// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.app.AppProcesses;
import io.margay.credential.Accounts;
import io.margay.credential.Credential;
import io.margay.discovery.Discovery;
import io.margay.discovery.LanguageFacts;
import io.margay.engine.EventLoop;
import io.margay.isolation.Identity;
import io.margay.isolation.Runner;
import io.margay.isolation.Runners;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.log.ErrorLog;
import io.margay.module.ModuleAdmin;
import io.margay.module.ModuleNews;
import io.margay.module.Modules;
import io.margay.port.Dispatcher;
import io.margay.port.Ports;
import io.margay.port.ReceiveBuffer;
import io.margay.port.Rpc;
import io.margay.posix.Descriptors;
import io.margay.posix.PosixException;
import io.margay.posix.Signals;
import io.margay.process.HeapKeeper;
import io.margay.process.InspectAnswers;
import io.margay.process.PortInspector;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessEntry;
import io.margay.process.Reaper;
import io.margay.process.ProcessKinds;
import io.margay.process.ProcessState;
import io.margay.process.StartException;
import io.margay.process.Uplinks;
import io.margay.prototype.Host;
import io.margay.prototype.Languages;
import io.margay.prototype.Preparations;
import io.margay.prototype.Prototypes;
import io.margay.store.Revisions;
import io.margay.store.StateDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** The parts of main that live on its loop, and how they hang together. */
final class MainServer {

    /** What was opened before the loop. */
    record Opened(ProcessContext context, ProcessKinds kinds, BundleContext bundles, String version,
                  InheritedSockets inherited, Optional<Credential> credential, Accounts accounts, Runners runners,
                  Ports ports, Host host, StateDirectory state, Revisions revisions, PolicyFile.Rules rules,
                  ControlSocket control, LogFiles logs, PidFile pid, long startSeconds,
                  long leaveSeconds) {
    }

    private static final long LAST_WORDS_MILLIS = 20;
    private static final long MILLIS = 1000;
    /** The controller gives a router up after fifteen minutes, whatever it has to start. */
    private static final long SERVING_MILLIS = 960_000;

    private final EventLoop loop;
    private final Opened opened;
    private final ErrorLog journal;
    private final Supervision all;
    private final CoreProcesses core;
    private final LanguageFacts languages;
    private final Modules modules;
    private final ConfStore store;
    private final AccessLogFiles accessLogs;
    private final ServiceManager manager;
    private final RouterReplacement routers;
    private final ListenSockets sockets;
    private final PartProcesses parts;
    private final List<AutoCloseable> held = new ArrayList<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private boolean served;
    /** Whether the controller that is there serves the control socket. */
    private boolean controls;
    private boolean routerBegun;
    private Optional<StartDeadline> deadline = Optional.empty();
    private Optional<String> failure = Optional.empty();
    /** Made when somebody asks for it. */
    private Optional<ShellOrders> shell = Optional.empty();
    private boolean announced;

    MainServer(EventLoop loop, Opened opened, ErrorLog log) {
        this.loop = loop;
        this.opened = opened;
        this.journal = log;
        // What started a foreign container does not wait for this server.
        this.manager = ServiceManager.of(opened.context().host().ours() ? System.getenv() : Map.of(), loop, journal);
        this.all = new Supervision(loop, opened.kinds(), this::last, journal);
        held(all.reaper());
        if (!opened.context().host().ours()) {
            all.reaper().withoutSignal();
        }
        this.accessLogs = held(new AccessLogFiles(loop, all.self(), all.table(), journal));
        this.sockets = new ListenSockets(opened.inherited(), journal);
        all.quit().onExit(opened.pid()::remove);
        all.quit().onExit(opened.control()::remove);
        all.quit().onExit(sockets::unlinkAll);
        Rpc rpc = opened.ports().rpc(loop, Rpc.OWNER_MAIN, journal);
        Dispatcher dispatcher = opened.ports().dispatcher(all.table(), journal);
        Uplinks uplinks = held(new Uplinks(opened.ports(), loop, new ReceiveBuffer(), dispatcher, journal));
        held.add(PortInspector.register(opened.bundles(), all.table(), uplinks::numbers)::run);
        Runner runner = opened.runners().in(opened.context().directory());
        Optional<Identity> identity = opened.credential().map(Identities::of);
        this.languages = new LanguageFacts(opened.bundles(),
            held(new Discovery(loop, runner, all.reaper(), identity, journal)), journal);
        StartLines lines = new StartLines(journal);
        this.parts = new PartProcesses(opened.context(), all.table(), () -> controls && !all.quit().exiting(),
            lines::discovered, journal);
        this.modules = held(new Modules(loop, new Modules.Sources(
            Path.of(opened.context().options().modulesDirectory()), new StateModules(opened.state()), opened.bundles(),
            opened.context()::has, opened.rules().modules(), parts), languages,
            new ModuleNews(all.self(), rpc, all.table(), opened.rules().parkMillis(), journal), journal));
        ServiceRegistration<ModuleAdmin> admin = opened.bundles().registerService(ModuleAdmin.class, modules.admin(),
            null);
        held.add(admin::unregister);
        this.core = new CoreProcesses(new CoreProcesses.Parts(opened.context(), opened.ports(), all.table(), all.main(),
            uplinks, opened.credential(), opened.state(), opened.revisions(), opened.rules().control(),
            opened.control(), opened.version(), held(new UnprivilegedLauncher(loop, runner,
            opened.context().host().log(), Identities.capable(identity), journal)), loop, rpc,
            Identities.capable(identity).isPresent(), parts::files, lines, journal), all.quit());
        Prototypes prototypes = held(new Prototypes(opened.ports(), loop, all.main(), all.table(), all.reaper(),
            uplinks, runner, languages(), opened.host(), journal, log::debug));
        prototypes.preparedBy(held(new Preparations(loop, runner, all.reaper(), identity,
            Path.of(opened.state().path(), "prepared"), journal)));
        this.store = held(new ConfStore(loop, opened.state(), opened.revisions(), journal));
        Queries queries = held(new Queries(loop, all.self(), store, opened.accounts(), journal));
        held.add(opened.logs()::close);
        held.add(sockets);
        this.routers = new RouterReplacement(new RouterReplacement.Parts(loop, all.self(), all.table(),
            all.quit()::exiting, rpc, sockets.shared(), core::startRouter, this::routerTaken,
            pid -> Kills.kill(pid, journal), opened.startSeconds() * MILLIS, SERVING_MILLIS,
            opened.leaveSeconds() * MILLIS, journal));
        all.reaper().whenRestartable(this::died);
        new MainHandlers(new MainHandlers.Parts(all.self(), all.table(), all.announcer(), all.reaper(), rpc, sockets,
            accessLogs, store, new UploadHandlers(all.self(), all.table(), store, opened.state()), queries, modules,
            new OrderHandler(all.self(), modules.admin()), this::shell, prototypes, routers, controllers(routers),
            new AppProcesses(opened.ports(), loop, all.self(), all.table(), all.announcer(), all.reaper(), journal),
            () -> all.quit().exiting() && !all.quit().draining(), this::serving, this::started,
            core::storedWasRejected, lines, journal), dispatcher);
        new InspectAnswers(opened.bundles(), all.self()).in(dispatcher, all.table());
    }

    private ShellOrders shell() {
        if (shell.isEmpty()) {
            shell = Optional.of(new ShellOrders(loop, all.self(), opened.context(), opened.bundles(), opened.version(),
                journal));
        }
        return shell.get();
    }

    private ControllerReplacement controllers(RouterReplacement others) {
        ControllerReplacement made = new ControllerReplacement(new ControllerReplacement.Parts(loop, all.self(),
            all.table(), () -> controls && !all.quit().exiting() && !others.isBusy(),
            () -> core.startAhead("controller"), () -> core.discardAhead("controller"), pid -> Kills.kill(pid, journal),
            opened.startSeconds() * MILLIS, SERVING_MILLIS, journal));
        parts.by(others, made);
        return made;
    }

    private void quit(int code, boolean graceful) {
        manager.stopping(graceful);
        sockets.letGo();
        all.quit().begin(code, graceful);
    }

    private <T extends AutoCloseable> T held(T part) {
        held.add(part);
        return part;
    }

    /** Ends the server as SIGTERM does. On the loop; completes when all processes are gone and all is given back. */
    CompletionStage<Integer> stop() {
        quit(0, false);
        return ended;
    }

    /** The last process is gone. What it has written before its end is on its way still; a JVM of ours goes at once. */
    private void last(int status) {
        if (opened.context().host().ours()) {
            ended(status);
        } else {
            loop.schedule(LAST_WORDS_MILLIS, () -> ended(status));
        }
    }

    private void ended(int status) {
        deadline.ifPresent(StartDeadline::over);
        for (AutoCloseable part : held.reversed()) {
            try {
                part.close();
            } catch (Exception e) {
                journal.alert("something of main could not be closed: " + e);
            }
        }
        held.clear();
        if (ended.complete(status)) {
            failure.ifPresentOrElse(reason -> opened.context().failed(new StartException(reason)),
                () -> opened.context().exit(status));
        }
    }

    private Languages languages() {
        return new Languages() {
            @Override
            public Optional<InstalledModule> module(String type) {
                return languages.catalogue().find(type);
            }

            @Override
            public Optional<Language> language(String word, int revision) {
                return Stream.concat(modules.revision(revision).stream(), modules.current().stream())
                    .flatMap(module -> languages.language(module, word).stream()).findFirst();
            }
        };
    }

    /**
     * Starts the other processes. On the loop.
     *
     * @throws RuntimeException when the first start of one of them fails: the server cannot live then
     */
    void begin() {
        held.add(opened.context().host().signals(loop, this::signal, Signals.SIGTERM, Signals.SIGINT, Signals.SIGQUIT,
            Signals.SIGHUP, Signals.SIGUSR1, Signals.SIGUSR2, Signals.SIGCHLD));
        all.restarter().manage("controller", () -> core.startController(core.read()), this::restartController)
            .manage("router", () -> core.startRouter(all.table().all("router")));
        modules.begin(this::beginProcesses);
        deadline = Optional.of(new StartDeadline(loop, all.table(), opened.startSeconds() * 1000, this::failed));
    }

    /** The first one may be told later, when newer parts of the server had to be found: then it ends in its own way. */
    private void beginProcesses() {
        boolean later = deadline.isPresent();
        try {
            if (!parts.files("controller").isEmpty()) {
                core.discardAhead("controller");
            }
            all.restarter().first("controller");
            if (core.restores()) {
                beginRouter();
            }
        } catch (RuntimeException e) {
            if (!later) {
                throw e;
            }
            failed(e.getMessage());
        }
        // The server can live without those that a bundle has added.
        core.added().forEach(kind -> {
            all.restarter().manage(kind, () -> core.start(kind));
            all.restarter().attempt(kind);
        });
    }

    /** The server cannot serve: it ends, and then tells why. */
    private void failed(String reason) {
        if (!all.quit().exiting()) {
            failure = Optional.of(reason);
            quit(1, false);
        }
    }

    /** The control socket answers. Another controller says so too, later. */
    private void serving() {
        try {
            opened.control().publish();
        } catch (PosixException e) {
            failed(e.getMessage());
            return;
        }
        core.serving();
        served = true;
        controls = true;
        try {
            beginRouter();
        } catch (RuntimeException e) {
            failed(e.getMessage());
            return;
        }
        started();
    }

    /** With nothing to restore the router leaves the processors to the controller until the control socket answers. */
    private void beginRouter() {
        if (!routerBegun && !all.quit().exiting()) {
            routerBegun = true;
            all.restarter().first("router");
        }
    }

    /** Who has started the server may go on when the control socket answers and the router runs. */
    private void started() {
        if (!served || all.table().all("router").stream().map(ProcessEntry::state)
                .noneMatch(ProcessState.READY::equals)) {
            return;
        }
        deadline.ifPresent(StartDeadline::over);
        opened.context().ready();
        if (!announced) {
            announced = true;
            manager.ready();
            if (opened.context().host().ours()) {
                HeapKeeper.keep(loop);
            }
            opened.context().statusDescriptor().ifPresent(Descriptors::close);
        }
    }

    /**
     * What the controller before has ordered is stored first. Read earlier, the configuration of before would come into
     * force, and that of a change on its way at the next start.
     */
    private CompletionStage<Void> restartController() {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        store.work("read the stored configuration", core::read, content -> {
            try {
                if (!all.quit().exiting()) {
                    core.startController(content);
                }
                begun.complete(null);
            } catch (RuntimeException e) {
                begun.completeExceptionally(e);
            }
        }, reason -> begun.completeExceptionally(new StartException(reason)));
        return begun;
    }

    /** A process that main keeps alive is gone. */
    private void died(ProcessEntry dead) {
        if (dead.is("controller")) {
            controls = false;
        }
        if (dead.is("router")) {
            bereave(dead);
            sockets.left(dead.pid(), all.table().all("router").stream().anyMatch(other -> other != dead
                && other.state() == ProcessState.READY && !other.isRetiring() && !routers.isComing(other.pid())),
                loop::schedule);
            if (routers.died(dead)) {
                return;
            }
        }
        if (dead.state() != ProcessState.READY && !parts.files(dead.type().word()).isEmpty()) {
            parts.without(dead.type().word());
            modules.partsFailed(dead.type().word());
        }
        all.restarter().died(dead);
    }

    /** The one before accepts no more: an address that the new one gives up is free at once. */
    private void routerTaken() {
        modules.routerTaken();
        all.table().all("router").stream().filter(ProcessEntry::isRetiring)
            .forEach(before -> sockets.left(before.pid(), true, loop::schedule));
    }

    /** The processes of applications cannot serve another router than the one that had them started. */
    private void bereave(ProcessEntry router) {
        List<ProcessEntry> foreign = all.table().all("app").stream()
            .filter(entry -> entry.parent().filter(all.main()::equals).isPresent()
                && entry.orderer().filter(by -> by == router).isPresent()).toList();
        all.quitter().quitApplications(router, false);
        // Those that are no runtimes of ours may not listen.
        loop.schedule(Reaper.ORPHAN_MILLIS, () -> foreign.stream().filter(all.table().all()::contains)
            .forEach(entry -> Reaper.Calls.kill(entry.pid())));
    }

    private void signal(int number) {
        switch (number) {
            case Signals.SIGCHLD -> all.reaper().reap();
            case Signals.SIGTERM, Signals.SIGINT -> quit(0, false);
            case Signals.SIGQUIT -> quit(0, true);
            case Signals.SIGUSR1 -> rotate();
            default -> journal.notice("signal signo:" + number + " (" + Signals.name(number) + ") received, ignored");
        }
    }

    private void rotate() {
        journal.notice("signal " + Signals.SIGUSR1 + " (SIGUSR1) received, log files rotation");
        accessLogs.reopen();
        if (opened.logs().reopen()) {
            opened.logs().announce(all.table(), all.self());
        }
    }
}
