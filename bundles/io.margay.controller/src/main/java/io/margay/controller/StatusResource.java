// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /status} ({@code spec/control-api.md §10}). On the loop's thread only. */
@Component
public final class StatusResource implements ControlResource {
    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public StatusResource(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/status";
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        return !request.method().equals("GET") ? CompletableFuture.completedFuture(ControlReply.invalidMethod())
            : plane.opened().queue().add(0, () -> status(plane, status -> request.place().names()
                .flatMap(names -> ConfEdit.get(status, names)).map(ControlReply::value)
                .orElseGet(() -> ControlReply.error(404, "Invalid path."))));
    }

    /** The reply made of the status now, or the one that says that there is no telling. */
    static CompletionStage<ControlReply> status(ConfigPlane plane, Function<ConfObject, ControlReply> reply) {
        ControlParts parts = plane.opened().parts();
        return WorkQueue.guarded(parts.router()::status).handleAsync((status, failure) -> {
            if (failure != null) {
                parts.log().warn("failed to get status: " + WorkQueue.reason(failure));
                return ControlReply.error(500, "Failed to get status.");
            }
            return reply.apply(plane.opened().configuration().leftOut().in(status, plane.current()));
        }, parts.loop());
    }
}
