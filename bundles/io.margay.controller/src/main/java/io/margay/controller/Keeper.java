// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.store.ChangeNote;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Has the configuration in force stored, and says how that went. On the loop's thread only, one at a time. */
final class Keeper {
    private final ControlParts parts;
    private final Configuration configuration;

    Keeper(ControlParts parts, Configuration configuration) {
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
    CompletionStage<Reply> keep(Request request, byte[] compact, String success) {
        int query = request.target().indexOf('?');
        ChangeNote note = new ChangeNote(request.method(),
            query < 0 ? request.target() : request.target().substring(0, query), request.peer().toConf());
        CompletableFuture<Reply> done = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.store().store(compact, note)), (stored, failure) -> {
            if (failure != null) {
                done.complete(Reply.successBut(success, "The configuration is not stored and will be lost at the next "
                    + "start: " + WorkQueue.reason(failure)));
                return;
            }
            configuration.storedAs(stored.revision());
            done.complete(stored.unnumbered().isEmpty() ? Reply.success(success) : Reply.successBut(success,
                "The configuration is stored, but not kept as a revision: " + stored.unnumbered()));
        });
        return done;
    }
}
