// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /}: everything in one object ({@code spec/control-api.md §4}). */
@Component
public final class WholeResource implements ControlResource {
    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public WholeResource(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/";
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        if (!request.method().equals("GET")) {
            return CompletableFuture.completedFuture(ControlReply.invalidMethod());
        }
        Uploads uploads = plane.opened().uploads();
        return plane.opened().queue().add(0, () -> StatusResource.status(plane, status ->
            ControlReply.value(ConfObject.builder().put("certificates", uploads.certificates().all())
                .put("js_modules", uploads.scripts().all()).put("config", plane.current()).put("status", status)
                .build())));
    }
}
