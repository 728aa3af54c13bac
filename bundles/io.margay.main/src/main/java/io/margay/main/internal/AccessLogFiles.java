// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.SocketError;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.process.ProcessTable;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Opens access logs for the router, which may not ({@code spec/processes.md §14}, ACCESS_LOG), and tells it when they
 * are to be opened anew. On the loop; a file system that does not answer holds up nothing but these files.
 */
final class AccessLogFiles implements AutoCloseable {

    private static final int MODE = 0600;
    /** A pipe that nobody reads is refused, and one that is full says so. */
    private static final int FLAGS = Files.O_WRONLY | Files.O_APPEND | Files.O_CREAT | Files.O_NONBLOCK;
    private static final int MAX_PATH = 4095;

    private final int self;
    private final ProcessTable table;
    private final ErrorLog journal;
    private final Background disk;

    /** What {@code open(2)} has given: a file, or the reason why there is none. */
    private record Opened(Optional<Fd> file, String reason) {
    }

    AccessLogFiles(EventLoop loop, int self, ProcessTable table, ErrorLog journal) {
        this.self = self;
        this.table = table;
        this.journal = journal;
        this.disk = new Background(loop, "access logs", journal);
    }

    /** The router wants a file. */
    void open(Message message, Peer router) {
        byte[] name = new byte[message.payload().remaining()];
        message.payload().get(name);
        String path = new String(name, StandardCharsets.UTF_8);
        if (name.length == 0 || name.length > MAX_PATH || path.indexOf('\0') >= 0) {
            throw new PayloadException("access_log: the path is not valid");
        }
        int stream = message.stream();
        disk.run("open an access log", () -> open(path), reason -> new Opened(Optional.empty(), reason),
            opened -> answer(opened, stream, router));
    }

    private static Opened open(String path) {
        try {
            return new Opened(Optional.of(Files.open(path, FLAGS, MODE)), "");
        } catch (PosixException e) {
            return new Opened(Optional.empty(), e.getMessage());
        }
    }

    private void answer(Opened opened, int stream, Peer router) {
        if (opened.file().isPresent()) {
            router.send(Header.last(MessageType.RPC_READY, stream, self), new byte[0], opened.file().get());
        } else {
            journal.error(opened.reason());
            router.send(Header.last(MessageType.RPC_ERROR, stream, self), SocketError.plain(opened.reason()));
        }
    }

    /** Lets the router open its files anew. */
    void reopen() {
        table.all("router").forEach(router -> table.peer(router).ifPresent(peer ->
            peer.send(Header.last(MessageType.ACCESS_LOG, 0, self))));
    }

    @Override
    public void close() {
        disk.close();
    }
}
