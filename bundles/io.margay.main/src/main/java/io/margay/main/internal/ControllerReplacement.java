// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.engine.Watch;
import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.margay.process.Prestarted;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessState;
import io.margay.process.ProcessTable;
import io.margay.process.StartException;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Has a new controller take the place of the one that serves: a second JVM boots while the first one serves; when it
 * waits for its start data, the first one answers what it has accepted and leaves, and the second one gets what is
 * stored then. Clients that come meanwhile wait in the control socket. On main's loop.
 */
final class ControllerReplacement {

    private static final String CONTROLLER = "controller";

    /**
     * What it works with.
     *
     * @param serving whether the control socket answers, and no other process is being replaced
     * @param start starts a JVM ahead; empty where none can be, then the new one boots when the old one is gone
     * @param discard ends one that is not wanted
     * @param kill sends SIGKILL to a pid
     * @param readyMillis within which it must have booted
     * @param leaveMillis within which the old one must have left: a change may start many applications
     */
    record Parts(EventLoop loop, int self, ProcessTable table, BooleanSupplier serving,
                 Supplier<Optional<Prestarted>> start, Runnable discard, IntConsumer kill,
                 long readyMillis, long leaveMillis, ErrorLog journal) {
    }

    private final Parts parts;
    private boolean busy;

    ControllerReplacement(Parts parts) {
        this.parts = parts;
    }

    /**
     * Begins.
     *
     * @return completes when the new one waits for the end of the old one, or with the reason why that serves on
     */
    CompletionStage<Void> begin() {
        Optional<ProcessEntry> old = parts.table().all(CONTROLLER).stream().filter(entry ->
            entry.state() == ProcessState.READY && !entry.isRetiring()).findFirst();
        if (busy || old.isEmpty() || !parts.serving().getAsBoolean()) {
            return CompletableFuture.failedFuture(new StartException(
                "the controller cannot be replaced now: the server starts, leaves, or replaces a process"));
        }
        Optional<Prestarted> ahead;
        try {
            ahead = parts.start().get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(new StartException("the new controller cannot be started: "
                + e.getMessage(), e));
        }
        CompletableFuture<Void> result = new CompletableFuture<>();
        if (ahead.isEmpty()) {
            succeed(old.get(), result);
            return result;
        }
        busy = true;
        parts.journal().notice("controller " + old.get().pid() + " is being replaced by process " + ahead.get().pid());
        await(old.get(), ahead.get(), result);
        return result;
    }

    private void await(ProcessEntry old, Prestarted fresh, CompletableFuture<Void> result) {
        Watch[] watch = new Watch[1];
        Timer[] deadline = new Timer[1];
        Consumer<String> end = reason -> {
            watch[0].cancel();
            deadline[0].cancel();
            busy = false;
            if (reason.isEmpty()) {
                succeed(old, result);
            } else {
                parts.discard().run();
                parts.journal().alert("controller " + old.pid() + " is not replaced: " + reason);
                result.completeExceptionally(new StartException(reason));
            }
        };
        deadline[0] = parts.loop().schedule(parts.readyMillis(), () -> end.accept(
            "the new controller was not ready within " + parts.readyMillis() / 1000 + " seconds"));
        watch[0] = parts.loop().watch(fresh.line().number(), (readable, writable, hangup) -> {
            try (Arena arena = Arena.ofConfined()) {
                Received received = Sockets.receive(fresh.line().number(), arena.allocate(1));
                if (received.isEnd()) {
                    end.accept("the new controller ended before it served");
                } else if (received.length() > 0) {
                    end.accept("");
                }
            } catch (RuntimeException e) {
                end.accept("the new controller cannot be heard: " + e.getMessage());
            }
        }, true, false);
    }

    /** Whoever has asked is told first: the answer goes by the controller that is to leave. */
    private void succeed(ProcessEntry old, CompletableFuture<Void> result) {
        if (!parts.table().all().contains(old)) {
            result.completeExceptionally(new StartException("the controller ended while it was being replaced"));
            return;
        }
        result.complete(null);
        old.retires();
        parts.table().peer(old).ifPresent(peer -> peer.send(Header.last(MessageType.RETIRE, 0, parts.self())));
        parts.loop().schedule(parts.leaveMillis(), () -> {
            if (parts.table().all().contains(old)) {
                parts.journal().warn("process " + old.pid() + " (" + old.name() + ") does not leave and is killed");
                parts.kill().accept(old.pid());
            }
        });
    }
}
