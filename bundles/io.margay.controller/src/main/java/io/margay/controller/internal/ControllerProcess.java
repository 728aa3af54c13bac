// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfWriter;
import io.margay.controller.ControlApi;
import io.margay.controller.ControlLimits;
import io.margay.controller.ControlLog;
import io.margay.controller.ControlParts;
import io.margay.controller.ControlServer;
import io.margay.engine.EventLoop;
import io.margay.lang.ModuleCatalogue;
import io.margay.lang.ModuleReceiver;
import io.margay.launcher.Launch;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.RpcFailure;
import io.margay.port.SocketError;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.margay.process.CoreChild;
import io.margay.process.Journal;
import io.margay.process.PortRef;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessType;
import io.margay.schema.Facts;
import io.margay.schema.SchemaRegistry;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.framework.BundleContext;

/**
 * The controller: the control API over what main and the router offer. The stored configuration is applied as soon as
 * the router is there and main has named the languages; only then the control socket answers. On one loop.
 */
final class ControllerProcess {

    private static final EnumSet<ProcessType> MAIN = EnumSet.of(ProcessType.MAIN);
    private static final long STORE_MILLIS = 60_000;
    private static final byte[] SERVING = {0};
    private static final byte[] REJECTED = {1};

    private final Launch launch;
    private final EventLoop loop;
    private final Journal journal;
    private final CoreChild child;
    private final ModuleReceiver modules;
    private final RouterLink router;
    private final ControlApi api;
    private boolean started;

    /**
     * Puts the controller together; nothing is received yet.
     *
     * @param launch ends the process
     * @param child the ways to and from main
     * @param bundles installs language modules
     * @param registry the options of all bundles
     * @param journal takes what an administrator has to know
     */
    ControllerProcess(Launch launch, CoreChild child, BundleContext bundles, SchemaRegistry registry,
            Journal journal) {
        this.launch = launch;
        this.loop = child.loop();
        this.journal = journal;
        this.child = child;
        this.modules = new ModuleReceiver(bundles, false);
        this.router = new RouterLink(child);
        this.api = new ControlApi(new ControlParts(loop, registry::current, Facts.of(type ->
            modules.catalogue().find(type).isPresent()), router, this::store,
            router, router, controlLog()));
        api.whenListenersAreClosed(new ListenerRetry(loop, api::openListeners)::needed);
        child.dispatcher().on(MessageType.MODULES, MAIN, this::news)
            .on(MessageType.STATUS, MAIN, this::users)
            .on(MessageType.QUIT, MAIN, message -> launch.exit(0))
            .whenRefused(this::refused);
        child.neighbours().whenArrived(this::arrived).whenLeft(this::left);
    }

    private ControlLog controlLog() {
        return new ControlLog() {
            @Override
            public void info(String text) {
                journal.info(text);
            }

            @Override
            public void alert(String text) {
                journal.alert(text);
            }
        };
    }

    void begin() {
        child.open(launch::exit);
    }

    private void arrived(PortRef port) {
        if (port.type() == ProcessType.ROUTER) {
            router.arrived(port);
            proceed();
        }
    }

    private void left(ProcessEntry entry) {
        if (entry.type() == ProcessType.ROUTER) {
            router.left(entry.pid());
        }
    }

    private void news(Message message) {
        boolean known = modules.accept(message);
        child.main().send(Header.last(MessageType.RPC_READY, message.stream(), child.self()));
        if (known) {
            proceed();
        }
    }

    /** Main asks which applications are of a type; its word is the payload. */
    private void users(Message message) {
        String word = message.text();
        int stream = message.stream();
        api.applications(type -> ModuleCatalogue.word(type).equals(word)).thenAcceptAsync(names -> {
            List<Conf> list = new ArrayList<>();
            names.forEach(name -> list.add(Conf.of(name)));
            LargePayload.send(child.main(), Header.last(MessageType.RPC_READY, stream, child.self()), "users",
                ConfWriter.compact(new ConfArray(list)));
        }, loop);
    }

    private void refused(Message message, String text) {
        if (message.stream() != 0 && (message.type() == MessageType.MODULES || message.type() == MessageType.STATUS)) {
            child.main().send(Header.last(MessageType.RPC_ERROR, message.stream(), child.self()),
                SocketError.plain(text));
        }
    }

    /** Once both are there: start; later, a new router or more languages: apply what is in force again. */
    private void proceed() {
        if (!router.isThere() || !modules.complete()) {
            return;
        }
        if (!started) {
            started = true;
            api.start(stored(), () -> child.main().send(Header.last(MessageType.DATA, 0, child.self()), REJECTED))
                .thenRunAsync(this::serve, loop);
        } else {
            api.reapply();
        }
    }

    private Optional<byte[]> stored() {
        Optional<Fd> memory = child.fd("conf");
        try {
            return memory.map(fd -> LargePayload.content(fd, child.init().integer("confsize", 0), "conf",
                LargePayload.MAX_SIZE));
        } catch (PayloadException e) {
            journal.alert("failed to restore previous configuration: " + e.getMessage());
            return Optional.empty();
        } finally {
            memory.ifPresent(Fd::close);
        }
    }

    private void serve() {
        Fd socket = child.fd("listen").orElseThrow();
        boolean unix = Sockets.getOption(socket, Sockets.SOL_SOCKET, Sockets.SO_DOMAIN) == Sockets.AF_UNIX;
        ControlServer.open(loop, socket, unix, api, ControlLimits.DEFAULT, child.init().string("version").orElseThrow())
            .whenCompleteAsync((server, failure) -> {
                if (failure != null) {
                    journal.alert("the control socket cannot be served: " + failure.getMessage());
                    launch.exit(1);
                    return;
                }
                child.main().send(Header.last(MessageType.DATA, 0, child.self()), SERVING);
            }, loop);
    }

    private CompletionStage<Void> store(byte[] compactJson) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        int stream = child.rpc().register(answer -> result.complete(null), failure -> {
            // What main says it has logged.
            boolean said = failure.kind() == RpcFailure.Kind.ERROR;
            if (!said) {
                journal.alert("failed to store current configuration: main did not answer");
            }
            result.completeExceptionally(new IllegalStateException(said ? failure.text() : "main did not answer"));
        }, STORE_MILLIS, child.mainPid());
        try {
            Peer.Sent sent = LargePayload.send(child.main(),
                Header.last(MessageType.CONF_STORE, stream, child.self()), "conf", compactJson);
            if (sent == Peer.Sent.DROPPED) {
                child.rpc().failStream(stream);
            }
        } catch (PosixException e) {
            child.rpc().forget(stream);
            journal.alert("failed to store current configuration: " + e.getMessage());
            throw e;
        }
        return result;
    }
}
