// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /js_modules} ({@code spec/control-api.md §9}). */
@Component
public final class ScriptsResource implements ControlResource {
    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public ScriptsResource(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/js_modules";
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        return plane.opened().uploads().scripts().handle(request, request.place());
    }
}
