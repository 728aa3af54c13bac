// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.Rpc;
import io.margay.port.RpcFailure;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessState;
import io.margay.process.ProcessTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What main says about extension bundles to controller and router, and what it asks. On main's loop. */
public final class ModuleNews {

    static final String ROUTER = "router";
    static final String CONTROLLER = "controller";

    /** A bundle is installed and started within this time, or it is none that can be used. */
    private static final long INSTALL_MILLIS = 20_000;
    /** The router starts applications anew, each within limits of its own. */
    private static final long CHANGE_MILLIS = 600_000;
    private static final int MAX_ANSWER = 4 << 20;

    private final int self;
    private final Rpc rpc;
    private final ProcessTable table;
    private final long parkMillis;
    private final ErrorLog journal;

    /**
     * Speaks through the ports of the processes in a table.
     *
     * @param parkMillis how long the router keeps the processes of what was replaced, for a way back
     */
    public ModuleNews(int self, Rpc rpc, ProcessTable table, long parkMillis, ErrorLog journal) {
        this.self = self;
        this.rpc = rpc;
        this.table = table;
        this.parkMillis = parkMillis;
        this.journal = journal;
    }

    /** The process of a type that serves; empty while there is none. */
    Optional<ProcessEntry> process(String type) {
        return processes(type).stream().findFirst();
    }

    /** The same, and one that is about to take its place. */
    List<ProcessEntry> processes(String type) {
        return table.all(type).stream().filter(entry -> entry.state() == ProcessState.READY && !entry.isRetiring())
            .toList();
    }

    /**
     * Offers a bundle to a process that needs it, which installs it; it does not count yet.
     *
     * @return completes with the reason why it cannot be used there; a process that is gone has none
     */
    CompletionStage<Optional<String>> offer(ProcessEntry entry, ModuleRevision module, ExtensionKind.Use use) {
        List<Conf> readers = new ArrayList<>();
        module.extensions().forEach(extension -> readers.add(Conf.of(extension.reader())));
        ConfObject news = ConfObject.builder().put("bundle", module.name())
            .put("version", module.version().toString()).put("revision", module.number())
            .put("extensions", new ConfArray(readers)).put("start", use == ExtensionKind.Use.RUN)
            .put("size", module.jar().size()).build();
        try {
            return request(entry, MessageType.MODULE, news, INSTALL_MILLIS, module.jar().duplicate());
        } catch (PosixException e) {
            return CompletableFuture.completedFuture(Optional.of("it cannot be passed on: " + e.getMessage()));
        }
    }

    /**
     * Tells a process which bundles count from now on.
     *
     * @return completes with the reason why that cannot be: what was before goes on there
     */
    CompletionStage<Optional<String>> change(ProcessEntry entry, Collection<ModuleRevision> current, Conf facts) {
        return change(entry, current, facts, parkMillis);
    }

    /** The same once more, and what is parked for a way back goes. */
    CompletionStage<Optional<String>> unpark(ProcessEntry entry, Collection<ModuleRevision> current, Conf facts) {
        return change(entry, current, facts, 0);
    }

    private CompletionStage<Optional<String>> change(ProcessEntry entry, Collection<ModuleRevision> current, Conf facts,
            long park) {
        List<Conf> revisions = new ArrayList<>();
        // Parts of the server are in the process from its start.
        current.stream().filter(module -> module.part().isEmpty()).forEach(module ->
            revisions.add(Conf.of(module.number())));
        return request(entry, MessageType.MODULES, ConfObject.builder().put("bundles", new ConfArray(revisions))
            .put("catalogue", facts).put("park", park).build(), CHANGE_MILLIS);
    }

    private CompletionStage<Optional<String>> request(ProcessEntry entry, int type, ConfObject news, long millis,
            Fd... jar) {
        Optional<Peer> peer = table.peer(entry);
        if (peer.isEmpty()) {
            for (Fd fd : jar) {
                fd.close();
            }
            return CompletableFuture.completedFuture(Optional.empty());
        }
        CompletableFuture<Optional<String>> result = new CompletableFuture<>();
        int stream = rpc.register(answer -> result.complete(Optional.empty()), failure ->
            result.complete(switch (failure.kind()) {
                case ERROR -> Optional.of(failure.text());
                case DEADLINE -> Optional.of("the " + entry.name() + " has not answered in time");
                // The next one is told everything when it is there.
                case PEER_GONE, CANCELLED -> Optional.empty();
            }), millis, entry.pid());
        try {
            Peer.Sent sent = LargePayload.send(peer.get(), Header.last(type, stream, self), "modules",
                ConfWriter.compact(news), jar);
            if (sent == Peer.Sent.DROPPED) {
                rpc.failStream(stream);
            }
        } catch (PosixException e) {
            rpc.forget(stream);
            return CompletableFuture.completedFuture(Optional.of("the news cannot be sent: " + e.getMessage()));
        }
        return result;
    }

    /**
     * Asks the controller where the configuration uses what a bundle adds.
     *
     * @return completes with JSON Pointers and applications; empty when the controller does not tell, so that nobody
     *     knows
     */
    CompletionStage<Optional<List<String>>> users(ModuleRevision module, boolean leave) {
        Optional<ProcessEntry> controller = process(CONTROLLER);
        Optional<Peer> peer = controller.flatMap(table::peer);
        CompletableFuture<Optional<List<String>>> result = new CompletableFuture<>();
        if (peer.isEmpty()) {
            result.complete(Optional.empty());
            return result;
        }
        int stream = rpc.register(answer -> result.complete(names(answer)),
            (RpcFailure failure) -> result.complete(Optional.empty()), INSTALL_MILLIS, controller.get().pid());
        List<Conf> readers = new ArrayList<>();
        module.extensions().forEach(extension -> readers.add(Conf.of(extension.reader())));
        ConfObject question = ConfObject.builder().put("revision", module.number())
            .put("extensions", new ConfArray(readers)).put("leave", leave).build();
        try {
            if (LargePayload.send(peer.get(), Header.last(MessageType.MODULE_USERS, stream, self), "users",
                    ConfWriter.compact(question)) == Peer.Sent.DROPPED) {
                rpc.failStream(stream);
            }
        } catch (PosixException e) {
            rpc.failStream(stream);
        }
        return result;
    }

    private Optional<List<String>> names(Message message) {
        try {
            ConfArray array = (ConfArray) ConfParser.parse(LargePayload.receive(message, "users_handler", MAX_ANSWER));
            return Optional.of(array.elements().stream().map(name -> ((ConfString) name).value()).toList());
        } catch (ConfSyntaxException | ClassCastException | PayloadException e) {
            journal.alert("users_handler: malformed answer: " + e.getMessage());
            return Optional.empty();
        }
    }
}
