// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.app.AppProcesses;
import io.margay.log.ErrorLog;
import io.margay.module.Modules;
import io.margay.port.Dispatcher;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.Quit;
import io.margay.port.Rpc;
import io.margay.port.SocketError;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.process.Announcer;
import io.margay.process.ProcFs;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessTable;
import io.margay.process.Reaper;
import io.margay.process.StartException;
import io.margay.prototype.Prototypes;
import io.margay.store.ChangeNote;
import io.margay.store.StateDirectory;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What main does for the others ({@code spec/processes.md §14}). Who may ask for what say the kinds of processes; the
 * dispatcher compares it with the pid that the kernel gives.
 */
final class MainHandlers {

    /** What the handlers act on. */
    record Parts(int self, ProcessTable table, Announcer announcer, Reaper reaper, Rpc rpc, ListenSockets sockets,
                 AccessLogFiles accessLogs,
                 ConfStore store, UploadHandlers uploads, Queries queries, Modules modules, OrderHandler orders,
                 Supplier<ShellOrders> shell, Prototypes prototypes, RouterReplacement routers,
                 ControllerReplacement controllers,
                 AppProcesses apps, BooleanSupplier leaving, Runnable serving, Runnable started,
                 Runnable rejected, StartLines lines, ErrorLog journal) {
    }

    private static final Set<String> APPLICATIONS = Set.of("prototype", "app");

    private final Parts parts;

    MainHandlers(Parts parts, Dispatcher table) {
        this.parts = parts;
        parts.prototypes().whenServing(parts.announcer()::announce);
        table.on(MessageType.PROCESS_READY, this::ready)
            .onAny(MessageType.PROCESS_CREATED, parts.prototypes()::created)
            .onAny(MessageType.WHOAMI, this::whoAmI)
            .on(MessageType.START_PROCESS, this::start)
            .on(MessageType.SOCKET, message ->
                peer(message).ifPresent(router -> parts.sockets().answer(message, router, parts.self())))
            .on(MessageType.ACCESS_LOG, message ->
                peer(message).ifPresent(router -> parts.accessLogs().serve(message, router)))
            .on(MessageType.LOG_NAMES, message ->
                peer(message).ifPresent(controller -> parts.accessLogs().allow(message, controller)))
            .on(MessageType.SOCKET_UNLINK, this::unlink)
            .on(MessageType.SOCKETS, parts.routers()::sockets)
            .on(MessageType.ROUTER_TAKEN, parts.routers()::taken)
            .on(MessageType.PROCESS_ORDER, this::replace)
            .on(MessageType.MODULE_RELEASED, this::released)
            .on(MessageType.MODULE_ORDER, message ->
                peer(message).ifPresent(controller -> parts.orders().order(message, controller)))
            .on(MessageType.SHELL_ORDER, message ->
                peer(message).ifPresent(controller -> parts.shell().get().order(message, controller)))
            .on(MessageType.QUIT, this::end)
            .on(MessageType.CONF_STORE, this::store)
            .on(MessageType.CERT_GET, message -> parts.uploads().certificate(message))
            .on(MessageType.CERT_STORE, message -> parts.uploads().storeCertificate(message))
            .on(MessageType.SCRIPT_STORE, message -> parts.uploads().storeScript(message))
            .on(MessageType.CERT_DELETE, message -> parts.uploads().deleteCertificate(message))
            .on(MessageType.SCRIPT_GET, message -> parts.uploads().script(message))
            .on(MessageType.SCRIPT_DELETE, message -> parts.uploads().deleteScript(message))
            .on(MessageType.QUERY, message ->
                peer(message).ifPresent(controller -> parts.queries().answer(message, controller)))
            .on(MessageType.CONTROL_READY, message -> parts.serving().run())
            .on(MessageType.CONF_REJECTED, message -> parts.rejected().run())
            // Checked by the reaper: the last words of a prototype may come when it is gone and unknown already.
            .onAny(MessageType.REMOVE_PID, parts.reaper()::removePid)
            .answers(parts.rpc())
            .whenRefused(this::refused);
    }

    private void ready(Message message) {
        ProcessEntry entry = parts.table().find(message.senderPid()).orElseThrow();
        if (!entry.ready()) {
            return;
        }
        if (entry.is("router")) {
            parts.lines().info("router started");
            parts.started().run();
        }
        // A new router knows the languages before the controller knows the router and sends it a configuration.
        parts.routers().ready(entry, () -> {
            parts.modules().tell(entry);
            parts.announcer().announce(entry);
        });
        if (entry.is("prototype")) {
            // The router, which has asked for it, can reach it by now.
            parts.prototypes().ready(entry);
        }
    }

    /** One that was replaced has let go of everything, and speaks for nobody else. */
    private void released(Message message) {
        if (parts.table().find(message.senderPid()).filter(entry -> !entry.isRetiring()).isPresent()) {
            parts.modules().released(message);
        }
    }

