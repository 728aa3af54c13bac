// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.certificate.CertificateReader;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.dispatch.AppPool;
import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.engine.Turns;
import io.margay.listen.HandshakeAnswers;
import io.margay.listen.Listener;
import io.margay.listen.TlsOptions;
import io.margay.log.ErrorLog;
import io.margay.module.ExtensionKind;
import io.margay.module.ModuleReceiver;
import io.margay.port.ContentRequest;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.Quit;
import io.margay.port.RemovePid;
import io.margay.port.SocketError;
import io.margay.process.CoreChild;
import io.margay.process.CoreRun;
import io.margay.process.ProcessContext;
import io.margay.route.ExtensionSource;
import io.margay.route.Extensions;
import io.margay.route.RoutePlan;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.osgi.framework.BundleContext;

/** What the router does for controller and main. On the control loop. */
final class RouterProcess implements CoreRun.Part {

    private static final int MAX_ORDER = 9 << 20;
    private static final long END_MILLIS = 500;

    private final ProcessContext context;
    private final CoreChild child;
    private final ModuleReceiver receiver;
    private final ModuleInstaller modules;
    private final BoundExtensions bound;
    private final RouterParts parts;
    private final ErrorLog journal;
    /** Changes, one after the other: those of the controller and those of extensions. */
    private final Turns turns;
    /** Configurations that serve or have requests left. */
    private final Set<Configuration> live = new HashSet<>();
    private final Quitting quitting;
    private final Succession succession;
    private final AutoCloseable changes;
    private final RouterOffers offers;
    private final RouterInspectors inspectors;
    private Configuration current = Configuration.empty();
    /** Why the configuration in force is not made of what is there now. */
    private Optional<String> outdated = Optional.empty();
    private Set<String> readers = Set.of();

    /**
     * Puts the router together; nothing is received yet.
     *
     * @param context ends the process
     * @param child the ways to and from main
     * @param bundles installs extensions
     * @param source tells of changes of what routes may be made of
     * @param certificates reads those of listeners; {@code answers} to handshakes that lead to nothing else
     * @param log takes what extensions have to say
     * @param journal takes what an administrator has to know
     * @param maker makes a loop for clients, by its number
     */
    RouterProcess(ProcessContext context, CoreChild child, BundleContext bundles, ExtensionSource source,
            CertificateReader certificates, HandshakeAnswers answers, ErrorLog log, ErrorLog journal,
            IntFunction<EventLoops> maker) {
        this.context = context;
        this.journal = journal;
        this.child = child;
        EventLoop loop = child.loop();
        this.turns = new Turns(loop);
        // Main names the extensions first: without them a configuration that needs them would be refused.
        turns.hold();
        this.receiver = new ModuleReceiver(loop, bundles, ExtensionKind::router).keep(this::isInUse, this::released);
        this.modules = new ModuleInstaller(bundles, receiver);
        this.bound = new BoundExtensions(bundles, receiver);
        this.changes = source.onChange(() -> loop.execute(this::offersChanged));
        String version = child.init().string("version").orElseThrow();
        Loops loops = new Loops(version, maker, log);
        this.parts = new RouterParts(loop, loops, new ListenerSockets(child), new Certificates(child, certificates,
            answers, log),
            new RouterPools(loop, loops, modules, new AppStarts(child)::using), new RouteMaker(log), journal,
            child.init().string("tmpdir").orElse("/tmp"), Runtime.getRuntime().availableProcessors());
        this.inspectors = new RouterInspectors(bundles, () -> current.plan(), loop, loops, journal);
        this.quitting = new Quitting(loop, Quitting.millis(bundles.getProperty(Quitting.PROPERTY)), journal,
            context::exit);
        this.succession = new Succession(child, bundles, parts, turns, quitting, () -> current, this::drain,
            Quitting.millis(bundles.getProperty(Retiring.PROPERTY), Retiring.DEFAULT_SECONDS));
        this.offers = new RouterOffers(child, bundles, parts, succession, () -> current);
        child.dispatcher()
            .on(MessageType.CONF_APPLY, this::configure)
            .on(MessageType.CERT_CHANGED, this::refresh)
            .on(MessageType.STATUS, this::status)
            .on(MessageType.APP_RESTART, this::restart)
            .on(MessageType.READERS, message -> readersWanted())
            .on(MessageType.MODULE, this::install)
            .on(MessageType.MODULES, this::extensions)
            .on(MessageType.REMOVE_PID, this::removePid)
            .on(MessageType.QUIT, message -> quit(Quit.decode(message)))
            .whenRefused(this::answerError);
    }

    @Override
    public void begin() {
        child.open(context::exit);
    }

    // ---- controller -----------------------------------------------------

