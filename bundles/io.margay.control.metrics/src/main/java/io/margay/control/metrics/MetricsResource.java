// SPDX-License-Identifier: Apache-2.0
package io.margay.control.metrics;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.control.ProcessQueries;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code /control/metrics}: what the inspector {@code metrics} of the router tells, with figures of the other core
 * processes. On the loop's thread only.
 */
@Component
public final class MetricsResource implements ControlResource {
    private static final String ROUTER = "router";
    private static final String METRICS = "metrics";
    private static final String OPENMETRICS = "application/openmetrics-text";
    /** Far beyond what the router can have to tell. */
    private static final int LONGEST = 64 << 20;

    private final ProcessQueries processes;

    /** Inert until it is asked. */
    @Activate
    public MetricsResource(@Reference ProcessQueries processes) {
        this.processes = processes;
    }

    @Override
    public String prefix() {
        return "/control/metrics";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        if (request.place().segments().size() > 2) {
            return CompletableFuture.completedFuture(ControlReply.missing());
        }
        boolean open = request.headers().get("accept").filter(accept -> accept.contains(OPENMETRICS)).isPresent();
        return figures(ConfObject.builder(), processes.names().stream().filter(name -> !name.equals(ROUTER)).toList())
            .thenCompose(others -> ask(ConfObject.builder().put("format", open ? "openmetrics" : "prometheus")
                .put("processes", others).build()))
            .thenCompose(first -> rest(first, new StringBuilder(text(first))))
            .thenApply(text -> ControlReply.bytes(open ? OPENMETRICS + "; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8", text.getBytes(StandardCharsets.UTF_8))
                .with("Cache-Control", "no-store"))
            .exceptionally(failure -> ControlReply.error(503, "Metrics are not available.", reason(failure)));
    }

    /** What processes show of themselves, one after the other; one that does not answer is left out. */
    private CompletionStage<ConfObject> figures(ConfObject.Builder so, List<String> names) {
        if (names.isEmpty()) {
            return CompletableFuture.completedFuture(so.build());
        }
        return processes.ask(names.getFirst(), "process", "").handle((shown, failure) ->
            failure == null && shown instanceof ConfObject ? so.put(names.getFirst(), shown) : so)
            .thenCompose(more -> figures(more, names.subList(1, names.size())));
    }

    private CompletionStage<ConfObject> ask(ConfObject question) {
        return processes.ask(ROUTER, METRICS, ConfWriter.compactText(question)).thenApply(MetricsResource::object);
    }

    private static ConfObject object(Conf answer) {
        ConfObject object = answer instanceof ConfObject told ? told : ConfObject.EMPTY;
        object.string("error").ifPresent(reason -> {
            throw new IllegalStateException(reason);
        });
        return object;
    }

    private static String text(ConfObject piece) {
        return piece.string("text").orElse("");
    }

    private CompletionStage<String> rest(ConfObject first, StringBuilder so) {
        if (so.length() >= Math.min(first.integer("size", 0), LONGEST)) {
            return CompletableFuture.completedFuture(so.toString());
        }
        return ask(ConfObject.builder().put("id", first.integer("id", 0)).put("offset", so.length()).build())
            .thenCompose(piece -> {
                if (text(piece).isEmpty()) {
                    throw new IllegalStateException("a part is missing");
                }
                return rest(first, so.append(text(piece)));
            });
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause()
            : failure;
        return String.valueOf(cause.getMessage());
    }
}
