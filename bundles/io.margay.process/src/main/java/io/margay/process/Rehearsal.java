// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.conf.ConfParser;
import io.margay.conf.ConfWriter;
import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.log.ErrorLog;
import io.margay.port.Dispatcher;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.Port;
import io.margay.port.ReceiveBuffer;
import io.margay.port.Rpc;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What every core process does at its start, done once in a training run, so that its classes are in the boot cache:
 * a loop, a timer, a message with sealed memory from a peer to a port, a request and its answer. It touches nothing
 * outside the process.
 */
public final class Rehearsal {

    private static final long SECONDS = 20;
    private static final byte[] CONF =
        "{\"listeners\": {}, \"routes\": [], \"n\": 1.5}".getBytes(StandardCharsets.US_ASCII);

    private static final String MAIN = "main";
    private static final ProcessKinds KINDS = ProcessKinds.parse("[{\"name\":\"main\",\"number\":0}]");

    private Rehearsal() {
    }

    /** Does it, and waits until it is done. */
    public static void run() throws Exception {
        ErrorLog log = ErrorLog.standardError();
        Journal journal = Journal.to(log);
        Fd[] pair = Sockets.seqpacketPair();
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        try (EventLoops loops = EventLoops.create("rehearsal", 1, log::failure)) {
            EventLoop loop = loops.loop(0);
            byte[] compact = ConfWriter.compact(ConfParser.parse(CONF));
            loop.execute(() -> send(loop, pair, compact, journal, received));
            ConfParser.parse(received.get(SECONDS, TimeUnit.SECONDS));
        }
    }

    private static void send(EventLoop loop, Fd[] pair, byte[] compact, Journal journal,
            CompletableFuture<byte[]> received) {
        int self = Processes.pid();
        ProcessTable table = new ProcessTable(KINDS, MAIN, journal);
        ProcessEntry entry = table.add(self, MAIN, "", Optional.empty());
        entry.ready();
        Rpc rpc = new Rpc(loop, Rpc.OWNER_MAIN, journal);
        Dispatcher dispatcher = new Dispatcher(table, journal);
        Peer peer = new Peer(loop, pair[1], journal, (gone, reason) -> { });
        table.addPort(entry, 0, Optional.of(peer));
        new Announcer(self, table, journal).announce(entry);
        Port port = Port.open(loop, pair[0], new ReceiveBuffer(), Port.Limits.DEFAULT, dispatcher, journal);
        dispatcher.onAny(MessageType.RPC_READY, rpc::dispatch);
        int stream = rpc.register(answer -> {
            byte[] bytes = LargePayload.receive(answer, "rehearsal", LargePayload.MAX_SIZE);
            port.close();
            peer.close();
            received.complete(bytes);
        }, failure -> received.completeExceptionally(new IllegalStateException(failure.kind().name())),
            SECONDS * 1000, 0);
        LargePayload.send(peer, Header.last(MessageType.RPC_READY, stream, self), "rehearsal", compact);
    }
}
