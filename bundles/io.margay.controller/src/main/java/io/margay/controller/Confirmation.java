// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import io.margay.control.AccessPolicy;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.Printable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A change that is in force but not stored until somebody confirms it. When nobody does, or the router dies, the
 * configuration before it is applied again; when this process or the whole server dies, the next one knows nothing
 * else. Other changes are refused meanwhile: they would build on what may vanish, and to take them for a confirmation
 * would let a script that knows nothing confirm what has locked its author out. On the loop's thread only.
 */
final class Confirmation {
    private static final long RETRY_MILLIS = 5_000;
    private static final String LATE = "since nobody has confirmed it in time";

    private record Pending(ControlRequest request, byte[] compact, ConfObject before, OptionalLong revision,
        Instant deadline) {
    }

    private final ControlParts parts;
    private final ConfigInForce configuration;
    private final Keeper keeper;
    private final WorkQueue queue;
    private Optional<Pending> pending = Optional.empty();
    private Runnable timer = () -> { };
    /** Confirmations that have come in time and wait for their turn. */
    private int arrived;
    private boolean late;
    private boolean lost;

    Confirmation(ControlParts parts, ConfigInForce configuration, Keeper keeper, WorkQueue queue) {
        this.parts = parts;
        this.configuration = configuration;
        this.keeper = keeper;
        this.queue = queue;
    }

    /** The refusal of another change; empty when none waits. */
    Optional<ControlReply> refusal() {
        return pending.map(change -> ControlReply.error(409, "Another change waits for its confirmation.",
            described(change) + " is in force until " + change.deadline() + ". POST /control/confirm keeps it, DELETE "
            + "/control/confirm takes it back."));
    }

    /** Whether what waits must not hold up a request: its author may do everything, and that of the change may not. */
    boolean givesWayTo(ControlRequest request) {
        AccessPolicy policy = parts.policy();
        return pending.isPresent() && !ChangeQuery.of(request.query()).dryRun() && policy.exempts(request.peer())
            && !policy.exempts(pending.get().request().peer());
    }

    /** Takes back what waits if it {@link #givesWayTo} a request; when its turn has come. */
    CompletionStage<ControlReply> giveWay(ControlRequest request) {
        return givesWayTo(request) ? rollBack("since it held up " + request.peer())
            : CompletableFuture.completedFuture(ControlReply.success("Ok"));
    }

    private static String described(Pending change) {
        return change.request().method() + " " + Printable.of(change.request().target()) + " by "
            + change.request().peer();
    }

    /**
     * Begins to wait: the change is in force.
     *
     * @param before what was in force
     * @param revision its number
     */
    ControlReply begin(ControlRequest request, byte[] compact, ConfObject before, OptionalLong revision, int seconds) {
        Instant deadline = Instant.now().plusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS);
        pending = Optional.of(new Pending(request, compact, before, revision, deadline));
        configuration.fallback(Optional.of(before));
        timer = parts.loop().after(seconds * 1000L, this::expired);
        parts.log().info("the change is not stored unless it is confirmed before " + deadline);
        return ControlReply.value(ConfObject.builder().put("success", "Reconfiguration done.").put("confirm",
            ConfObject.builder().put("deadline", deadline.toString()).put("seconds", seconds).build()).build());
    }

    /** GET: what waits. */
    ControlReply show() {
        return ControlReply.value(pending.map(change -> ConfObject.builder().put("pending", true)
            .put("deadline", change.deadline().toString())
            .put("seconds_left", Math.max(0, Duration.between(Instant.now(), change.deadline()).toSeconds()))
            .put("method", change.request().method()).put("path", Printable.of(change.request().path()))
            .put("peer", change.request().peer().toConf()).build())
            .orElseGet(() -> ConfObject.builder().put("pending", false).build()));
    }

    /** Whether a change waits. */
    boolean isPending() {
        return pending.isPresent();
    }

    /** POST: stores the change. It counts when it has arrived, not when its turn comes. */
    CompletionStage<ControlReply> confirm(ControlRequest request) {
        arrived++;
        return queue.add(0, () -> confirmNow(request)).whenComplete((reply, failure) -> {
            arrived--;
            if (late && arrived == 0) {
                queue.addFirst(() -> rollBack(LATE));
            }
        });
    }

    private CompletionStage<ControlReply> confirmNow(ControlRequest request) {
        if (pending.isEmpty() || lost) {
            return nothing();
        }
        Pending change = pending.get();
        drop();
        parts.log().info("configuration confirmed: " + described(change) + ", confirmed by " + request.peer());
        return keeper.keep(change.request(), change.compact(), "Reconfiguration confirmed.");
    }

    private static CompletionStage<ControlReply> nothing() {
        return CompletableFuture.completedFuture(ControlReply.error(409, "Nothing waits for a confirmation.",
            "No change was made with \"confirm\", or it was taken back."));
    }

    /** DELETE: takes the change back at once. */
    CompletionStage<ControlReply> cancel(ControlRequest request) {
        return queue.add(0, () -> rollBack("by " + request.peer()));
    }

    /** The router that has had the change is gone; the next one gets the configuration before. */
    void routerGone() {
        lost = pending.isPresent();
    }

    /** What a new router has to get instead of the configuration in force; empty when that is the one. */
    Optional<CompletionStage<ControlReply>> instead() {
        return lost ? Optional.of(rollBack("since the router died")) : Optional.empty();
    }

    private void expired() {
        late = true;
        if (arrived == 0) {
            queue.addFirst(() -> rollBack(LATE));
        }
    }

    private CompletionStage<ControlReply> rollBack(String why) {
        if (pending.isEmpty()) {
            return nothing();
        }
        Pending change = pending.get();
        timer.run();
        CompletableFuture<ControlReply> done = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), configuration.restore(change.before()), (refused, failure) -> {
            Optional<String> reason = failure == null ? refused : Optional.of(WorkQueue.reason(failure));
            if (reason.isPresent()) {
                parts.log().alert("failed to roll the configuration back, trying again soon: " + reason.get());
                timer = parts.loop().after(RETRY_MILLIS, this::expired);
                done.complete(ControlReply.error(500, "Failed to roll the configuration back.", reason.get()));
                return;
            }
            drop();
            configuration.storedAs(change.revision());
            parts.log().alert("configuration rolled back " + why + ": " + described(change));
            done.complete(ControlReply.success("Reconfiguration rolled back."));
        });
        return done;
    }

    private void drop() {
        timer.run();
        pending = Optional.empty();
        configuration.fallback(Optional.empty());
        lost = false;
        late = false;
    }
}
