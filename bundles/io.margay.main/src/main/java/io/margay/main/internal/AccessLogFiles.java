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
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Opens access logs for the router, which may not ({@code spec/processes.md §14}, ACCESS_LOG), rotates those that have
 * grown, and tells it when they are to be opened anew; only those that the controller has named.
 * On the loop; a file system that does not answer holds up nothing but these files.
 */
final class AccessLogFiles implements AutoCloseable {

    private static final int MODE = 0600;
    /** A pipe that nobody reads is refused, and one that is full says so. */
    private static final int FLAGS = Files.O_WRONLY | Files.O_APPEND | Files.O_CREAT | Files.O_NONBLOCK;
    private static final int MAX_PATH = 4095;
    private static final int MAX_KEEP = 1000;
    /** Parts of an order to rotate. */
    private static final int ROTATE = 3;

    private final int self;
    private final ProcessTable table;
    private final ErrorLog journal;
    private final Background disk;
    private Set<String> allowed = Set.of();

    /** What {@code open(2)} has given: a file, or the reason why there is none. */
    private record Opened(Optional<Fd> file, String reason) {
    }

    AccessLogFiles(EventLoop loop, int self, ProcessTable table, ErrorLog journal) {
        this.self = self;
        this.table = table;
        this.journal = journal;
        this.disk = new Background(loop, "access logs", journal);
    }

    /** The controller names the files that the router may have from now on. */
    void allow(Message message, Peer controller) {
        allowed = Set.copyOf(List.of(message.text().split("\0")));
        if (message.stream() != 0) {
            controller.send(Header.last(MessageType.RPC_READY, message.stream(), self));
        }
    }

    /** The router wants a file, or one to be rotated: then size and number follow the path, with NUL between them. */
    void serve(Message message, Peer router) {
        String[] order = message.text().split("\0", -1);
        String path = order[0];
        if (path.isEmpty() || path.getBytes(StandardCharsets.UTF_8).length > MAX_PATH || order.length != 1
                && order.length != ROTATE) {
            throw new PayloadException("access_log: the path is not valid");
        }
        int stream = message.stream();
        if (!allowed.contains(path)) {
            answer(new Opened(Optional.empty(), "the access log \"" + path + "\" is not in the configuration"), stream,
                router);
        } else if (order.length == 1) {
            disk.run("open an access log", () -> open(path), reason -> new Opened(Optional.empty(), reason),
                opened -> answer(opened, stream, router));
        } else {
            rotate(path, number(order[1], Long.MAX_VALUE), (int) number(order[2], MAX_KEEP), stream, router);
        }
    }

    private static long number(String text, long most) {
        try {
            long number = Long.parseLong(text);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The same as one that is out of range.
        }
        throw new PayloadException("access_log: \"" + text + "\" is not valid");
    }

    private void rotate(String path, long size, int keep, int stream, Peer router) {
        disk.run("rotate an access log", () -> rotate(path, size, keep), reason -> reason, reason -> {
            if (reason.isEmpty()) {
                reopen();
                router.send(Header.last(MessageType.RPC_READY, stream, self));
            } else {
                answer(new Opened(Optional.empty(), reason), stream, router);
            }
        });
    }

    private static String rotate(String path, long size, int keep) {
        try {
            LogRotation.run(path, size, keep);
            return "";
        } catch (PosixException | IllegalStateException e) {
            return e.getMessage();
        }
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
