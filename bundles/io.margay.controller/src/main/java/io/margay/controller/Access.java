// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Refuses what the {@link AccessPolicy} does not allow. On the loop's thread only. */
final class Access {
    private final ControlParts parts;

    Access(ControlParts parts) {
        this.parts = parts;
    }

    /** The refusal of a request; empty when it is allowed. */
    Optional<Reply> refusal(Request request, ControlPath path) {
        return parts.policy().allows(request.peer(), request.method(), AccessPolicy.segments(path), false)
            ? Optional.empty() : Optional.of(refuse(request));
    }

    /**
     * The refusal of a restart, in which the owner of the application may have a say.
     *
     * @param application its name as the configuration has it, however the request has written it
     * @param conf its configuration; empty when there is no such application
     */
    CompletionStage<Optional<Reply>> refusal(Request request, String application, Optional<ConfObject> conf) {
        AccessPolicy policy = parts.policy();
        List<String> path = List.of("control", "applications", application, "restart");
        if (policy.allows(request.peer(), request.method(), path, false)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        Optional<String> user = conf.flatMap(app -> app.string("user"));
        boolean mayBeOwner = request.peer() instanceof ControlPeer.Local && user.isPresent() && policy.asksForOwners()
            && policy.allows(request.peer(), request.method(), path, true);
        if (!mayBeOwner) {
            return CompletableFuture.completedFuture(Optional.of(refuse(request)));
        }
        return WorkQueue.guarded(() -> parts.users().uid(user.get())).handleAsync((uid, failure) -> {
            if (failure != null) {
                parts.log().alert("failed to look up user \"" + user.get() + "\": " + WorkQueue.reason(failure));
            }
            return failure == null && isPeer(request.peer(), uid) ? Optional.<Reply>empty()
                : Optional.of(refuse(request));
        }, parts.loop());
    }

    private static boolean isPeer(ControlPeer peer, OptionalInt uid) {
        return peer instanceof ControlPeer.Local local && uid.isPresent() && uid.getAsInt() == local.uid();
    }

    private Reply refuse(Request request) {
        String deed = request.method() + " " + Printable.of(request.target());
        parts.log().info("access denied: " + deed + " by " + request.peer());
        return Reply.error(403, "Access denied.", "The control policy does not allow " + deed + " to "
            + request.peer() + ".");
    }
}
