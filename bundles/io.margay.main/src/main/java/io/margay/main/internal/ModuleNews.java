// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.lang.ModuleCatalogue;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.Rpc;
import io.margay.port.RpcFailure;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.process.Journal;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessState;
import io.margay.process.ProcessTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What main says about language modules to controller and router, and what it asks the controller about them. On main's
 * loop.
 */
final class ModuleNews {

    private static final long ANSWER_MILLIS = 20_000;
    private static final int MAX_ANSWER = 4 << 20;

    private final int self;
    private final Rpc rpc;
    private final ProcessTable table;
    private final Journal journal;

    ModuleNews(int self, Rpc rpc, ProcessTable table, Journal journal) {
        this.self = self;
        this.rpc = rpc;
        this.table = table;
        this.journal = journal;
    }

    /** Tells all that are ready; the router first, since the controller applies its configuration again at the news. */
    void publish(Collection<ModuleBundle> bundles, ModuleCatalogue catalogue) {
        for (String type : List.of("router", "controller")) {
            table.all(type).stream().filter(entry -> entry.state() == ProcessState.READY)
                .forEach(entry -> tell(entry, bundles, catalogue));
        }
    }

    /** Tells one process: the bundles, which it may have already, then which of them count and what they found. */
    void tell(ProcessEntry entry, Collection<ModuleBundle> bundles, ModuleCatalogue catalogue) {
        List<Conf> revisions = new ArrayList<>();
        for (ModuleBundle bundle : bundles) {
            revisions.add(Conf.of(bundle.revision()));
            ConfObject news = ConfObject.builder().put("bundle", bundle.name()).put("version", bundle.version())
                .put("revision", bundle.revision()).put("size", bundle.jar().bytes().length).build();
            try {
                send(entry, news, Files.sealedMemory("module", bundle.jar().bytes()));
            } catch (PosixException e) {
                journal.alert("module " + bundle.name() + " cannot be passed to the " + entry.name() + ": "
                    + e.getMessage());
            }
        }
        try {
            send(entry, ConfObject.builder().put("complete", true).put("bundles", new ConfArray(revisions))
                .put("catalogue", catalogue.toConf()).build());
        } catch (PosixException e) {
            journal.alert("the languages cannot be told to the " + entry.name() + ": " + e.getMessage());
        }
    }

    private void send(ProcessEntry entry, ConfObject news, Fd... jar) {
        Optional<Peer> peer = table.peer(entry);
        if (peer.isEmpty()) {
            for (Fd fd : jar) {
                fd.close();
            }
            return;
        }
        int stream = rpc.register(answer -> { }, failure -> {
            // A process that is gone is told everything when it is there again.
            if (failure.kind() != RpcFailure.Kind.PEER_GONE) {
                journal.alert("the " + entry.name() + " has not taken module news " + failure.kind() + ": "
                    + failure.text());
            }
        }, ANSWER_MILLIS, entry.pid());
        try {
            Peer.Sent sent = LargePayload.send(peer.get(), Header.last(MessageType.MODULES, stream, self), "modules",
                ConfWriter.compact(news), jar);
            if (sent == Peer.Sent.DROPPED) {
                rpc.failStream(stream);
            }
        } catch (PosixException e) {
            rpc.forget(stream);
            throw e;
        }
    }

    /**
     * Asks the controller which applications are of a type.
     *
     * @param answer takes their names; empty when the controller does not tell, so that nobody knows
     */
    void users(String word, Consumer<Optional<List<String>>> answer) {
        Optional<ProcessEntry> controller = table.all("controller").stream()
            .filter(entry -> entry.state() == ProcessState.READY).findFirst();
        Optional<Peer> peer = controller.flatMap(table::peer);
        if (peer.isEmpty()) {
            answer.accept(Optional.empty());
            return;
        }
        int stream = rpc.register(message -> answer.accept(names(message)), failure -> answer.accept(Optional.empty()),
            ANSWER_MILLIS, controller.get().pid());
        Peer.Sent sent = peer.get().send(Header.last(MessageType.STATUS, stream, self),
            word.getBytes(StandardCharsets.UTF_8));
        if (sent == Peer.Sent.DROPPED) {
            rpc.failStream(stream);
        }
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
