// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.log.ErrorLog;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * The way of a request to its resource ({@code spec/control-api.md §3, §4}), without sockets: path, policy, audit line,
 * method. All methods are called on the loop.
 */
public final class ControlApi {
    private static final List<String> TRIAL = List.of("dry-run", "confirm");

    private final Executor loop;
    private final ControlResources resources;
    private final Access access;
    private final ErrorLog log;

    /**
     * Puts the parts together.
     *
     * @param loop where resources are called and replies complete
     * @param log takes the audit lines
     */
    public ControlApi(Executor loop, ControlResources resources, Access access, ErrorLog log) {
        this.loop = loop;
        this.resources = resources;
        this.access = access;
        this.log = log;
    }

    /** Whether the control policy does not concern a client. */
    boolean exempts(ControlPeer peer) {
        return access.policy().exempts(peer);
    }

    /** The most bytes of a content for a target that come as sealed memory. */
    int largeContent(String target) {
        try {
            return ControlPath.parse(target).flatMap(resources::find).map(ControlResource::largeContent).orElse(0);
        } catch (RuntimeException e) {
            log.alert("a control resource cannot tell how much it takes: " + e);
            return 0;
        }
    }

    /** The most bytes that the resource of a target takes. */
    int maxContent(String target) {
        try {
            return ControlPath.parse(target).flatMap(resources::find).map(ControlResource::maxContent)
                .orElse(Integer.MAX_VALUE);
        } catch (RuntimeException | LinkageError e) {
            log.failure(e);
            return Integer.MAX_VALUE;
        }
    }

    /**
     * Answers a request.
     *
     * @return completes with the reply on the loop, never with an exception
     */
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        Optional<ControlPath> path = ControlPath.parse(request.target());
        if (path.isEmpty()) {
            return now(ControlReply.error(400, "Invalid request.", "The request target must be an absolute path."));
        }
        try {
            return resources.find(path.get()).map(resource -> answer(resource, request)).orElseGet(() ->
                now(access.refusal(request).orElseGet(ControlReply::missing)));
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            return now(failed(request, e));
        }
    }

    private CompletionStage<ControlReply> answer(ControlResource resource, ControlRequest request) {
        Optional<ControlReply> refusal = refusal(resource, request);
        if (refusal.isPresent()) {
            return now(refusal.get());
        }
        if (resource.changes(request)) {
            log.info("control: " + request.method() + " " + Printable.of(request.path()) + " by " + request.peer());
        }
        CompletableFuture<ControlReply> reply = new CompletableFuture<>();
        resource.handle(request).whenCompleteAsync((answer, failure) ->
            reply.complete(failure == null && answer != null ? answer : failed(request, failure)), loop);
        return reply;
    }

    private Optional<ControlReply> refusal(ControlResource resource, ControlRequest request) {
        Optional<ControlReply> denied = resource.judges(request) ? Optional.empty() : access.refusal(request);
        if (denied.isPresent()) {
            return denied;
        }
        // Who wants to try a thing must not see it done.
        if (TRIAL.stream().anyMatch(request.query()::has) && resource.changes(request)
            && !resource.reconfigures(request)) {
            return Optional.of(ControlReply.error(400, "Invalid request.",
                "The parameters \"dry-run\" and \"confirm\" are for changes of the configuration."));
        }
        boolean known = resource.methods().isEmpty() || resource.methods().contains(request.method());
        return known ? Optional.empty() : Optional.of(ControlReply.methodNotAllowed());
    }

    private ControlReply failed(ControlRequest request, Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause()
            : failure == null ? new IllegalStateException("no reply") : failure;
        if (cause instanceof OutOfMemoryError) {
            return ControlReply.error(500, "Memory allocation failed.");
        }
        log.alert("failed to answer " + request.method() + " " + Printable.of(request.path()) + ": " + cause);
        return ControlReply.error(500, "Internal error.",
            cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }

    private static CompletionStage<ControlReply> now(ControlReply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