    private void configure(Message message) {
        byte[] text = LargePayload.receive(message, "conf_data_handler", MAX_ORDER);
        int stream = message.stream();
        int sender = message.senderPid();
        // A controller that comes back meanwhile waits for the change of the one before it, and then has its way.
        turns.add(() -> {
            Order order = Order.parse(text);
            if (order.preview()) {
                return change(order).preview().thenApply(plan -> {
                    large(sender, stream, "preview", plan.toConf());
                    return true;
                });
            }
            return apply(order).thenCompose(applied -> parts.sockets().settled()).thenApply(settled -> false);
        }).whenComplete((answered, failure) -> {
            if (failure != null) {
                answer(sender, MessageType.RPC_ERROR, stream,
                    SocketError.plain(ApplyException.refusal(Apply.unwrapped(failure))));
            } else if (!answered) {
                answer(sender, MessageType.RPC_READY, stream, new byte[0]);
            }
        });
    }

    private Apply change(Order order) {
        return new Apply(parts, current, order, bound.snapshot(), receiver.inForce().revisions());
    }

    private CompletionStage<Configuration> apply(Order order) {
        if (quitting.isBegun()) {
            return CompletableFuture.failedFuture(new ApplyException("the router is leaving"));
        }
        return change(order).unless(quitting::isBegun)
            .whenLetGo(receiver::sweep).whenEnded(before -> {
                live.remove(before);
                receiver.sweep();
            }).run().thenApply(applied -> {
                live.add(applied);
                current = applied;
                inspectors.changed();
                outdated = Optional.empty();
                return applied;
            });
    }

    /** A certificate has another content: listeners that use it take that, all of them or none. */
    private void refresh(Message message) {
        String name = ContentRequest.decode(message).name();
        int stream = message.stream();
        int sender = message.senderPid();
        turns.add(() -> {
            Map<String, Listener> listeners = new HashMap<>(current.listeners());
            listeners.values().removeIf(listener ->
                listener.tls().filter(tls -> tls.options().uses(name)).isEmpty());
            Map<String, TlsOptions> wanted = new HashMap<>();
            listeners.forEach((address, listener) -> wanted.put(address, listener.tls().orElseThrow().options()));
            return parts.certificates().services(wanted, Map.of(), address -> listeners.get(address).alpn())
                .thenAccept(services -> services.forEach((address, service) ->
                    listeners.get(address).secure(Optional.of(service))));
        }).whenComplete((done, failure) -> {
            if (failure != null) {
                answer(sender, MessageType.RPC_ERROR, stream, SocketError.plain(Apply.reason(failure)));
            } else {
                answer(sender, MessageType.RPC_READY, stream, new byte[0]);
            }
        });
    }

    private void status(Message message) {
        int stream = message.stream();
        int sender = message.senderPid();
        succession.totals().thenAccept(totals -> large(sender, stream, "status",
            offers.status(StatusReport.of(modules.catalogue(), totals, current, outdated))));
    }

    private void large(int pid, int stream, String name, ConfObject answer) {
        peer(pid).ifPresent(controller -> LargePayload.send(controller,
            Header.last(MessageType.RPC_READY, stream, child.self()), name, ConfWriter.compact(answer)));
    }

    private void restart(Message message) {
        AppPool pool = current.pools().get(message.text());
        if (pool == null) {
            answer(message.senderPid(), MessageType.RPC_ERROR, message.stream(),
                SocketError.plain("unknown application"));
            return;
        }
        int stream = message.stream();
        int sender = message.senderPid();
        pool.restart().whenCompleteAsync((done, failure) -> answer(sender, stream, failure), child.loop());
    }

    private void install(Message message) {
        int stream = message.stream();
        int sender = message.senderPid();
        receiver.install(message).whenComplete((done, failure) -> answer(sender, stream, failure));
    }

    /** A change of extensions is a change of configuration: what is in force is made again of what is there now. */
    private void extensions(Message message) {
        ModuleReceiver.Change change = receiver.change(message);
        int stream = message.stream();
        int sender = message.senderPid();
        if (!receiver.complete()) {
            receiver.commit(change);
            tellReaders(true);
            turns.release();
            answer(sender, MessageType.RPC_READY, stream, new byte[0]);
            return;
        }
        turns.add(() -> {
            ModuleReceiver.Change before = receiver.inForce();
            receiver.commit(change);
            if (receiver.parkMillis() == 0) {
                modules.unpark();
            }
            return changed(change, before).whenComplete((applied, failure) -> {
                if (failure != null) {
                    receiver.commit(before);
                }
                receiver.sweep();
                tellReaders(false);
            });
        }).whenComplete((done, failure) -> answer(sender, stream, failure));
    }

    private CompletionStage<Configuration> changed(ModuleReceiver.Change change, ModuleReceiver.Change before) {
        if (change.equals(before)) {
            return CompletableFuture.completedFuture(current);
        }
        Set<String> fresh = new HashSet<>();
        change.revisions().stream().filter(revision -> !before.revisions().contains(revision)).forEach(revision ->
            receiver.bundle(revision).ifPresent(bundle -> fresh.add(bundle.getSymbolicName())));
        Optional<Extensions.Refused> refused = bound.snapshot().refused(fresh);
        if (refused.isPresent()) {
            return CompletableFuture.failedFuture(new ApplyException("bundle " + refused.get().bundle() + " "
                + refused.get().reason()));
        }
        return current.order().isEmpty() ? CompletableFuture.completedFuture(current)
            : apply(current.order().get());
    }

