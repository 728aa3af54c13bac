// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import io.margay.control.ControlPath;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /control/applications}: restarts ({@code spec/control-api.md §11}). On the loop's thread only. */
@Component
public final class AppsResource implements ControlResource {
    private static final String RESTART = "restart";

    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public AppsResource(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/control/applications";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    private static boolean isRestart(ControlRequest request) {
        List<String> segments = request.place().segments();
        return request.method().equals("GET") && segments.size() >= 4 && segments.getLast().equals(RESTART);
    }

    @Override
    public boolean changes(ControlRequest request) {
        return isRestart(request) || !request.method().equals("GET");
    }

    /** Whether a restart is allowed depends on the application, and is said when its turn has come. */
    @Override
    public boolean judges(ControlRequest request) {
        return isRestart(request);
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        if (!isRestart(request)) {
            return now(ControlReply.missing());
        }
        List<String> segments = request.place().segments();
        String name = String.join("/", segments.subList(2, segments.size() - 1));
        // New processes may take their time; other changes need not wait for them.
        List<CompletionStage<ControlReply>> begun = new ArrayList<>(1);
        return plane.opened().queue().add(0, () -> restart(request, name, begun))
            .thenCompose(reply -> begun.isEmpty() ? now(reply) : begun.getFirst());
    }

    /** A slash in a name may be written raw or escaped. */
    private CompletionStage<ControlReply> restart(ControlRequest request, String name,
            List<CompletionStage<ControlReply>> begun) {
        ConfObject applications = plane.current().object("applications").orElse(ConfObject.EMPTY);
        String known = applications.has(name) ? name : ControlPath.decodeFully(name);
        return plane.access().refusal(request, known, applications.object(known)).thenApplyAsync(refusal -> {
            if (refusal.isEmpty() && applications.has(known)) {
                begun.add(restart(request, known));
            }
            return refusal.orElseGet(ControlReply::missing);
        }, parts().loop());
    }

    private CompletionStage<ControlReply> restart(ControlRequest request, String known) {
        return WorkQueue.guarded(() -> parts().router().restart(known)).handleAsync((ignored, failure) -> {
            plane.happenings().restarted(request, known, Optional.ofNullable(failure).map(WorkQueue::cause)
                .map(WorkQueue::reason));
            if (failure != null) {
                parts().log().alert("failed to restart application \"" + known + "\": " + WorkQueue.reason(failure));
                return ControlReply.error(500, "Failed to restart app.");
            }
            plane.opened().configuration().restarted(known);
            return ControlReply.success("Ok");
        }, parts().loop());
    }

    private ControlParts parts() {
        return plane.opened().parts();
    }

    private static CompletionStage<ControlReply> now(ControlReply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
