// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.control.ProcessQueries;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code POST /control/record?process=NAME&seconds=N}: has a process record itself by the JDK's flight recorder, and
 * sends what comes of it. One recording of a process at a time. On the loop's thread only.
 */
@Component
public final class RecordResource implements ControlResource {
    private static final long DEFAULT_SECONDS = 30;
    private static final long MOST_SECONDS = 3600;
    private static final Set<String> PARAMETERS = Set.of("process", "seconds");

    private final ProcessQueries processes;

    /** Inert until it is asked. */
    @Activate
    public RecordResource(@Reference ProcessQueries processes) {
        this.processes = processes;
    }

    @Override
    public String prefix() {
        return "/control/record";
    }

    @Override
    public Set<String> methods() {
        return Set.of("POST");
    }

    @Override
    public int maxContent() {
        return 0;
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        if (request.place().segments().size() != 2) {
            return CompletableFuture.completedFuture(ControlReply.missing());
        }
        String process;
        long seconds;
        try {
            for (String name : request.query().parameters().keySet()) {
                if (!PARAMETERS.contains(name)) {
                    throw new IllegalArgumentException("Unknown parameter \"" + name + "\".");
                }
            }
            process = single(request, "process").orElse("router");
            if (!processes.names().contains(process)) {
                throw new IllegalArgumentException("The process is one of " + String.join(", ", processes.names())
                    + ".");
            }
            seconds = seconds(single(request, "seconds"));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(ControlReply.error(400, "Invalid request.", e.getMessage()));
        }
        return processes.ask(process, RecordingStream.INSPECTOR, "start " + seconds).handle((answer, failure) ->
            failure != null ? ControlReply.error(504, "Process does not answer.", process + ": "
                + WorkQueue.reason(WorkQueue.cause(failure))) : reply(process, answer));
    }

    private ControlReply reply(String process, Conf answer) {
        Optional<String> refused = answer instanceof ConfObject object ? object.string("error")
            : Optional.of("It gave no answer.");
        if (refused.isPresent()) {
            return ControlReply.error(409, "The process cannot be recorded.", process + ": " + refused.get());
        }
        return ControlReply.stream("application/octet-stream", new RecordingStream(processes, process))
            .with("Cache-Control", "no-store");
    }

    private static Optional<String> single(ControlRequest request, String name) {
        List<String> values = request.query().values(name);
        if (values.size() > 1) {
            throw new IllegalArgumentException("The parameter \"" + name + "\" is there " + values.size() + " times.");
        }
        return values.stream().findFirst();
    }

    private static long seconds(Optional<String> text) {
        long seconds = text.isEmpty() ? DEFAULT_SECONDS : text.get().matches("[0-9]{1,9}") ? Long.parseLong(text.get())
            : 0;
        if (seconds < 1 || seconds > MOST_SECONDS) {
            throw new IllegalArgumentException("The parameter \"seconds\" is a number from 1 to " + MOST_SECONDS + ".");
        }
        return seconds;
    }
}
