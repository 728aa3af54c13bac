// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /control/confirm}: the change that waits for its confirmation. Not in Unit. */
@Component
public final class ConfirmResource implements ControlResource {
    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public ConfirmResource(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/control/confirm";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET", "POST", "DELETE");
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        boolean get = request.method().equals("GET");
        if (request.place().segments().size() != 2) {
            return CompletableFuture.completedFuture(get ? ControlReply.missing() : ControlReply.methodNotAllowed());
        }
        Confirmation confirmation = plane.opened().confirmation();
        return get ? CompletableFuture.completedFuture(confirmation.show())
            : request.method().equals("POST") ? confirmation.confirm(request) : confirmation.cancel(request);
    }
}
