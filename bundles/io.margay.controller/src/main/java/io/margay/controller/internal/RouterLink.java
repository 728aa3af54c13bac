// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.controller.Applied;
import io.margay.controller.LeftOut;
import io.margay.controller.NotAppliedException;
import io.margay.controller.RouterCalls;
import io.margay.lang.AppSpec;
import io.margay.port.ContentRequest;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.RpcFailure;
import io.margay.process.CoreChild;
import io.margay.process.InspectAnswers;
import io.margay.process.PortRef;
import io.margay.schema.Problem;
import io.margay.schema.Schema;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The controller's requests to the router that is there now. On the controller's loop. */
final class RouterLink implements RouterCalls {

    /** Time for everything but the start of applications: sockets, routes, a busy machine. */
    private static final long APPLY_MILLIS = 120_000;
    /** However many processes there are: nothing holds up all later changes for longer. */
    private static final long MAX_APPLY_MILLIS = 900_000;
    private static final long ANSWER_MILLIS = 10_000;
    private static final long REFRESH_MILLIS = 60_000;
    static final long INSPECT_MILLIS = 5_000;
    private static final String GONE = "the router process is not running; main starts it again";
    private static final byte[] LEFT_OUT = "{\"leftOut\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSED = ",\"closed\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PREVIEW = ",\"preview\":true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONFIGURATION = ",\"configuration\":".getBytes(StandardCharsets.US_ASCII);

    private final CoreChild child;
    private final LogNames logs;
    private Optional<PortRef> router = Optional.empty();
    /** One that is to take the place of {@link #router} when it has the configuration. */
    private Optional<PortRef> next = Optional.empty();

    RouterLink(CoreChild child, Supplier<Schema> schema) {
        this.child = child;
        this.logs = new LogNames(child, schema);
    }

    /**
     * A router is there.
     *
     * @return whether another one serves, whose place it is to take
     */
    boolean arrived(PortRef port) {
        if (router.isEmpty() || router.get().pid() == port.pid()) {
            router = Optional.of(port);
            return false;
        }
        next = Optional.of(port);
        return true;
    }

    /**
     * A router is gone.
     *
     * @return whether it was the one that served; if another one was to take its place, that serves now
     */
    boolean left(int pid) {
        boolean served = router.filter(port -> port.pid() == pid).isPresent();
        next = next.filter(port -> port.pid() != pid);
        if (served) {
            router = next;
            next = Optional.empty();
        }
        return served;
    }

    /** The router that is to take the place of the one that serves. */
    Optional<Integer> next() {
        return next.map(PortRef::pid);
    }

    /** It takes the place, for everything that is asked from now on. */
    void succeeded(int pid) {
        if (next.filter(port -> port.pid() == pid).isPresent()) {
            router = next;
            next = Optional.empty();
        }
    }

    /** It does not. */
    void failed(int pid) {
        next = next.filter(port -> port.pid() != pid);
    }

    /** The router that serves. */
    Optional<Integer> serving() {
        return router.map(PortRef::pid);
    }

    boolean isThere() {
        return router.isPresent();
    }

    @Override
    public CompletionStage<Applied> apply(ConfObject conf, byte[] compactJson, LeftOut leftOut) {
        return apply(router, conf, compactJson, leftOut);
    }

    @Override
    public CompletionStage<Applied> applyNext(ConfObject conf, byte[] compactJson, LeftOut leftOut) {
        return apply(next, conf, compactJson, leftOut);
    }

