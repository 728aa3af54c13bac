// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Component;

/** {@code /control/...} where nothing else is: unlike in other places a wrong method is told from a wrong path. */
@Component
public final class OtherResource implements ControlResource {

    @Override
    public String prefix() {
        return "/control";
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        boolean below = request.place().segments().size() > 1;
        return CompletableFuture.completedFuture(below && !request.method().equals("GET")
            ? ControlReply.methodNotAllowed() : ControlReply.missing());
    }
}
