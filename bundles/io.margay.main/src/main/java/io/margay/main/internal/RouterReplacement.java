// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.Quit;
import io.margay.port.Rpc;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessState;
import io.margay.process.ProcessTable;
import io.margay.process.StartException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * Has a new router take the place of the one that serves, which serves until then: a second process, copies of the
 * listening sockets, the configuration from the controller; only then the old one ends its connections and leaves.
 * Whatever goes wrong before, the new one is ended and the old one serves on. On main's loop.
 */
final class RouterReplacement {

    /** Routers that end their last connections at once, at most: each is a JVM. */
    static final int MOST_RETIRING = 3;
    private static final String ROUTER = "router";
    /** The router answers at once, unless a change of its configuration is on its way. */
    private static final long SOCKETS_MILLIS = 60_000;
    /** Time for one that is not wanted to end by itself. */
    private static final long LEAVE_MILLIS = 5_000;

    /**
     * What it works with.
     *
     * @param exiting whether the server ends
     * @param start starts a router beside those that are there
     * @param taken told when a new one has taken its place
     * @param kill sends SIGKILL to a pid
     * @param readyMillis within which a new one must have booted
     * @param servingMillis within which it must have the configuration
     * @param leaveMillis after which one that was replaced must have left
     */
    record Parts(EventLoop loop, int self, ProcessTable table, BooleanSupplier exiting, Rpc rpc, SharedSockets sockets,
                 Function<List<ProcessEntry>, ProcessEntry> start, Runnable taken, IntConsumer kill,
                 long readyMillis, long servingMillis, long leaveMillis, ErrorLog journal) {
    }

    /** A replacement that is under way. */
    private record Coming(ProcessEntry old, ProcessEntry fresh, OptionalInt seconds, CompletableFuture<Void> result) {
    }

    private final Parts parts;
    private Optional<Coming> coming = Optional.empty();
    private Optional<Timer> deadline = Optional.empty();

    RouterReplacement(Parts parts) {
        this.parts = parts;
    }

    /**
     * Begins.
     *
     * @param seconds how long connections of the old router may last; empty for what its properties say
     * @return completes when the new router serves, or with the reason why the old one serves on
     */
    CompletionStage<Void> begin(OptionalInt seconds) {
        List<ProcessEntry> routers = parts.table().all(ROUTER);
        Optional<ProcessEntry> old = routers.stream().filter(entry -> entry.state() == ProcessState.READY
            && !entry.isRetiring()).findFirst();
        long retiring = routers.stream().filter(ProcessEntry::isRetiring).count();
        if (parts.exiting().getAsBoolean()) {
            return CompletableFuture.failedFuture(new StartException("the server is leaving"));
        }
        if (coming.isPresent()) {
            return CompletableFuture.failedFuture(new StartException("the router is being replaced already"));
        }
        if (old.isEmpty()) {
            return CompletableFuture.failedFuture(new StartException("there is no router that serves"));
        }
        if (retiring >= MOST_RETIRING) {
            return CompletableFuture.failedFuture(new StartException(retiring
                + " routers that were replaced have not ended their last connections yet"));
        }
        ProcessEntry fresh;
        try {
            fresh = parts.start().apply(routers);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(new StartException("the new router cannot be started: "
                + e.getMessage(), e));
        }
        parts.journal().notice("router " + old.get().pid() + " is being replaced by process " + fresh.pid());
        CompletableFuture<Void> result = new CompletableFuture<>();
        coming = Optional.of(new Coming(old.get(), fresh, seconds, result));
        within(parts.readyMillis(), "the new router was not ready within " + parts.readyMillis() / 1000 + " seconds");
        return result;
    }

    private void within(long millis, String reason) {
        deadline.ifPresent(Timer::cancel);
        deadline = Optional.of(parts.loop().schedule(millis, () -> coming.ifPresent(it -> fail(it, reason))));
    }

    /** Whether one is under way. */
    boolean isBusy() {
        return coming.isPresent();
    }

    /** Whether a process is to take another's place and has not done so yet. */
    boolean isComing(int pid) {
        return coming.filter(it -> it.fresh().pid() == pid).isPresent();
    }

