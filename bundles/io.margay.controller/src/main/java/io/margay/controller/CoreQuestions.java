// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.control.ProcessQueries;
import io.margay.process.InspectAnswers;
import io.margay.status.Inspectors;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Asks the inspectors of the core processes. On the loop's thread only. */
@Component
public final class CoreQuestions implements ProcessQueries {
    private static final List<String> PROCESSES = List.of("main", "controller", "router");

    private final ConfigPlane plane;
    private final Inspectors own;

    /** Inert until it is asked. */
    @Activate
    public CoreQuestions(@Reference ConfigPlane plane, @Reference Inspectors own) {
        this.plane = plane;
        this.own = own;
    }

    @Override
    public List<String> names() {
        return PROCESSES;
    }

    @Override
    public CompletionStage<Conf> ask(String process, String inspector, String question) {
        ControlParts parts = plane.opened().parts();
        String name = question.isEmpty() ? inspector : inspector + '\0' + question;
        CompletionStage<Conf> answer = switch (process) {
            case "main" -> WorkQueue.guarded(() -> parts.main().inspect(name));
            case "router" -> WorkQueue.guarded(() -> parts.router().inspect(name));
            default -> shown(name);
        };
        CompletableFuture<Conf> here = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), answer, (value, failure) -> {
            if (failure == null) {
                here.complete(value);
            } else {
                here.completeExceptionally(WorkQueue.cause(failure));
            }
        });
        return here;
    }

    private CompletionStage<Conf> shown(String name) {
        Optional<Conf> value = InspectAnswers.shown(own, name);
        return value.isPresent() ? CompletableFuture.completedFuture(value.get())
            : CompletableFuture.failedFuture(new IllegalStateException("no inspector of this name"));
    }

    @Override
    public Executor loop() {
        return task -> plane.opened().parts().loop().execute(task);
    }

    @Override
    public Runnable after(long millis, Runnable task) {
        return plane.opened().parts().loop().after(millis, task);
    }
}
