// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.credential.AccountException;
import io.margay.credential.Accounts;
import io.margay.credential.Credential;
import io.margay.credential.Privileges;
import io.margay.engine.EventEngine;
import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.isolation.Account;
import io.margay.isolation.IsolationException;
import io.margay.isolation.Runners;
import io.margay.isolation.Server;
import io.margay.isolation.Severity;
import io.margay.log.ErrorLog;
import io.margay.port.Ports;
import io.margay.posix.Credentials;
import io.margay.posix.Processes;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessKindCollector;
import io.margay.process.ProcessKinds;
import io.margay.process.ProcessType;
import io.margay.process.ServerOptions;
import io.margay.process.StartException;
import io.margay.prototype.Host;
import io.margay.store.Revisions;
import io.margay.store.StateDirectory;
import io.margay.store.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;

/**
 * Puts the main process together, in the order of {@code spec/processes.md §6}. What may fail visibly comes before
 * the first child: the start command tells it and leaves with status 1. Everything after {@link #start} happens on
 * one loop.
 */
final class MainProcess {

    /** The properties of a router for its end, and what it has on top of their times. */
    private static final String RETIRE = "margay.retire.seconds";
    private static final long RETIRE_SECONDS = 60;
    private static final String QUIT = "margay.quit.seconds";
    private static final long QUIT_SECONDS = 30;
    private static final long LEAVE_SECONDS = 15;
    /** Longer than the deadlines of a fast end. */
    private static final long STOP_SECONDS = 15;

    private final ProcessContext context;
    private final ProcessKindCollector collector;
    private final BundleContext bundles;
    private final Accounts accounts;
    private final Runners runners;
    private final EventEngine engine;
    private final Ports ports;
    private final StateStore store;
    private final ErrorLog log;
    private final ErrorLog journal;
    private final int self = Processes.pid();
    private final List<Runnable> opened = new ArrayList<>();
    private Optional<EventLoops> loops = Optional.empty();
    private volatile Optional<MainServer> server = Optional.empty();

    MainProcess(ProcessContext context, ProcessKindCollector collector, BundleContext bundles, Accounts accounts,
            Runners runners, EventEngine engine, Ports ports, StateStore store, ErrorLog log) {
        this.context = context;
        this.collector = collector;
        this.bundles = bundles;
        this.accounts = accounts;
        this.runners = runners;
        this.engine = engine;
        this.ports = ports;
        this.store = store;
        this.log = log;
        this.journal = log;
    }

    /**
     * Starts the server.
     *
     * @throws Exception with the reason; nothing is left then
     */
    void start() throws Exception {
        try {
            open();
        } catch (Exception e) {
            stop();
            throw e;
        }
    }

    private void open() throws Exception {
        // For the log file, which is open later.
        List<String> refused = new ArrayList<>();
        ProcessKinds kinds = collector.freeze(refused::add);
        // What a foreign container was started with is not meant for this server.
        InheritedSockets inherited = context.host().ours() ? InheritedSockets.read(System.getenv(), self, journal)
            : InheritedSockets.none();
        // First, since it has time to get ready while the rest is looked up.
        EventLoops threads = engine.loops("main", 1, log::failure);
        loops = Optional.of(threads);
        EventLoop loop = threads.loop(0);
        loop.execute(() -> { });
        Optional<Credential> credential = credential();
        PolicyFile.Rules rules = PolicyFile.read(context.options().controlPolicy(),
            context.options().controlPolicyGiven(), new ControlPolicy(accounts), Credentials.effectiveUid());
        StateDirectory state = store.state(context.options().stateDirectory(), version(), journal::alert);
        state.prepare();
        Revisions revisions = store.revisions(state, revisionLimits(), journal::alert);
        long startSeconds = Math.max(1, number(StartDeadline.PROPERTY, StartDeadline.SECONDS));
        long leaveSeconds = number(RETIRE, RETIRE_SECONDS) + number(QUIT, QUIT_SECONDS) + LEAVE_SECONDS;
        Host host = host();
        ControlSocket control = undone(ControlSocket.create(controlOptions(), accountNames()), ControlSocket::remove);
        LogFiles logs = undone(new LogFiles(journal, context.host().log()), LogFiles::close);
        journal.info("unit " + version() + " started");
        logs.add(context.options().log());
        logs.open();
        refused.forEach(journal::alert);
        PidFile pid = undone(PidFile.create(context.options().pid(), self), PidFile::remove);
        context.host().title(ProcessType.mainTitle(version(), command()));
        begin(loop, new MainServer.Opened(context, kinds, bundles, version(), inherited, credential, accounts, runners,
            ports, host, state, revisions, rules, control, logs, pid, startSeconds, leaveSeconds));
    }