    private CompletionStage<Applied> apply(Optional<PortRef> to, ConfObject conf, byte[] compactJson,
            LeftOut leftOut) {
        CompletableFuture<Applied> result = new CompletableFuture<>();
        result.thenAccept(applied -> logs.decided(applied.done()));
        CompletableFuture<Void> allowed = logs.allow(conf);
        if (allowed.isDone() && !allowed.isCompletedExceptionally()) {
            order(to, conf, compactJson, leftOut, result);
            return result;
        }
        allowed.whenComplete((done, failure) -> {
            if (failure != null) {
                result.complete(Applied.unjudged(String.valueOf(failure.getMessage())));
                return;
            }
            try {
                order(to, conf, compactJson, leftOut, result);
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private void order(Optional<PortRef> to, ConfObject conf, byte[] compactJson, LeftOut leftOut,
            CompletableFuture<Applied> result) {
        request(to, applyMillis(conf), answer -> result.complete(Applied.success()),
            failure -> result.complete(failed(failure)),
            (peer, stream) -> LargePayload.send(peer, Header.last(MessageType.CONF_APPLY, stream, child.self()),
                "configuration",
                order(compactJson, leftOut, new byte[0])));
    }

    @Override
    public CompletionStage<ConfObject> preview(byte[] compactJson, LeftOut leftOut) {
        CompletableFuture<ConfObject> result = new CompletableFuture<>();
        request(ANSWER_MILLIS, answer -> complete(result, answer, "preview"),
            failure -> result.completeExceptionally(new NotAppliedException(failed(failure))),
            (peer, stream) -> LargePayload.send(peer, Header.last(MessageType.CONF_APPLY, stream, child.self()),
                "configuration", order(compactJson, leftOut, PREVIEW)));
        return result;
    }

    /**
     * The longest time that the router can need: it starts processes one after the other, each with its own limit, and
     * answers in every case. So this ends the wait for a router that is alive and stuck.
     */
    private static long applyMillis(ConfObject conf) {
        ConfObject applications = conf.object("applications").orElse(ConfObject.EMPTY);
        long millis = APPLY_MILLIS;
        for (String name : applications.members().keySet()) {
            AppSpec app = new AppSpec(name, applications.object(name).orElse(ConfObject.EMPTY));
            millis += app.startMillis() * app.spareProcesses();
        }
        return Math.min(millis, MAX_APPLY_MILLIS);
    }

    /** The configuration travels as it is, wrapped with the names of what is left out. */
    private static byte[] order(byte[] compactJson, LeftOut leftOut, byte[] more) {
        byte[] applications = names(leftOut.applications());
        byte[] listeners = names(leftOut.listeners());
        // Of exactly the size: configurations may be long.
        ByteBuffer order = ByteBuffer.allocate(LEFT_OUT.length + applications.length + CLOSED.length + listeners.length
            + more.length + CONFIGURATION.length + compactJson.length + 1);
        return order.put(LEFT_OUT).put(applications).put(CLOSED).put(listeners).put(more).put(CONFIGURATION)
            .put(compactJson).put((byte) '}').array();
    }

    private static byte[] names(Map<String, String> parts) {
        List<Conf> names = new ArrayList<>();
        parts.keySet().forEach(name -> names.add(Conf.of(name)));
        return ConfWriter.compact(new ConfArray(names));
    }

    /** The answer of a refusal is the reason, or what is to blame, NUL, its name, NUL, and the reason. */
    private static Applied failed(RpcFailure failure) {
        if (failure.kind() != RpcFailure.Kind.ERROR) {
            return Applied.unjudged(reason(failure));
        }
        String[] text = reason(failure).split("\0", 3);
        if (text.length < 3) {
            return Applied.failure(text[text.length - 1]);
        }
        return switch (text[0]) {
            case "application" -> Applied.failure(text[2], text[1]);
            case "listener" -> Applied.closed(text[2], text[1]);
            case "option" -> Applied.invalid(new Problem(text[2], ConfPointer.parse(text[1]),
                Optional.empty()));
            default -> Applied.failure(text[2]);
        };
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
    public CompletionStage<Conf> inspect(String name) {
        CompletableFuture<Conf> result = new CompletableFuture<>();
        request(INSPECT_MILLIS, answer -> inspected(result, answer),
            failure -> result.completeExceptionally(new IllegalStateException(reason(failure))),
            (peer, stream) -> peer.send(Header.last(MessageType.INSPECT, stream, child.self()),
                name.getBytes(StandardCharsets.UTF_8)));
        return result;
    }

    /** Takes what an inspector of another process shows. */
    static void inspected(CompletableFuture<Conf> result, Message answer) {
        try {
            result.complete(ConfParser.parse(LargePayload.receive(answer, "inspect", InspectAnswers.MAX_SIZE)));
        } catch (PayloadException | ConfSyntaxException e) {
            result.completeExceptionally(e);
        }
    }

    @Override
    public CompletionStage<Void> restart(String application) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        // It comes when the new processes serve, or have not come to that in the time that each of them has.
        request(MAX_APPLY_MILLIS, answer -> result.complete(null),
            failure -> result.completeExceptionally(new IllegalStateException(reason(failure))),
            (peer, stream) -> peer.send(Header.last(MessageType.APP_RESTART, stream, child.self()),
                application.getBytes(StandardCharsets.UTF_8)));
        return result;
    }

    /** Has the listeners that use a certificate take it from the store again. */
    CompletionStage<Void> refresh(String certificate) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        request(REFRESH_MILLIS, answer -> result.complete(null),
            failure -> result.completeExceptionally(new IllegalStateException(reason(failure))),
            (peer, stream) -> peer.send(Header.last(MessageType.CERT_CHANGED, stream, child.self()),
                ContentRequest.of(certificate).encode()));
        return result;
    }

    /** Sends one request. */
    @FunctionalInterface
    private interface Sender {
        Peer.Sent send(Peer peer, int stream);
    }

    private void request(long millis, Consumer<Message> ready, Consumer<RpcFailure> error, Sender sender) {
        request(router, millis, ready, error, sender);
    }

    private void request(Optional<PortRef> to, long millis, Consumer<Message> ready, Consumer<RpcFailure> error,
            Sender sender) {
        Optional<Peer> peer = to.flatMap(PortRef::peer);
        if (peer.isEmpty()) {
            throw new Gone(GONE);
        }
        int stream = child.rpc().register(ready, error, millis, to.orElseThrow().pid());
        try {
            if (sender.send(peer.get(), stream) != Peer.Sent.DROPPED) {
                return;
            }
        } catch (RuntimeException e) {
            child.rpc().forget(stream);
            throw e;
        }
        child.rpc().forget(stream);
        throw new Gone(GONE);
    }
}
