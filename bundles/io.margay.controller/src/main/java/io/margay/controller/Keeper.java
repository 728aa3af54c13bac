// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.store.ChangeNote;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Has the configuration in force stored, and says how that went. On the loop's thread only, one at a time. */
final class Keeper {
    private final ControlParts parts;
    private final ConfigInForce configuration;

    Keeper(ControlParts parts, ConfigInForce configuration) {
        this.parts = parts;
        this.configuration = configuration;
    }

    /**
     * Stores it.
     *
     * @param request the one that has changed it
     * @param compact its text
     * @param success what to tell when the change is done
     */
    CompletionStage<ControlReply> keep(ControlRequest request, byte[] compact, String success) {
        ChangeNote note = new ChangeNote(request.method(), request.path(), request.peer().toConf());
        CompletableFuture<ControlReply> done = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.main().store(compact, note)), (stored, failure) -> {
            if (failure instanceof MainCalls.Gone gone) {
                // The server ends, and what is in force with it: that is no success with a flaw.
                done.complete(ControlReply.error(500, "Failed to store the new configuration.",
                    "The server ends, its next start has " + (gone.isAsked() ? "this configuration or the one before: "
                    : "the configuration before: ") + WorkQueue.reason(failure)));
                return;
            }
            if (failure != null) {
                done.complete(ControlReply.successBut(success,
                    "The configuration is not stored and will be lost at the next "
                    + "start: " + WorkQueue.reason(failure)));
                return;
            }
            configuration.storedAs(stored.revision());
            done.complete(stored.unnumbered().isEmpty() ? ControlReply.success(success) : ControlReply.successBut(
                success,
                "The configuration is stored, but not kept as a revision: " + stored.unnumbered()));
        });
        return done;
    }
}
