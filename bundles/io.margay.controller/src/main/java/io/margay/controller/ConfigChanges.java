// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.schema.Problem;
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

    private final ControlParts parts;
    private final Configuration configuration;
    private final Keeper keeper;
    private final Confirmation confirmation;

    ConfigChanges(ControlParts parts, Configuration configuration, Keeper keeper, Confirmation confirmation) {
        this.parts = parts;
        this.configuration = configuration;
        this.keeper = keeper;
        this.confirmation = confirmation;
    }

    /** Brings another configuration into force; or only says what that would do. */
    CompletionStage<Reply> replace(Request request, Conf root) {
        ChangeOptions options = ChangeOptions.of(request.query());
        Optional<Reply> refusal = options.dryRun() ? Optional.empty() : confirmation.refusal();
        if (refusal.isPresent()) {
            return reply(refusal.get());
        }
        LeftOut stillOut = configuration.stillLeftOut(root);
        Optional<Problem> problem = configuration.validate(root, stillOut.applications().keySet());
        if (problem.isPresent()) {
            return reply(Reply.invalidConfiguration(problem.get()));
        }
        byte[] compact = ConfWriter.compact(root);
        if (compact.length > MAX_SIZE) {
            return reply(Reply.invalidConfiguration("The configuration exceeds " + MAX_SIZE + " bytes."));
        }
        ConfObject next = (ConfObject) root;
        return options.dryRun() ? preview(next, compact, stillOut)
            : apply(next, compact, stillOut).thenCompose(failed -> failed.map(ConfigChanges::reply)
                .orElseGet(() -> applied(request, next, compact, stillOut, options)));
    }

    private CompletionStage<Reply> preview(ConfObject next, byte[] compact, LeftOut stillOut) {
        CompletableFuture<Reply> done = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.previewer().preview(compact, stillOut)),
            (preview, failure) -> done.complete(failure == null
                ? Reply.value(DryRun.report(configuration.current(), next, preview))
                : Reply.error(500, "Failed to try the new configuration.", WorkQueue.reason(failure))));
        return done;
    }

    /** Empty when it is in force, else the reply. */
    private CompletionStage<Optional<Reply>> apply(ConfObject next, byte[] compact, LeftOut stillOut) {
        CompletableFuture<Optional<Reply>> done = new CompletableFuture<>();
        configuration.coming(Optional.of(next));
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.applier().apply(next, compact, stillOut)),
            (applied, failure) -> {
                configuration.coming(Optional.empty());
                if (failure == null && applied.done()) {
                    done.complete(Optional.empty());
                    return;
                }
                String reason = failure == null ? applied.reason() : WorkQueue.reason(failure);
                parts.log().alert("failed to apply new conf" + (reason.isEmpty() ? "" : ": " + reason));
                done.complete(Optional.of(reason.isEmpty() ? Reply.error(500, "Failed to apply new configuration.")
                    : Reply.error(500, "Failed to apply new configuration.", reason)));
            });
        return done;
    }

    private CompletionStage<Reply> applied(Request request, ConfObject next, byte[] compact, LeftOut stillOut,
            ChangeOptions options) {
        ConfObject before = configuration.current();
        OptionalLong revision = configuration.revision();
        configuration.inForce(next, stillOut);
        configuration.storedAs(OptionalLong.empty());
        parts.log().info("configuration changed: " + request.method() + " " + Printable.of(request.target())
            + " by " + request.peer());
        return options.confirmSeconds().isPresent() ? reply(confirmation.begin(request, compact, before, revision,
            options.confirmSeconds().getAsInt())) : keeper.keep(request, compact, "Reconfiguration done.");
    }

    private static CompletionStage<Reply> reply(Reply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
