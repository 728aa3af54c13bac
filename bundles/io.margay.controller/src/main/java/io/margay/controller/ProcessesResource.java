// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code GET /control/processes/KIND/restart}: a new process of a kind takes the place of the one that serves, which
 * finishes what it has begun. Answered when the new one serves; {@code ?seconds=N} says how long connections of the old
 * one may last. Not in Unit. On the loop's thread only.
 */
@Component
public final class ProcessesResource implements ControlResource {
    /** Those that can be replaced. */
    private static final Set<String> KINDS = Set.of("router", "controller");
    private static final String FAILED = "Failed to replace the process.";
    private static final String RESTART = "restart";

    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public ProcessesResource(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/control/processes";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    private static boolean isRestart(ControlRequest request) {
        List<String> segments = request.place().segments();
        return request.method().equals("GET") && segments.size() == 4 && segments.getLast().equals(RESTART)
            && KINDS.contains(segments.get(2));
    }

    @Override
    public boolean changes(ControlRequest request) {
        return isRestart(request);
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        if (!isRestart(request)) {
            return CompletableFuture.completedFuture(ControlReply.missing());
        }
        String kind = request.place().segments().get(2);
        List<String> given = request.query().values("seconds");
        if (given.size() > 1 || given.stream().anyMatch(text -> !text.matches("[0-9]{1,4}"))) {
            return CompletableFuture.completedFuture(ControlReply.error(400, FAILED,
                "\"seconds\" is a number from 0 to 9999"));
        }
        if (kind.equals("controller") && plane.opened().confirmation().isPending()) {
            return CompletableFuture.completedFuture(ControlReply.error(409, FAILED,
                "a change waits for its confirmation, which the next controller would not know of"));
        }
        ControlParts parts = plane.opened().parts();
        return WorkQueue.guarded(() -> parts.main().replace(kind, given.isEmpty() ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseInt(given.getFirst())))).handleAsync((done, failure) -> failure == null
            ? ControlReply.success("Ok")
            : ControlReply.error(500, FAILED, WorkQueue.reason(WorkQueue.cause(failure))), parts.loop());
    }
}
