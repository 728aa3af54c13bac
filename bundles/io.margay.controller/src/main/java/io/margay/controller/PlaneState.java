// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import io.margay.control.ServerState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Tells of the configuration plane. On the loop's thread only. */
@Component
public final class PlaneState implements ServerState {
    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public PlaneState(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public CompletionStage<ConfObject> status() {
        ControlParts parts = plane.opened().parts();
        CompletableFuture<ConfObject> status = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), WorkQueue.guarded(parts.router()::status), (answer, failure) -> {
            if (failure == null) {
                status.complete(plane.opened().configuration().leftOut().in(answer, plane.current()));
            } else {
                status.completeExceptionally(failure);
            }
        });
        return status;
    }

    @Override
    public ConfObject configuration() {
        return plane.current();
    }

    @Override
    public boolean isServed() {
        return plane.opened().configuration().isServed();
    }

    @Override
    public ConfObject certificates() {
        return plane.opened().uploads().certificates().all();
    }
}
