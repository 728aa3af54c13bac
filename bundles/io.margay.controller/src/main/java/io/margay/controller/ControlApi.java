// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The control API without sockets ({@code spec/control-api.md §3-§11}). All methods are called on the
 * thread of {@link ControlParts#loop}; the stages that they return complete there.
 */
public final class ControlApi {
    private final ControlParts parts;
    private final Uploads uploads;
    private final Configuration configuration;
    private final WorkQueue queue;
    private final Access access;
    private final Confirmation confirmation;
    private final ConfigResource config;
    private final ControlResource control;

    /** Answers nothing that waits for the configuration until {@link #start} has done its work. */
    public ControlApi(ControlParts parts, Uploads uploads) {
        this.parts = parts;
        this.uploads = uploads;
        this.configuration = new Configuration(parts);
        this.queue = new WorkQueue(parts.loop());
        this.access = new Access(parts);
        Keeper keeper = new Keeper(parts, configuration);
        this.confirmation = new Confirmation(parts, configuration, keeper, queue);
        ConfigChanges changes = new ConfigChanges(parts, configuration, keeper, confirmation);
        this.config = new ConfigResource(configuration, changes, queue);
        this.control = new ControlResource(parts, configuration, access,
            new RevisionsResource(parts, configuration, changes, queue), confirmation, queue);
        uploads.bind(configuration, queue);
    }

    /**
     * Brings the stored configuration into force; then requests are worked on.
     *
     * @param stored the configuration of the last run, if there is one
     * @param rejected called when it cannot be used at all, so that a copy may be kept; the reason is in the log
     * @return completes, never with an exception, when connections may be accepted
     */
    public CompletionStage<Void> start(Optional<byte[]> stored, Runnable rejected) {
        return start(stored, OptionalLong.empty(), rejected);
    }

    /**
     * The same, with the number that the stored configuration has in the history.
     *
     * @param stored the configuration of the last run, if there is one
     * @param revision its number, if it has one
     * @param rejected called when it cannot be used at all
     */
    public CompletionStage<Void> start(Optional<byte[]> stored, OptionalLong revision, Runnable rejected) {
        configuration.storedAs(revision);
        return configuration.start(stored, () -> {
            configuration.storedAs(OptionalLong.empty());
            rejected.run();
        }).thenRunAsync(queue::open, parts.loop());
    }

    /**
     * Applies the configuration in force again before anything that waits: to a router that was started anew, or after
     * languages came or went. Applications left out are tried again.
     *
     * @return completes with true when the router has it
     */
    public CompletionStage<Boolean> reapply() {
        return queue.addFirst(() -> confirmation.instead().orElseGet(configuration::reapply))
            .thenApply(reply -> reply.status() == 200);
    }

    /** The router has died: a change that was not confirmed yet does not come back with the next one. */
    public void routerGone() {
        confirmation.routerGone();
    }

    /**
     * Tries again to open the listeners of the configuration in force that could not be opened.
     *
     * @return completes with true when all of them are open
     */
    public CompletionStage<Boolean> openListeners() {
        return queue.addFirst(() -> confirmation.instead().orElseGet(configuration::openListeners))
            .thenApply(reply -> configuration.leftOut().listeners().isEmpty());
    }

    /** Sets what happens when listeners of the configuration in force could not be opened; on the loop's thread. */
    public void whenListenersAreClosed(Runnable action) {
        configuration.whenClosed(action);
    }

    /**
     * The applications that are of certain types, after all changes that are under way.
     *
     * @param type tells of a value of {@code type} whether it is meant
     * @return completes with their names
     */
    public CompletionStage<List<String>> applications(Predicate<String> type) {
        return queue.add(0, () -> now(Reply.success("Ok"))).thenApply(reply -> {
            ConfObject all = configuration.current().object("applications").orElse(ConfObject.EMPTY);
            return all.members().keySet().stream().filter(name -> all.object(name)
                .flatMap(application -> application.string("type")).filter(type).isPresent()).toList();
        });
    }

    /** Whether the control policy does not concern a client. */
    boolean exempts(ControlPeer peer) {
        return parts.policy().exempts(peer);
    }

    /** The configuration in force. */
    public ConfObject current() {
        return configuration.current();
    }

    /**
     * Answers a request.
     *
     * @return completes with the reply, never with an exception
     */
    public CompletionStage<Reply> handle(Request request) {
        Optional<ControlPath> parsed = ControlPath.parse(request.target());
        if (parsed.isEmpty()) {
            return now(Reply.error(400, "Invalid request.", "The request target must be an absolute path."));
        }
        ControlPath path = parsed.get();
        Optional<Reply> refusal = refusal(request, path);
        if (refusal.isPresent()) {
            return now(refusal.get());
        }
        boolean get = request.method().equals("GET");
        if (path.isRoot()) {
            return get ? queue.add(0, this::everything) : now(Reply.invalidMethod());
        }
        return switch (path.first()) {
            case "config" -> config.handle(request, path);
            case "certificates" -> uploads.certificates().handle(request, path);
            case "js_modules" -> uploads.scripts().handle(request, path);
            case "status" -> get ? queue.add(0, () -> status(path)) : now(Reply.invalidMethod());
            case "control" -> control.handle(request, path);
            default -> now(Reply.missing());
        };
    }

    /** What is refused whatever the resource says. */
    private Optional<Reply> refusal(Request request, ControlPath path) {
        boolean restart = ControlResource.isRestart(request, path);
        Optional<Reply> denied = restart ? Optional.empty() : access.refusal(request, path);
        if (denied.isPresent() || !ChangeOptions.any(request.query()) || request.method().equals("GET") && !restart) {
            return denied;
        }
        // Who wants to try a thing must not see it done.
        boolean changes = path.first().equals("config") || path.first().equals("control")
            && RevisionsResource.isRollback(path.segments());
        return (changes ? ChangeOptions.problem(request.query())
            : Optional.of("The parameters \"dry-run\" and \"confirm\" are for changes of the configuration."))
            .map(text -> Reply.error(400, "Invalid request.", text));
    }

    private CompletionStage<Reply> everything() {
        return statusOr(status -> Reply.value(ConfObject.builder().put("certificates", uploads.certificates().all())
            .put("js_modules", uploads.scripts().all()).put("config", configuration.current()).put("status", status)
            .build()));
    }

    private CompletionStage<Reply> status(ControlPath path) {
        return statusOr(status -> path.names().flatMap(names -> ConfEdit.get(status, names)).map(Reply::value)
            .orElseGet(() -> Reply.error(404, "Invalid path.")));
    }

    private CompletionStage<Reply> statusOr(Function<ConfObject, Reply> reply) {
        return WorkQueue.guarded(parts.status()::status).handleAsync((status, failure) -> {
            if (failure != null) {
                parts.log().alert("failed to get status: " + WorkQueue.reason(failure));
                return Reply.error(500, "Failed to get status.");
            }
            return reply.apply(configuration.leftOut().in(status, configuration.current()));
        }, parts.loop());
    }

    private static CompletionStage<Reply> now(Reply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
