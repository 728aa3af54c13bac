// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.control.Access;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.Printable;
import io.margay.control.RequestQuery;
import io.margay.schema.Problem;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What happens to a new configuration once it is known as a whole: validated, applied, stored, or nothing
 * ({@code spec/control-api.md §6.3, §7}). On the loop's thread only, one at a time.
 */
final class ConfigChanges {
    private static final int MAX_SIZE = 8 << 20;
    /** Who may not confirm a change must not hold up those of others either. */
    private static final List<String> CONFIRM = List.of("control", "confirm");

    private final ControlParts parts;
    private final ConfigInForce configuration;
    private final Promises promises;
    private final Keeper keeper;
    private final Confirmation confirmation;
    private final Access access;

    ConfigChanges(ControlParts parts, ConfigInForce configuration, Promises promises, Keeper keeper,
            Confirmation confirmation, Access access) {
        this.parts = parts;
        this.configuration = configuration;
        this.promises = promises;
        this.keeper = keeper;
        this.confirmation = confirmation;
        this.access = access;
    }

    /**
     * Why a request cannot be carried out however the configuration is: its parameters make no sense, or it would hold
     * others up without the right to.
     */
    Optional<ControlReply> refusal(ControlRequest request) {
        RequestQuery query = request.query();
        Optional<String> problem = ChangeQuery.problem(query);
        if (problem.isPresent()) {
            return Optional.of(ControlReply.error(400, "Invalid request.", problem.get()));
        }
        return ChangeQuery.of(query).confirmSeconds().isPresent() ? access.refusal(request, "POST", CONFIRM)
            : Optional.empty();
    }

    /** The first problem of a configuration that would come into force now. */
    Optional<Problem> problem(Conf root) {
        return configuration.validate(root, configuration.stillLeftOut(root).applications().keySet());
    }

    /** Brings another configuration into force; or only says what that would do. */
    CompletionStage<ControlReply> replace(ControlRequest request, Conf root) {
        ChangeQuery options = ChangeQuery.of(request.query());
        // What gives way has done so already, or the change is refused for another reason.
        boolean free = options.dryRun() || confirmation.givesWayTo(request);
        Optional<ControlReply> refusal = free ? Optional.empty() : confirmation.refusal();
        if (refusal.isPresent()) {
            return reply(refusal.get());
        }
        LeftOut stillOut = configuration.stillLeftOut(root);
        Optional<Problem> problem = problem(root);
        if (problem.isPresent()) {
            return reply(ConfigReplies.invalidConfiguration(problem.get()));
        }
        byte[] compact = ConfWriter.compact(root);
        if (compact.length > MAX_SIZE) {
            return reply(ConfigReplies.invalidConfiguration("The configuration exceeds " + MAX_SIZE + " bytes."));
        }
        ConfObject next = (ConfObject) root;
        return options.dryRun() ? preview(next, compact, stillOut)
            : promised(next, compact, stillOut).thenCompose(failed -> failed.map(ConfigChanges::reply)
                .orElseGet(() -> applied(request, next, compact, stillOut, options)));
    }

    private CompletionStage<ControlReply> preview(ConfObject next, byte[] compact, LeftOut stillOut) {
        CompletableFuture<ControlReply> done = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.router().preview(compact, stillOut)),
            (preview, failure) -> done.complete(failure == null
                ? ControlReply.value(DryRun.report(parts.schema().get(), configuration.current(), next, preview))
                : untried(failure)));
        return done;
    }

    private static ControlReply untried(Throwable failure) {
        return failure instanceof NotAppliedException e && e.applied().problem().isPresent()
            ? ConfigReplies.notApplied(e.applied())
            : ControlReply.error(500, "Failed to try the new configuration.", WorkQueue.reason(failure));
    }

    /** With something under the names of certificates that are still to come. */
    private CompletionStage<Optional<ControlReply>> promised(ConfObject next, byte[] compact, LeftOut stillOut) {
        return WorkQueue.guarded(() -> promises.keep(next)).handle((kept, failure) -> failure != null
            ? CompletableFuture.completedFuture(Optional.of(ControlReply.error(500, "Failed to apply new "
                + "configuration.", WorkQueue.reason(WorkQueue.cause(failure)))))
            : apply(next, compact, stillOut).thenCompose(failed -> (failed.isEmpty()
                ? CompletableFuture.<Void>completedFuture(null) : promises.takeBack(kept))
                .thenApply(gone -> failed))).thenCompose(stage -> stage);
    }

    /** Empty when it is in force, else the reply. */
    private CompletionStage<Optional<ControlReply>> apply(ConfObject next, byte[] compact, LeftOut stillOut) {
        CompletableFuture<Optional<ControlReply>> done = new CompletableFuture<>();
        configuration.coming(Optional.of(next));
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.router().apply(next, compact, stillOut)),
            (applied, failure) -> {
                configuration.coming(Optional.empty());
                if (failure == null && applied.done()) {
                    done.complete(Optional.empty());
                    return;
                }
                if (failure == null && applied.problem().isPresent()) {
                    // Like what the schema refuses: its author is told, and nothing is broken.
                    done.complete(Optional.of(ConfigReplies.notApplied(applied)));
                    return;
                }
                String reason = failure == null ? applied.reason() : WorkQueue.reason(failure);
                parts.log().alert("failed to apply new conf" + (reason.isEmpty() ? "" : ": " + reason));
                done.complete(Optional.of(ConfigReplies.notApplied(reason)));
            });
        return done;
    }

    private CompletionStage<ControlReply> applied(ControlRequest request, ConfObject next, byte[] compact,
        LeftOut stillOut,
            ChangeQuery options) {
        ConfObject before = configuration.current();
        OptionalLong revision = configuration.revision();
        configuration.inForce(next, stillOut);
        configuration.storedAs(OptionalLong.empty());
        parts.log().info("configuration changed: " + request.method() + " " + Printable.of(request.target())
            + " by " + request.peer());
        CompletionStage<ControlReply> done = options.confirmSeconds().isPresent()
            ? reply(confirmation.begin(request, compact, before, revision, options.confirmSeconds().getAsInt()))
            : keeper.keep(request, compact, "Reconfiguration done.");
        // With its number, which it has when it is kept.
        return done.thenApply(told -> {
            configuration.happenings().changed(request, configuration.revision(), before, next, stillOut);
            return told;
        });
    }

    private static CompletionStage<ControlReply> reply(ControlReply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
