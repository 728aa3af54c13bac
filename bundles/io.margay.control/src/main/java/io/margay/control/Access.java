// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.conf.ConfObject;
import io.margay.log.ErrorLog;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Refuses what the {@link AccessPolicy} does not allow. On the loop's thread only. */
public final class Access {
    private final AccessPolicy policy;
    private final Function<String, CompletionStage<OptionalInt>> users;
    private final Executor loop;
    private final ErrorLog log;

    /**
     * Watches over a policy.
     *
     * @param users the ids of users by name; completes on any thread within bounded time, empty when there is no such
     *     user
     * @param loop where answers complete
     * @param log takes a line for each refusal
     */
    public Access(AccessPolicy policy, Function<String, CompletionStage<OptionalInt>> users, Executor loop,
            ErrorLog log) {
        this.policy = policy;
        this.users = users;
        this.loop = loop;
        this.log = log;
    }

    /** The policy itself. */
    public AccessPolicy policy() {
        return policy;
    }

    /** The refusal of a request; empty when it is allowed. */
    public Optional<ControlReply> refusal(ControlRequest request) {
        return refusal(request, request.method(), AccessPolicy.segments(request.place()));
    }

    /** The refusal of a request that needs the right to do something else, too; empty when it is allowed. */
    public Optional<ControlReply> refusal(ControlRequest request, String method, List<String> path) {
        return policy.allows(request.peer(), method, path, false) ? Optional.empty() : Optional.of(refuse(request));
    }

    /**
     * The refusal of a restart, in which the owner of the application may have a say.
     *
     * @param application its name as the configuration has it, however the request has written it
     * @param conf its configuration; empty when there is no such application
     */
    public CompletionStage<Optional<ControlReply>> refusal(ControlRequest request, String application,
            Optional<ConfObject> conf) {
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
        return asked(user.get()).handleAsync((uid, failure) -> {
            if (failure != null) {
                log.alert("failed to look up user \"" + user.get() + "\": " + failure.getMessage());
            }
            return failure == null && isPeer(request.peer(), uid) ? Optional.<ControlReply>empty()
                : Optional.of(refuse(request));
        }, loop);
    }

    private CompletionStage<OptionalInt> asked(String user) {
        try {
            return users.apply(user);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static boolean isPeer(ControlPeer peer, OptionalInt uid) {
        return peer instanceof ControlPeer.Local local && uid.isPresent() && uid.getAsInt() == local.uid();
    }

    private ControlReply refuse(ControlRequest request) {
        String deed = request.method() + " " + Printable.of(request.target());
        log.info("access denied: " + deed + " by " + request.peer());
        return ControlReply.error(403, "Access denied.", "The control policy does not allow " + deed + " to "
            + request.peer() + ".");
    }
}
