// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.port.ContentRequest;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.SocketError;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.process.ProcessTable;
import io.margay.store.StateDirectory;
import io.margay.store.StateFiles;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Keeps uploaded certificates and scripts for controller and router, who may not write to the state directory. What
 * they are is none of main's business: it moves bytes. On the loop, the disk is worked on by {@link ConfStore}.
 */
final class UploadHandlers {

    /** One kind of content. */
    private record Shelf(StateFiles files, String name, String handler) {
    }

    private final int self;
    private final ProcessTable table;
    private final ConfStore disk;
    private final Shelf certificates;
    private final Shelf scripts;

    UploadHandlers(int self, ProcessTable table, ConfStore disk, StateDirectory state) {
        this.self = self;
        this.table = table;
        this.disk = disk;
        this.certificates = new Shelf(state.certificateFiles(), "certificate", "cert_handler");
        this.scripts = new Shelf(state.scriptFiles(), "script", "script_handler");
    }

    void certificate(Message message) {
        get(certificates, message);
    }

    void storeCertificate(Message message) {
        store(certificates, message);
    }

    void deleteCertificate(Message message) {
        delete(certificates, message);
    }

    void script(Message message) {
        get(scripts, message);
    }

    void storeScript(Message message) {
        store(scripts, message);
    }

    void deleteScript(Message message) {
        delete(scripts, message);
    }

    private void get(Shelf shelf, Message message) {
        String name = request(shelf, message).name();
        work(message, shelf, () -> shelf.files().load(name), (peer, content) -> send(message, peer, name, content));
    }

    private void store(Shelf shelf, Message message) {
        ContentRequest request = request(shelf, message);
        String name = request.name();
        byte[] content;
        try (Fd memory = message.take(0).orElseThrow(() -> new PayloadException("no content for the " + shelf.name()
                + " \"" + name + "\""))) {
            content = LargePayload.content(memory, request.size(), shelf.handler(), StateFiles.MAX_FILE);
        }
        work(message, shelf, () -> {
            shelf.files().store(name, content);
            return content.length;
        }, (peer, size) -> ready(message, peer));
    }

    private void delete(Shelf shelf, Message message) {
        String name = request(shelf, message).name();
        work(message, shelf, () -> {
            shelf.files().delete(name);
            return name;
        }, (peer, done) -> ready(message, peer));
    }

    private static ContentRequest request(Shelf shelf, Message message) {
        ContentRequest request = ContentRequest.decode(message);
        if (!StateFiles.isName(request.name())) {
            throw new PayloadException("the name of a " + shelf.name() + " is not valid");
        }
        return request;
    }

    private <T> void work(Message message, Shelf shelf, Supplier<T> task, BiConsumer<Peer, T> done) {
        int stream = message.stream();
        Optional<Peer> sender = table.find(message.senderPid()).flatMap(table::peer);
        disk.work("keep or find a " + shelf.name(), task, result -> sender.ifPresent(peer -> done.accept(peer, result)),
            reason -> sender.ifPresent(peer -> error(stream, peer, reason)));
    }

    private void ready(Message message, Peer peer) {
        peer.send(Header.last(MessageType.RPC_READY, message.stream(), self), new byte[0]);
    }

    private void error(int stream, Peer peer, String reason) {
        peer.send(Header.last(MessageType.RPC_ERROR, stream, self), SocketError.plain(reason));
    }

    private void send(Message message, Peer peer, String name, Optional<byte[]> content) {
        if (content.isEmpty()) {
            error(message.stream(), peer, "\"" + name + "\" is not stored");
            return;
        }
        try {
            LargePayload.send(peer, Header.last(MessageType.RPC_READY, message.stream(), self), "content",
                content.get());
        } catch (PosixException e) {
            error(message.stream(), peer, e.getMessage());
        }
    }
}
