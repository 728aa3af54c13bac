// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.control.ProcessQueries;
import io.margay.status.Inspectors;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code /control/inspect/PROCESS/NAME}: what the inspectors of each core process show; without a name the list of
 * those of the process, without a process all lists. Not in Unit. On the loop's thread only.
 */
@Component
public final class InspectResource implements ControlResource {
    private final ProcessQueries processes;

    /** Inert until it is asked. */
    @Activate
    public InspectResource(@Reference ConfigPlane plane, @Reference Inspectors own) {
        this.processes = new CoreQuestions(plane, own);
    }

    @Override
    public String prefix() {
        return "/control/inspect";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        Optional<List<String>> names = request.place().names().map(all -> all.subList(1, all.size()));
        if (names.isEmpty() || !names.get().isEmpty() && !processes.names().contains(names.get().getFirst())) {
            return CompletableFuture.completedFuture(ControlReply.missing());
        }
        if (names.get().isEmpty()) {
            return lists(0, ConfObject.builder());
        }
        String process = names.get().getFirst();
        String name = names.get().size() > 1 ? names.get().get(1) : "";
        List<String> below = names.get().subList(Math.min(2, names.get().size()), names.get().size());
        return known(process).thenCompose(list -> !name.isEmpty() && !has(list, name)
            ? CompletableFuture.completedFuture(ControlReply.missing())
            : name.isEmpty() ? CompletableFuture.completedFuture(ControlReply.value(list))
            : ask(process, name).thenApply(value -> ConfEdit.get(value, below).map(ControlReply::value)
                .orElseGet(ControlReply::missing))).exceptionally(failure -> silent(process, failure));
    }

    private static boolean has(Conf list, String name) {
        return list instanceof ConfArray array && array.elements().contains(Conf.of(name));
    }

    private CompletionStage<Conf> known(String process) {
        return ask(process, "");
    }

    /** The lists of all processes; one that does not answer says why. */
    private CompletionStage<ControlReply> lists(int next, ConfObject.Builder all) {
        if (next == processes.names().size()) {
            return CompletableFuture.completedFuture(ControlReply.value(all.build()));
        }
        String process = processes.names().get(next);
        return known(process).exceptionally(failure -> ConfObject.builder().put("error",
            WorkQueue.reason(WorkQueue.cause(failure))).build()).thenCompose(list ->
            lists(next + 1, all.put(process, list)));
    }

    private CompletionStage<Conf> ask(String process, String name) {
        return processes.ask(process, name, "");
    }

    private static ControlReply silent(String process, Throwable failure) {
        return ControlReply.error(504, "Process does not answer.", process + ": "
            + WorkQueue.reason(WorkQueue.cause(failure)));
    }
}