    /** A router has closed listeners; it waits for the answer before it says so. */
    private void unlink(Message message) {
        for (String address : message.text().split("\0")) {
            parts.sockets().closed(address, message.senderPid());
        }
        if (message.stream() != 0) {
            peer(message).ifPresent(router -> router.send(
                Header.last(MessageType.RPC_READY, message.stream(), parts.self()), new byte[0]));
        }
    }

    /** Another process of a kind is to take the place of the one that is there. */
    private void replace(Message message) {
        String[] order = message.text().split(" ", 2);
        String kind = order[0];
        if (order.length > 1 && !order[1].matches("[0-9]{1,4}")) {
            throw new PayloadException("process_order_handler: malformed time");
        }
        OptionalInt seconds = order.length > 1 ? OptionalInt.of(Integer.parseInt(order[1])) : OptionalInt.empty();
        int stream = message.stream();
        Optional<Peer> controller = peer(message);
        replaced(kind, seconds)
            .whenComplete((done, failure) -> controller.ifPresent(peer -> peer.send(
                Header.last(failure == null ? MessageType.RPC_READY : MessageType.RPC_ERROR, stream, parts.self()),
                failure == null ? new byte[0] : SocketError.plain(String.valueOf(failure.getMessage())))));
    }

    private CompletionStage<Void> replaced(String kind, OptionalInt seconds) {
        return switch (kind) {
            case "router" -> parts.routers().begin(seconds);
            case "controller" -> parts.controllers().begin();
            default -> CompletableFuture.failedFuture(new StartException("processes of the kind \"" + kind
                + "\" cannot be replaced"));
        };
    }

    /**
     * The router tells a worker to leave, says that a generation has none any more, or gives up a process of an
     * application that neither ends nor obeys.
     */
    private void end(Message message) {
        Quit order = Quit.decode(message);
        int pid = order.pid();
        if (pid < 0) {
            parts.table().find(message.senderPid()).ifPresent(router ->
                parts.prototypes().endGeneration(router, message.stream()));
            return;
        }
        if (order.graceful()) {
            parts.apps().stop(pid);
            return;
        }
        // A program that is no runtime of ours may have forked the one that serves, of which nobody has told.
        int known = parts.table().find(pid).isPresent() ? pid : ProcFs.parent(pid);
        parts.table().find(known).filter(entry -> APPLICATIONS.contains(entry.type().word())).ifPresent(entry -> {
            try {
                Processes.kill(pid, Signals.SIGKILL);
            } catch (PosixException e) {
                if (e.errno() != Errno.ESRCH) {
                    parts.journal().alert(e.getMessage());
                }
            }
        });
    }

    /** Who comes after all were told to leave would be told by nobody. */
    private void start(Message message) {
        if (parts.leaving().getAsBoolean()) {
            int stream = message.stream();
            peer(message).ifPresent(router -> router.send(Header.last(MessageType.RPC_ERROR, stream, parts.self()),
                SocketError.plain("the server is leaving")));
        } else {
            parts.prototypes().start(message);
        }
    }

    private void whoAmI(Message message) {
        if (!parts.prototypes().whoAmI(message)) {
            parts.apps().whoAmI(message);
        }
    }

    private void store(Message message) {
        ChangeNote.Noted change;
        try {
            change = ChangeNote.parse(LargePayload.receive(message, "conf_store_handler",
                StateDirectory.MAX_CONFIGURATION + ChangeNote.MAX_LINE));
        } catch (IllegalArgumentException e) {
            throw new PayloadException("conf_store_handler: " + e.getMessage());
        }
        Optional<Peer> controller = peer(message);
        int stream = message.stream();
        parts.store().store(change, stored -> controller.ifPresent(peer -> peer.send(
            Header.last(stored.failure().isPresent() ? MessageType.RPC_ERROR : MessageType.RPC_READY, stream,
                parts.self()), SocketError.plain(stored.failure().orElseGet(() -> numbered(stored))))));
    }

    /** The number of the revision, or NUL and why there is none. */
    private static String numbered(ConfStore.Stored stored) {
        return stored.revision().isPresent() ? Long.toString(stored.revision().getAsLong())
            : '\0' + stored.unnumbered();
    }

    /** Whoever waits for an answer gets the reason. */
    private void refused(Message message, String text) {
        if (message.stream() != 0 && message.type() != MessageType.RPC_ERROR
            && message.type() != MessageType.RPC_READY) {
            byte[] reason = message.type() == MessageType.SOCKET
                ? new SocketError(SocketError.SYSTEM, text).encode() : SocketError.plain(text);
            peer(message).ifPresent(peer ->
                peer.send(Header.last(MessageType.RPC_ERROR, message.stream(), parts.self()), reason));
        }
    }

    private Optional<Peer> peer(Message message) {
        return parts.table().find(message.senderPid()).flatMap(parts.table()::peer);
    }
}
