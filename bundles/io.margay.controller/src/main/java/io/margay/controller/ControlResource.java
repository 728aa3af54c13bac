// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code /control}: restarts ({@code spec/control-api.md §11}), revisions, confirmation. On the loop's thread. */
final class ControlResource {
    private static final String RESTART = "restart";

    private final ControlParts parts;
    private final Configuration configuration;
    private final Access access;
    private final RevisionsResource revisions;
    private final Confirmation confirmation;
    private final WorkQueue queue;
    private final ApiDescription description;

    ControlResource(ControlParts parts, Configuration configuration, Access access, RevisionsResource revisions,
            Confirmation confirmation, WorkQueue queue) {
        this.parts = parts;
        this.configuration = configuration;
        this.access = access;
        this.revisions = revisions;
        this.confirmation = confirmation;
        this.queue = queue;
        this.description = new ApiDescription(parts);
    }

    /** Whether a request restarts an application; whether it may, is said when its turn has come. */
    static boolean isRestart(Request request, ControlPath path) {
        List<String> segments = path.segments();
        return request.method().equals("GET") && segments.size() >= 4 && path.first().equals("control")
            && segments.get(1).equals("applications") && segments.getLast().equals(RESTART);
    }

    CompletionStage<Reply> handle(Request request, ControlPath path) {
        List<String> segments = path.segments();
        if (segments.size() == 1) {
            return now(Reply.missing());
        }
        if (isRestart(request, path)) {
            String name = String.join("/", segments.subList(2, segments.size() - 1));
            return queue.add(0, () -> restart(request, name));
        }
        Optional<CompletionStage<Reply>> reply = switch (segments.get(1)) {
            case "revisions" -> revisions.handle(request, segments);
            case "confirm" -> segments.size() == 2 ? confirm(request) : Optional.empty();
            case "openapi.json" -> segments.size() == 2 && request.method().equals("GET")
                ? Optional.of(now(description.reply())) : Optional.empty();
            default -> Optional.empty();
        };
        return reply.orElseGet(() -> now(request.method().equals("GET") ? Reply.missing() : Reply.methodNotAllowed()));
    }

    private Optional<CompletionStage<Reply>> confirm(Request request) {
        return switch (request.method()) {
            case "GET" -> Optional.of(now(confirmation.show()));
            case "POST" -> Optional.of(confirmation.confirm(request));
            case "DELETE" -> Optional.of(confirmation.cancel(request));
            default -> Optional.empty();
        };
    }

    /** A slash in a name may be written raw or escaped. */
    private CompletionStage<Reply> restart(Request request, String name) {
        ConfObject applications = configuration.current().object("applications").orElse(ConfObject.EMPTY);
        String known = applications.has(name) ? name : ControlPath.decodeFully(name);
        return access.refusal(request, known, applications.object(known)).thenComposeAsync(refusal -> {
            if (refusal.isPresent()) {
                return now(refusal.get());
            }
            return applications.has(known) ? restart(known) : now(Reply.missing());
        }, parts.loop());
    }

    private CompletionStage<Reply> restart(String known) {
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
