// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The control API without sockets ({@code spec/control-api.md §3-§11}). All methods are called on the
 * thread of {@link ControlParts#loop}; the stages that they return complete there.
 */
public final class ControlApi {
    private static final String RESTART = "restart";

    private final ControlParts parts;
    private final Uploads uploads;
    private final Configuration configuration;
    private final WorkQueue queue;
    private final ConfigResource config;

    /** Answers nothing that waits for the configuration until {@link #start} has done its work. */
    public ControlApi(ControlParts parts, Uploads uploads) {
        this.parts = parts;
        this.uploads = uploads;
        this.configuration = new Configuration(parts);
        this.queue = new WorkQueue(parts.loop());
        this.config = new ConfigResource(configuration, new ConfigChanges(parts, configuration), queue);
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
        return configuration.start(stored, rejected).thenRunAsync(queue::open, parts.loop());
    }

    /**
     * Applies the configuration in force again before anything that waits: to a router that was started anew, or after
     * languages came or went. Applications left out are tried again.
     *
     * @return completes with true when the router has it
     */
    public CompletionStage<Boolean> reapply() {
        return queue.addFirst(configuration::reapply).thenApply(reply -> reply.status() == 200);
    }

    /**
     * Tries again to open the listeners of the configuration in force that could not be opened.
     *
     * @return completes with true when all of them are open
     */
    public CompletionStage<Boolean> openListeners() {
        return queue.addFirst(configuration::openListeners)
            .thenApply(reply -> configuration.leftOut().listeners().isEmpty());
    }

    /** Sets what happens when listeners of the configuration in force could not be opened; on the loop's thread. */
    public void whenListenersAreClosed(Runnable action) {
        configuration.whenClosed(action);
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
        boolean get = request.method().equals("GET");
        if (path.isRoot()) {
            return get ? queue.add(0, this::everything) : now(Reply.invalidMethod());
        }
        return switch (path.first()) {
            case "config" -> config.handle(request, path);
            case "certificates" -> uploads.certificates().handle(request, path);
            case "js_modules" -> uploads.scripts().handle(request, path);
            case "status" -> get ? queue.add(0, () -> status(path)) : now(Reply.invalidMethod());
            case "control" -> control(get, path);
            default -> now(Reply.missing());
        };
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

    private CompletionStage<Reply> control(boolean get, ControlPath path) {
        List<String> segments = path.segments();
        int last = segments.size() - 1;
        if (last == 0) {
            return now(Reply.missing());
        }
        if (!get) {
            return now(Reply.methodNotAllowed());
        }
        if (last < 3 || !segments.get(1).equals("applications") || !segments.get(last).equals(RESTART)) {
            return now(Reply.missing());
        }
        String name = String.join("/", segments.subList(2, last));
        return queue.add(0, () -> restart(name));
    }

    /** A slash in a name may be written raw or escaped. */
    private CompletionStage<Reply> restart(String name) {
        ConfObject applications = configuration.current().object("applications").orElse(ConfObject.EMPTY);
        String known = applications.has(name) ? name : ControlPath.decodeFully(name);
        if (!applications.has(known)) {
            return now(Reply.missing());
        }
        return WorkQueue.guarded(() -> parts.restarter().restart(known)).handleAsync((ignored, failure) -> {
            if (failure != null) {
                parts.log().alert("failed to restart application \"" + known + "\": " + WorkQueue.reason(failure));
                return Reply.error(500, "Failed to restart app.");
            }
            configuration.restarted(known);
            return Reply.success("Ok");
        }, parts.loop());
    }

    private static CompletionStage<Reply> now(Reply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
