// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.controller.Applied;
import io.margay.controller.Applier;
import io.margay.controller.Previewer;
import io.margay.controller.Restarter;
import io.margay.controller.StatusSource;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.RpcFailure;
import io.margay.posix.PosixException;
import io.margay.process.CoreChild;
import io.margay.process.PortRef;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** The controller's requests to the router that is there now. On the controller's loop. */
final class RouterLink implements Applier, Previewer, StatusSource, Restarter {

    /**
     * Starting applications one after the other takes what it takes; each start has a deadline of its own in the
     * router.
     */
    private static final long APPLY_MILLIS = 3_600_000;
    private static final long ANSWER_MILLIS = 10_000;
    private static final String GONE = "the router process is not running; main starts it again";
    private static final byte[] LEFT_OUT = "{\"leftOut\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PREVIEW = ",\"preview\":true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONFIGURATION = ",\"configuration\":".getBytes(StandardCharsets.US_ASCII);

    private final CoreChild child;
    private Optional<PortRef> router = Optional.empty();

    RouterLink(CoreChild child) {
        this.child = child;
    }

    void arrived(PortRef port) {
        router = Optional.of(port);
    }

    void left(int pid) {
        router = router.filter(port -> port.pid() != pid);
    }

    boolean isThere() {
        return router.isPresent();
    }

    @Override
    public CompletionStage<Applied> apply(byte[] compactJson, Set<String> leftOut) {
        CompletableFuture<Applied> result = new CompletableFuture<>();
        request(APPLY_MILLIS, answer -> result.complete(Applied.success()), failure -> result.complete(failed(failure)),
            (peer, stream) -> LargePayload.send(peer, Header.last(MessageType.DATA, stream, child.self()),
                "configuration",
                order(compactJson, leftOut, new byte[0])));
        return result;
    }

    @Override
    public CompletionStage<ConfObject> preview(byte[] compactJson, Set<String> leftOut) {
        CompletableFuture<ConfObject> result = new CompletableFuture<>();
        request(ANSWER_MILLIS, answer -> complete(result, answer, "preview"),
            failure -> result.completeExceptionally(new IllegalStateException(failed(failure).reason())),
            (peer, stream) -> LargePayload.send(peer, Header.last(MessageType.DATA, stream, child.self()),
                "configuration", order(compactJson, leftOut, PREVIEW)));
        return result;
    }

    /** The configuration travels as it is, wrapped with the names of the applications that are not to be started. */
    private static byte[] order(byte[] compactJson, Set<String> leftOut, byte[] more) {
        List<Conf> names = new ArrayList<>();
        leftOut.forEach(name -> names.add(Conf.of(name)));
        byte[] list = ConfWriter.compact(new ConfArray(names));
        // Of exactly the size: configurations may be long.
        ByteBuffer order = ByteBuffer.allocate(
            LEFT_OUT.length + list.length + more.length + CONFIGURATION.length + compactJson.length + 1);
        return order.put(LEFT_OUT).put(list).put(more).put(CONFIGURATION).put(compactJson).put((byte) '}').array();
    }

    /** The answer of a refusal is the name of the application to blame, which may be empty, NUL, and the reason. */
    private static Applied failed(RpcFailure failure) {
        String text = reason(failure);
        int end = text.indexOf('\0');
        if (end <= 0) {
            return Applied.failure(text.substring(end + 1));
        }
        return Applied.failure(text.substring(end + 1), text.substring(0, end));
    }

    private static String reason(RpcFailure failure) {
        return switch (failure.kind()) {
            case ERROR -> failure.text();
            case DEADLINE -> "the router did not answer in time";
            case PEER_GONE -> "the router process died";
            case CANCELLED -> "the controller is leaving";
        };
    }

    @Override
    public CompletionStage<ConfObject> status() {
        CompletableFuture<ConfObject> result = new CompletableFuture<>();
        request(ANSWER_MILLIS, answer -> complete(result, answer, "status"),
            failure -> result.completeExceptionally(new IllegalStateException(reason(failure))),
            (peer, stream) -> peer.send(Header.last(MessageType.STATUS, stream, child.self())));
        return result;
    }

    private static void complete(CompletableFuture<ConfObject> result, Message answer, String who) {
        try {
            result.complete((ConfObject) ConfParser.parse(LargePayload.receive(answer, who,
                LargePayload.MAX_SIZE)));
        } catch (PayloadException | ConfSyntaxException | ClassCastException e) {
            result.completeExceptionally(e);
        }
    }

    @Override
    public CompletionStage<Void> restart(String application) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        request(ANSWER_MILLIS, answer -> result.complete(null),
            failure -> result.completeExceptionally(new IllegalStateException(reason(failure))),
            (peer, stream) -> peer.send(Header.last(MessageType.APP_RESTART, stream, child.self()),
                application.getBytes(StandardCharsets.UTF_8)));
        return result;
    }

    /** Sends one request. */
    @FunctionalInterface
    private interface Sender {
        Peer.Sent send(Peer peer, int stream);
    }

    private void request(long millis, Consumer<Message> ready, Consumer<RpcFailure> error, Sender sender) {
        Optional<Peer> peer = router.flatMap(PortRef::peer);
        if (peer.isEmpty()) {
            throw new IllegalStateException(GONE);
        }
        int stream = child.rpc().register(ready, error, millis, router.orElseThrow().pid());
        try {
            if (sender.send(peer.get(), stream) != Peer.Sent.DROPPED) {
                return;
            }
        } catch (PosixException e) {
            child.rpc().forget(stream);
            throw e;
        }
        child.rpc().forget(stream);
        throw new IllegalStateException(GONE);
    }
}
