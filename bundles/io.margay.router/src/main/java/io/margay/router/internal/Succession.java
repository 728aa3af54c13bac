// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.dispatch.AppPool;
import io.margay.engine.Turns;
import io.margay.http.HttpCounters.Totals;
import io.margay.listen.Listener;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.SocketError;
import io.margay.process.CoreChild;
import io.margay.status.Duty;
import io.margay.status.Handover;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;

/**
 * How this router takes the place of another one, and another its: the same listening sockets, the counters, and an end
 * that nobody notices. On the control loop.
 */
final class Succession implements Retiring.Steps {

    /** The framework property with the seconds that connections without a request have when the server ends. */
    static final String REST = "margay.quit.idle.seconds";

    /** As long as the system may hold a connection back that brings nothing (TCP_DEFER_ACCEPT). */
    private static final long REST_SECONDS = 1;

    private final CoreChild child;
    private final RouterParts parts;
    private final Turns turns;
    private final Quitting quitting;
    private final Supplier<Configuration> current;
    private final Supplier<CompletionStage<Void>> drain;
    private final long millis;
    private final long restMillis;
    private final Predecessors predecessors;
    private final Handovers handovers;
    private final Retiring retiring;

    /**
     * Adds its rows to the dispatcher.
     *
     * @param drain ends all pools and configurations
     * @param millis how long connections may last when another router serves, unless main says another time
     */
    Succession(CoreChild child, BundleContext bundles, RouterParts parts, Turns turns, Quitting quitting,
            Supplier<Configuration> current, Supplier<CompletionStage<Void>> drain, long millis) {
        this.child = child;
        this.parts = parts;
        this.turns = turns;
        this.quitting = quitting;
        this.current = current;
        this.drain = drain;
        List<Integer> before = child.init().array("before").orElse(ConfArray.EMPTY).elements()
            .stream().map(pid -> (int) ((ConfNumber) pid).longValue()).toList();
        this.predecessors = new Predecessors(child, before);
        this.handovers = new Handovers(parts.control(), () -> Offers.all(bundles, Handover.class), this::hand,
            parts.log(), before);
        this.millis = millis;
        this.restMillis = Quitting.millis(bundles.getProperty(REST), REST_SECONDS);
        this.retiring = new Retiring(parts.control(), this, parts.log());
        child.dispatcher().on(MessageType.SOCKETS, this::share)
            .on(MessageType.RETIRE, this::retire)
            .on(MessageType.COUNTERS, this::counters)
            .on(MessageType.HANDOVER, this::handed);
    }

    private void handed(Message message) {
        handovers.take(LargePayload.receive(message, "handover_handler", LargePayload.MAX_MESSAGE));
        // Who is not asked while it serves is not known.
        predecessors.totals();
    }

    /** What this router and those before it have counted, as far as that is known without asking; for bundles. */
    Totals totalsSoFar() {
        return predecessors.soFar().plus(parts.loops().totals());
    }

    /** Whether this router does what is to be done once. */
    Duty duty() {
        return handovers;
    }

    /** Whether another router has taken the place of this one. */
    boolean isBegun() {
        return retiring.isBegun();
    }

    /** What this router and those before it have counted. */
    CompletionStage<Totals> totals() {
        return predecessors.totals().thenApply(before -> before.plus(parts.loops().totals()));
    }

    /** A process is gone. */
    void left(int pid) {
        predecessors.left(pid);
        handovers.left(pid);
    }

    private void retire(Message message) {
        String seconds = message.text();
        if (!seconds.isEmpty() && !seconds.matches("[0-9]{1,4}")) {
            throw new PayloadException("retire_handler: malformed time");
        }
        if (!retiring.isBegun()) {
            handovers.give();
        }
        retiring.begin(seconds.isEmpty() ? millis : Integer.parseInt(seconds) * 1000L);
    }

    /** Main gets copies of the listening sockets, as they are when no change is on its way. */
    private void share(Message message) {
        int stream = message.stream();
        turns.add(() -> {
            new ListenerCopies(child).send(current.get().listeners());
            return CompletableFuture.completedFuture(null);
        }).whenComplete((sent, failure) -> child.main().send(
            Header.last(failure == null ? MessageType.RPC_READY : MessageType.RPC_ERROR, stream, child.self()),
            failure == null ? new byte[0] : SocketError.plain(Apply.reason(failure))));
    }

    /** The router that has come asks what has been counted; or one that leaves says it last. */
    private void counters(Message message) {
        if (message.stream() == 0) {
            predecessors.said(message);
            return;
        }
        child.table().find(message.senderPid()).flatMap(child.table()::peer).ifPresent(asker ->
            asker.send(Header.last(MessageType.RPC_READY, message.stream(), child.self()), counted()));
    }

    private byte[] counted() {
        return Predecessors.encode(parts.loops().totals().plus(predecessors.gone()));
    }

    private void hand(byte[] told) {
        child.table().peer("router").ifPresent(next -> LargePayload.send(next,
            Header.last(MessageType.HANDOVER, 0, child.self()), "handover", told));
    }

    /** The process ends: the next one has to know what has been counted. */
    void lastWord() {
        handovers.last();
        Optional.of(retiring).filter(Retiring::isBegun).flatMap(begun -> child.table().peer("router"))
            .ifPresent(next -> next.send(Header.last(MessageType.COUNTERS, 0, child.self()), counted()));
    }

    // ---- the end ----------------------------------------------------------

    /**
     * The server ends: nothing is accepted any more, what was accepted may bring its request for a moment still, and
     * the process ends when the last request of any configuration has its answer.
     */
    void quit() {
        parts.pools().live().forEach(AppPool::goAway);
        quitting.begin(() -> retireListeners().thenCompose(known -> parts.loops().empty().toCompletableFuture()
            .completeOnTimeout(null, restMillis, TimeUnit.MILLISECONDS)).thenComposeAsync(rest -> {
                parts.loops().leaveIdle();
                return drain.get();
            }, parts.control()), turns);
    }

    @Override
    public CompletionStage<Void> stopAccepting() {
        turns.hold();
        quitting.leave();
        parts.log().info("another router serves: no connections are accepted any more");
        return retireListeners();
    }

    private CompletionStage<Void> retireListeners() {
        return CompletableFuture.allOf(current.get().listeners().values().stream().map(Listener::retire)
            .map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new));
    }

    @Override
    public CompletionStage<Void> empty() {
        return parts.loops().empty();
    }

    @Override
    public void hurry() {
        parts.pools().live().forEach(AppPool::goAway);
        parts.loops().leaveIdle();
    }

    @Override
    public void leave(Supplier<CompletionStage<Void>> last) {
        quitting.begin(() -> last.get().thenComposeAsync(empty -> drain.get(), parts.control()), turns);
    }
}
