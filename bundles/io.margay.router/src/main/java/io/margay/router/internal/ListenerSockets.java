// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.RpcFailure;
import io.margay.port.SocketError;
import io.margay.port.SocketRequest;
import io.margay.posix.Fd;
import io.margay.process.CoreChild;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Listening sockets, which main opens ({@code spec/processes.md §15}). On the control loop. */
final class ListenerSockets {

    private static final long ANSWER_MILLIS = 10_000;

    /** Characters of the addresses in one message, so that a change of all listeners fits into main's queue. */
    private static final int MAX_BATCH = 4096;

    private final CoreChild child;
    private final Deque<String> leaving = new ArrayDeque<>();
    private CompletableFuture<Void> settled = CompletableFuture.completedFuture(null);

    ListenerSockets(CoreChild child) {
        this.child = child;
    }

    /**
     * Asks for a bound socket; the failure's message is main's reason.
     *
     * @param shared whether a listener with the same port leaves for it
     */
    CompletionStage<Fd> open(String address, int backlog, boolean shared) {
        // One that is still to be closed may be the same.
        return settled.thenCompose(closed -> ask(address, backlog, shared));
    }

    private CompletionStage<Fd> ask(String address, int backlog, boolean shared) {
        CompletableFuture<Fd> result = new CompletableFuture<>();
        int stream = child.rpc().register(answer -> answer.take(0).ifPresentOrElse(result::complete,
            () -> result.completeExceptionally(new ApplyException("main sent no socket for \"" + address + "\""))),
            failure -> result.completeExceptionally(new ApplyException(reason(address, failure))), ANSWER_MILLIS,
            child.mainPid());
        Peer.Sent sent = child.main().send(Header.last(MessageType.SOCKET, stream, child.self()),
            new SocketRequest(address, backlog, shared).encode());
        if (sent == Peer.Sent.DROPPED) {
            child.rpc().failStream(stream);
        }
        return result;
    }

    private static String reason(String address, RpcFailure failure) {
        return failure.message().map(ListenerSockets::text)
            .orElse("main did not open the listening socket \"" + address + "\": " + failure.kind());
    }

    /** The backslashes of the text are Unit's, for its log; people who read a reply do not want them. */
    private static String text(Message message) {
        // An answer without even a code is no reason to leave the change without an end.
        return message.payload().hasRemaining() ? SocketError.decode(message).text().replace("\\\"", "\"")
            : "main gave no reason";
    }

    /** Says that a listener was closed: main lets go of its copy, and of the file of a unix listener. */
    void closed(String address) {
        leaving.add(address);
        if (settled.isDone()) {
            settled = new CompletableFuture<>();
            sayNext();
        }
    }

    /** As many as fit; the others when main has answered. */
    private void sayNext() {
        if (leaving.isEmpty()) {
            settled.complete(null);
            return;
        }
        StringBuilder addresses = new StringBuilder(leaving.remove());
        while (!leaving.isEmpty() && addresses.length() + leaving.peek().length() < MAX_BATCH) {
            addresses.append('\0').append(leaving.remove());
        }
        int stream = child.rpc().register(answer -> sayNext(), failure -> sayNext(), ANSWER_MILLIS, child.mainPid());
        Peer.Sent sent = child.main().send(Header.last(MessageType.SOCKET_UNLINK, stream, child.self()),
            addresses.toString().getBytes(StandardCharsets.UTF_8));
        if (sent == Peer.Sent.DROPPED) {
            child.rpc().failStream(stream);
        }
    }

    /** Completes on the loop when main has let go of all that was closed: who connects to it now is refused. */
    CompletionStage<Void> settled() {
        return settled;
    }
}
