// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /certificates} ({@code spec/control-api.md §8}). */
@Component
public final class CertificatesResource implements ControlResource {
    /** Longer chains than anybody has; as in FreeUnit. */
    private static final int MAX_CONTENT = 1 << 20;

    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public CertificatesResource(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/certificates";
    }

    @Override
    public int maxContent() {
        return MAX_CONTENT;
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        return plane.opened().uploads().certificates().handle(request, request.place());
    }
}
