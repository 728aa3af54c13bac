// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.schema.Problem;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What happens to a new configuration once it is known as a whole: validated, applied, stored, or nothing
 * ({@code spec/control-api.md §6.3, §7}). On the loop's thread only, one at a time.
 */
final class ConfigChanges {
    private static final int MAX_SIZE = 64 << 20;

    private final ControlParts parts;
    private final Configuration configuration;

    ConfigChanges(ControlParts parts, Configuration configuration) {
        this.parts = parts;
        this.configuration = configuration;
    }

    /** Brings another configuration into force. */
    CompletionStage<Reply> replace(Request request, Conf root) {
        LeftOut stillOut = configuration.stillLeftOut(root);
        Optional<Problem> problem = configuration.validate(root, stillOut.applications().keySet());
        if (problem.isPresent()) {
            return reply(Reply.invalidConfiguration(problem.get()));
        }
        byte[] compact = ConfWriter.compact(root);
        if (compact.length > MAX_SIZE) {
            return reply(Reply.invalidConfiguration("The configuration exceeds " + MAX_SIZE + " bytes."));
        }
        CompletableFuture<Reply> done = new CompletableFuture<>();
        configuration.coming(Optional.of((ConfObject) root));
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.applier().apply(compact, stillOut)),
            (applied, failure) -> {
                configuration.coming(Optional.empty());
                if (failure != null || !applied.done()) {
                    String reason = failure == null ? applied.reason() : WorkQueue.reason(failure);
                    parts.log().alert("failed to apply new conf" + (reason.isEmpty() ? "" : ": " + reason));
                    done.complete(reason.isEmpty() ? Reply.error(500, "Failed to apply new configuration.")
                        : Reply.error(500, "Failed to apply new configuration.", reason));
                    return;
                }
                configuration.inForce((ConfObject) root, stillOut);
                parts.log().info("configuration changed: " + request.method() + " " + printable(request.target())
                    + " by " + request.peer());
                store(compact, done);
            });
        return done;
    }

    private void store(byte[] compact, CompletableFuture<Reply> done) {
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.store().store(compact)), (ignored, failure) -> {
            if (failure == null) {
                done.complete(Reply.success("Reconfiguration done."));
            } else {
                String reason = WorkQueue.reason(failure);
                parts.log().alert("failed to store current configuration: " + reason);
                done.complete(Reply.successBut("Reconfiguration done.",
                    "The configuration is not stored and will be lost at the next start: " + reason));
            }
        });
    }

    private static CompletionStage<Reply> reply(Reply reply) {
        return CompletableFuture.completedFuture(reply);
    }

    private static String printable(String target) {
        String shown = target.length() > 200 ? target.substring(0, 200) + "..." : target;
        return shown.replaceAll("[^\\x21-\\x7E]", "?");
    }
}