    /** A bundle of this framework itself has come, changed or gone, by whomever. */
    private void offersChanged() {
        if (!receiver.complete() || quitting.isBegun()) {
            return;
        }
        turns.add(() -> {
            tellReaders(false);
            return current.order().isEmpty() || bound.snapshot().services().equals(current.services())
                ? CompletableFuture.completedFuture(current) : apply(current.order().get());
        }).whenComplete((applied, failure) -> {
            if (failure != null) {
                outdated = Optional.of(Apply.reason(failure));
                journal.alert("the configuration stays with the extensions that it was made with: "
                    + Apply.reason(failure));
            }
        });
    }

    /** The controller accepts only options that somebody reads. */
    private void tellReaders(boolean anew) {
        Set<String> now = bound.snapshot().extensions().readers();
        if (!anew && now.equals(readers)) {
            return;
        }
        readers = now;
        List<Conf> list = new ArrayList<>();
        now.stream().sorted().forEach(reader -> list.add(Conf.of(reader)));
        child.table().peer("controller").ifPresent(controller -> LargePayload.send(controller,
            Header.last(MessageType.READERS, 0, child.self()), "readers", ConfWriter.compact(new ConfArray(list))));
    }

    /** A controller knows this process and wants the list, now or as soon as there is one. */
    private void readersWanted() {
        if (receiver.complete()) {
            tellReaders(true);
        }
    }

    private void answer(int sender, int stream, Throwable failure) {
        if (failure == null) {
            answer(sender, MessageType.RPC_READY, stream, new byte[0]);
        } else {
            answer(sender, MessageType.RPC_ERROR, stream, SocketError.plain(Apply.reason(failure)));
        }
    }

    private boolean isInUse(int revision) {
        return modules.uses(revision) || parts.loops().speaks(revision)
            || live.stream().anyMatch(configuration -> configuration.revisions().contains(revision));
    }

    /** Main kept an installation for the prototypes of the pools that used it. */
    private void released(int revision) {
        child.main().send(Header.last(MessageType.MODULE_RELEASED, 0, child.self()),
            Integer.toString(revision).getBytes(StandardCharsets.US_ASCII));
    }

    private void removePid(Message message) {
        int pid = RemovePid.decode(message).pid();
        succession.left(pid);
        boolean prototype = child.table().find(pid).filter(entry -> entry.is("prototype")).isPresent();
        child.neighbours().removePid(message);
        for (AppPool pool : parts.pools().live()) {
            if (prototype) {
                pool.prototypeGone(pid);
            } else {
                pool.workerGone(pid, message.stream());
            }
        }
    }

    private void quit(Quit order) {
        if (!order.graceful()) {
            context.exit(0);
            return;
        }
        succession.quit();
    }

    private CompletionStage<Void> drain() {
        current.listeners().values().forEach(Listener::close);
        modules.unpark();
        Configuration last = current;
        current = Configuration.empty();
        live.add(last);
        List<CompletableFuture<?>> ends = new ArrayList<>();
        live.forEach(configuration -> ends.add(configuration.generation().retire().thenRunAsync(() ->
            configuration.plan().ifPresent(RoutePlan::close), child.loop()).toCompletableFuture()));
        return CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new))
            .thenCompose(drained -> parts.pools().ended(parts.pools().live()));
    }

    /** Requests that are under way have their last moment: who wants them to end in peace, sends QUIT before. */
    @Override
    public CompletionStage<?> end() {
        turns.hold();
        succession.lastWord();
        try {
            changes.close();
            offers.close();
            inspectors.close();
        } catch (Exception e) {
            journal.alert("something of the router could not be closed: " + e);
        }
        return drain().toCompletableFuture().orTimeout(END_MILLIS, TimeUnit.MILLISECONDS)
            .handle((drained, late) -> parts.loops().end()).thenCompose(end -> end);
    }

    private void answerError(Message message, String text) {
        if (message.stream() != 0 && message.type() != MessageType.RPC_READY
            && message.type() != MessageType.RPC_ERROR) {
            answer(message.senderPid(), MessageType.RPC_ERROR, message.stream(), SocketError.plain(text));
        }
    }

    private Optional<Peer> peer(int pid) {
        return pid == child.mainPid() ? Optional.of(child.main())
            : child.table().find(pid).flatMap(child.table()::peer);
    }

    private void answer(int pid, int type, int stream, byte[] payload) {
        peer(pid).ifPresent(to -> to.send(Header.last(type, stream, child.self()), payload));
    }
}