    private <T> T undone(T part, Consumer<T> undo) {
        opened.add(() -> undo.accept(part));
        return part;
    }

    private void begin(EventLoop loop, MainServer.Opened parts) {
        try {
            CompletableFuture.runAsync(() -> {
                MainServer made = new MainServer(loop, parts, log);
                server = Optional.of(made);
                made.begin();
            }, loop::execute).join();
        } catch (CompletionException e) {
            throw new StartException(e.getCause().getMessage(), e.getCause());
        }
    }

    /**
     * Ends all processes, by force where one does not leave, and gives back what was opened. Nothing happens before a
     * start or after the end.
     */
    void stop() {
        server.ifPresent(running -> {
            CompletableFuture<Integer> end = new CompletableFuture<>();
            loops.orElseThrow().loop(0).execute(() -> running.stop().thenAccept(end::complete));
            try {
                end.get(STOP_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException e) {
                journal.alert("main did not end in " + STOP_SECONDS + " seconds");
            }
        });
        if (server.isEmpty()) {
            // Otherwise it is the server's to give back.
            opened.reversed().forEach(Runnable::run);
        }
        opened.clear();
        server = Optional.empty();
        loops.ifPresent(EventLoops::close);
        loops = Optional.empty();
    }

    private Optional<Credential> credential() {
        if (!Privileges.current().setid()) {
            journal.warn("Unit is running unprivileged, then it cannot use arbitrary user and group.");
            return Optional.empty();
        }
        return Optional.of(accounts.resolve(context.options().user(), context.options().group()));
    }

    private Revisions.Limits revisionLimits() {
        return new Revisions.Limits((int) number("margay.revisions.count", Revisions.Limits.DEFAULT.count()),
            number("margay.revisions.bytes", Revisions.Limits.DEFAULT.bytes()));
    }

    private long number(String property, long absent) {
        String text = context.property(property).orElse("");
        if (text.isEmpty()) {
            return absent;
        }
        if (!text.strip().matches("[0-9]{1,9}")) {
            throw new StartException("\"" + property + "\" in config/framework.properties must be a number below "
                + "1000000000, but is \"" + text + "\"");
        }
        return Long.parseLong(text.strip());
    }

    private Host host() {
        ServerOptions line = context.options();
        Server server = Server.current(line.user(), line.group().orElse(""), context.statusDescriptor().isPresent()
            || !context.host().ours());
        return new Host(server, this::account, context.userEnvironment(), version(),
            Math.max(1, number("margay.application.stderr.rate", Host.OUTPUT_RATE)), context.host().log());
    }

    private Account account(String user, String group) {
        try {
            Credential found = accounts.resolve(user, group.isEmpty() ? Optional.empty() : Optional.of(group));
            return new Account(found.user(), found.uid(), found.gid(), found.groups());
        } catch (AccountException e) {
            throw new IsolationException(Severity.ALERT, e.getMessage());
        }
    }

    private ControlSocket.Options controlOptions() {
        return new ControlSocket.Options(context.options().control(), context.options().controlMode(),
            context.options().controlUser(), context.options().controlGroup());
    }

    private ControlSocket.Names accountNames() {
        return new ControlSocket.Names(accounts::uid, accounts::gid);
    }

    private String version() {
        return context.property("unit.version").orElseThrow();
    }

    private List<String> command() {
        List<String> all = new ArrayList<>(context.arguments());
        all.addFirst(context.program());
        return all;
    }
}