    /**
     * A process is ready: one that takes another's place is announced when main has that one's sockets.
     *
     * @param announce tells the others of it
     */
    void ready(ProcessEntry entry, Runnable announce) {
        if (!isComing(entry.pid())) {
            announce.run();
            return;
        }
        Coming it = coming.orElseThrow();
        parts.sockets().begin();
        within(parts.servingMillis(), "the new router had no configuration within " + parts.servingMillis() / 1000
            + " seconds");
        int stream = parts.rpc().register(answer -> announced(it, announce),
            failure -> {
                if (parts.table().all().contains(it.old())) {
                    coming.filter(it::equals).ifPresent(same -> fail(same, "the router gave no sockets: "
                        + failure.kind()));
                } else {
                    announce.run();
                }
            }, SOCKETS_MILLIS, it.old().pid());
        if (parts.table().peer(it.old()).map(peer -> peer.send(Header.last(MessageType.SOCKETS, stream,
                parts.self()))).filter(sent -> sent != Peer.Sent.DROPPED).isEmpty()) {
            parts.rpc().failStream(stream);
        }
    }

    private void announced(Coming it, Runnable announce) {
        if (coming.filter(it::equals).isPresent()) {
            announce.run();
        }
    }

    /** Sockets of the router that is being replaced; those of others are closed. */
    void sockets(Message message) {
        if (coming.filter(it -> it.old().pid() == message.senderPid()).isPresent()) {
            parts.sockets().take(message);
        }
    }

    /**
     * The controller says that a router has the configuration in force, or why it cannot have it.
     *
     * @throws PayloadException when it is malformed
     */
    void taken(Message message) {
        String[] text = message.text().split("\0", 2);
        if (text.length != 2 || !text[0].matches("[0-9]{1,9}|1[0-9]{9}")) {
            throw new PayloadException("router_taken_handler: malformed");
        }
        int pid = Integer.parseInt(text[0]);
        coming.filter(it -> it.fresh().pid() == pid).ifPresent(it -> {
            if (text[1].isEmpty()) {
                taken(it);
            } else {
                fail(it, text[1]);
            }
        });
    }

    /** The new one cannot do what it has to. */
    void refuse(int pid, String reason) {
        coming.filter(it -> it.fresh().pid() == pid).ifPresent(it -> fail(it, reason));
    }

    private void taken(Coming it) {
        over();
        it.old().retires();
        parts.taken().run();
        parts.journal().notice("router " + it.fresh().pid() + " serves; router " + it.old().pid()
            + " ends its connections");
        parts.table().peer(it.old()).ifPresent(peer ->
            peer.send(Header.last(MessageType.RETIRE, 0, parts.self()), it.seconds().isEmpty() ? new byte[0]
                : Integer.toString(it.seconds().getAsInt()).getBytes(StandardCharsets.US_ASCII)));
        parts.loop().schedule(parts.leaveMillis() + it.seconds().orElse(0) * 1000L, () ->
            killed(it.old(), "does not leave and is killed"));
        it.result().complete(null);
    }

    private void over() {
        coming = Optional.empty();
        deadline.ifPresent(Timer::cancel);
        deadline = Optional.empty();
        parts.sockets().close();
    }

    private void fail(Coming it, String reason) {
        over();
        parts.journal().alert("router " + it.old().pid() + " is not replaced: " + reason);
        it.fresh().retires();
        if (it.fresh().state() == ProcessState.READY) {
            parts.table().peer(it.fresh()).ifPresent(peer ->
                peer.send(Header.last(MessageType.QUIT, 0, parts.self()), Quit.NORMAL.encode()));
            parts.loop().schedule(LEAVE_MILLIS, () -> killed(it.fresh(), "does not leave and is killed"));
        } else {
            // A JVM that is still starting reads no message.
            killed(it.fresh(), "is ended");
        }
        it.result().completeExceptionally(new StartException(reason));
    }

    private void killed(ProcessEntry entry, String text) {
        if (parts.table().all().contains(entry)) {
            parts.journal().warn("process " + entry.pid() + " (" + entry.name() + ") " + text);
            parts.kill().accept(entry.pid());
        }
    }

    /**
     * A router is gone.
     *
     * @return whether none is to be started for it, since another one is there
     */
    boolean died(ProcessEntry dead) {
        if (dead.isRetiring()) {
            return true;
        }
        Optional<Coming> now = coming;
        if (now.filter(it -> it.fresh() == dead).isPresent()) {
            fail(now.get(), "the new router ended before it served");
            return true;
        }
        if (now.filter(it -> it.old() == dead).isPresent()) {
            over();
            parts.journal().alert("router " + dead.pid() + " ended while it was being replaced");
            now.get().result().completeExceptionally(
                new StartException("the router ended while it was being replaced"));
            return true;
        }
        return false;
    }
}
