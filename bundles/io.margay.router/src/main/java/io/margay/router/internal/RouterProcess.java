// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.dispatch.AppPool;
import io.margay.dispatch.PoolLog;
import io.margay.engine.EventLoop;
import io.margay.http.Protocol;
import io.margay.listen.Listener;
import io.margay.listen.TlsOptions;
import io.margay.log.ErrorLog;
import io.margay.port.ContentRequest;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.Quit;
import io.margay.port.RemovePid;
import io.margay.port.SocketError;
import io.margay.process.CoreChild;
import io.margay.process.Journal;
import io.margay.process.ProcessContext;
import io.margay.route.Extensions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;

/** What the router does for controller and main. On the control loop. */
final class RouterProcess {

    private static final int MAX_ORDER = 9 << 20;

    private final ProcessContext context;
    private final CoreChild child;
    private final ModuleInstaller modules;
    private final RouterParts parts;
    private final Journal journal;
    private Configuration current = Configuration.empty();
    private boolean applying;
    private boolean leaving;

    /**
     * Puts the router together; nothing is received yet.
     *
     * @param context ends the process
     * @param child the ways to and from main
     * @param bundles installs language modules
     * @param extensions what routes may be made of
     * @param protocols what clients may speak
     * @param journal takes what an administrator has to know
     * @param faults takes what callbacks of the loops throw
     */
    RouterProcess(ProcessContext context, CoreChild child, BundleContext bundles, Supplier<Extensions> extensions,
            Supplier<List<Protocol>> protocols, Journal journal, Consumer<Throwable> faults) {
        this.context = context;
        this.journal = journal;
        this.child = child;
        EventLoop loop = child.loop();
        this.modules = new ModuleInstaller(bundles, this::released);
        String version = child.init().string("version").orElseThrow();
        this.parts = new RouterParts(loop, new Loops(loop, version, faults, ErrorLog.shared(), protocols),
            new ListenerSockets(child),
            new Certificates(child), modules, new AppProcesses(child)::using,
            new RouteMaker(extensions, ErrorLog.shared()), poolLog(),
            child.init().string("tmpdir").orElse("/tmp"), Runtime.getRuntime().availableProcessors(), new HashSet<>());
        child.dispatcher()
            .on(MessageType.DATA, this::configure)
            .on(MessageType.CERT_GET, this::refresh)
            .on(MessageType.STATUS, this::status)
            .on(MessageType.APP_RESTART, this::restart)
            .on(MessageType.MODULES, this::news)
            .on(MessageType.REMOVE_PID, this::removePid)
            .on(MessageType.QUIT, message -> quit(Quit.decode(message)))
            .whenRefused(this::answerError);
    }

    private PoolLog poolLog() {
        return new PoolLog() {
            @Override
            public void alert(String text) {
                journal.alert(text);
            }

            @Override
            public void warn(String text) {
                journal.warn(text);
            }
        };
    }

    void begin() {
        child.open(context::exit);
    }

    // ---- controller -----------------------------------------------------

    private void configure(Message message) {
        if (applying) {
            throw new PayloadException("another configuration is being applied");
        }
        ConfObject order;
        try {
            byte[] text = LargePayload.receive(message, "conf_data_handler", MAX_ORDER);
            order = (ConfObject) ConfParser.parse(text, OrderMemory.forTree(text.length));
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new PayloadException("conf_data_handler: malformed configuration: " + e.getMessage());
        }
        ConfObject conf = order.object("configuration").orElse(ConfObject.EMPTY);
        int stream = message.stream();
        int sender = message.senderPid();
        if (order.bool("preview", false)) {
            large(sender, stream, "preview", Preview.of(parts, current, conf, names(order, "leftOut"),
                names(order, "closed")));
            return;
        }
        applying = true;
        Apply apply = new Apply(parts, current, conf, names(order, "leftOut"), names(order, "closed"));
        apply.run().whenComplete((applied, failure) -> {
            applying = false;
            if (leaving && failure == null) {
                // Too late: what has just come into force ends like what was before it.
                current = applied;
                drain();
                return;
            }
            if (leaving) {
                drain();
            }
            if (failure != null) {
                answer(sender, MessageType.RPC_ERROR, stream, SocketError.plain(ApplyException.refusal(failure)));
                return;
            }
            current = applied;
            answer(sender, MessageType.RPC_READY, stream, new byte[0]);
        });
    }

    private static Set<String> names(ConfObject order, String member) {
        Set<String> names = new HashSet<>();
        order.array(member).orElse(ConfArray.EMPTY).elements().forEach(name ->
            names.add(name instanceof ConfString text ? text.value() : ""));
        return names;
    }

    /** A certificate has another content: listeners that use it take that, all of them or none. */
    private void refresh(Message message) {
        if (applying) {
            throw new PayloadException("another configuration is being applied");
        }
        String name = ContentRequest.decode(message).name();
        int stream = message.stream();
        int sender = message.senderPid();
        applying = true;
        Map<String, Listener> listeners = new HashMap<>(current.listeners());
        listeners.values().removeIf(listener ->
            listener.tls().filter(tls -> tls.options().certificates().contains(name)).isEmpty());
        Map<String, TlsOptions> wanted = new HashMap<>();
        listeners.forEach((address, listener) -> wanted.put(address, listener.tls().orElseThrow().options()));
        parts.certificates().services(wanted, Map.of()).whenComplete((services, failure) -> {
            applying = false;
            if (failure != null) {
                answer(sender, MessageType.RPC_ERROR, stream, SocketError.plain(Apply.reason(failure)));
            } else {
                services.forEach((address, service) -> listeners.get(address).secure(Optional.of(service)));
                answer(sender, MessageType.RPC_READY, stream, new byte[0]);
            }
            if (leaving) {
                drain();
            }
        });
    }

    private void status(Message message) {
        large(message.senderPid(), message.stream(), "status",
            StatusReport.of(modules.catalogue(), parts.loops().totals(), current));
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
        pool.restart();
        answer(message.senderPid(), MessageType.RPC_READY, message.stream(), new byte[0]);
    }

    // ---- main -------------------------------------------------------------

    private void news(Message message) {
        modules.accept(message);
        answer(message.senderPid(), MessageType.RPC_READY, message.stream(), new byte[0]);
    }

    /** Main kept an installation for the prototypes of the pools that used it. */
    private void released(int revision) {
        child.main().send(Header.last(MessageType.MODULES, 0, child.self()),
            Integer.toString(revision).getBytes(StandardCharsets.US_ASCII));
    }

    private void removePid(Message message) {
        int pid = RemovePid.decode(message).pid();
        boolean prototype = child.table().find(pid).filter(entry -> entry.is("prototype")).isPresent();
        child.neighbours().removePid(message);
        for (AppPool pool : parts.pools()) {
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
        leaving = true;
        if (!applying) {
            drain();
        }
    }

    private void drain() {
        // Listeners close at once; the process ends when the last request has its answer.
        current.listeners().values().forEach(Listener::close);
        Configuration last = current;
        current = Configuration.empty();
        CompletableFuture<?> drained = last.generation().retire().toCompletableFuture();
        drained.thenRun(() -> {
            List<CompletableFuture<?>> ends = new ArrayList<>();
            last.pools().values().forEach(pool -> ends.add(pool.retire().toCompletableFuture()));
            CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new)).thenRun(() -> context.exit(0));
        });
    }

    // ---- answers ------------------------------------------------------------

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
