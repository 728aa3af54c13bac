// SPDX-License-Identifier: Apache-2.0
package io.margay.control.upstreams;

import io.margay.conf.Conf;
import io.margay.conf.ConfBoolean;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.control.ControlPath;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.control.ProcessQueries;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /control/upstreams}: has the router show upstreams, and drain servers. On the loop's thread only. */
@Component
public final class UpstreamsResource implements ControlResource {
    private static final int OWN = 2;
    private static final int SERVER = 5;
    private static final int MOST = 4096;

    private final ProcessQueries processes;

    /** Inert until it is asked. */
    @Activate
    public UpstreamsResource(@Reference ProcessQueries processes) {
        this.processes = processes;
    }

    @Override
    public String prefix() {
        return "/control/upstreams";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET", "PUT");
    }

    @Override
    public int maxContent() {
        return MOST;
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        List<String> path = request.place().segments().stream().map(ControlPath::decodeFully).toList();
        if (path.size() < OWN || path.size() > SERVER) {
            return CompletableFuture.completedFuture(ControlReply.missing());
        }
        if (request.method().equals("GET")) {
            return ask("").thenApply(all -> all.map(value -> part(value, path)).orElseGet(UpstreamsResource::silent));
        }
        return path.size() == SERVER && path.get(SERVER - 2).equals("servers") ? put(request, path)
            : CompletableFuture.completedFuture(ControlReply.methodNotAllowed());
    }

    /** What the path leads to in the answer, which has its shape. */
    private static ControlReply part(Conf all, List<String> path) {
        Optional<Conf> found = Optional.of(all);
        for (String name : path.subList(OWN, path.size())) {
            found = found.filter(ConfObject.class::isInstance).flatMap(value -> ((ConfObject) value).get(name));
        }
        return found.map(ControlReply::value).orElseGet(ControlReply::missing);
    }

    private CompletionStage<ControlReply> put(ControlRequest request, List<String> path) {
        Optional<Boolean> drain = drain(request.body());
        if (drain.isEmpty()) {
            return CompletableFuture.completedFuture(ControlReply.error(400, "Invalid request.",
                "The content must be {\"drain\": true} or {\"drain\": false}."));
        }
        ConfObject question = ConfObject.builder().put("upstream", path.get(OWN))
            .put("server", path.get(SERVER - 1)).put("drain", drain.get()).build();
        return ask(new String(ConfWriter.compact(question), StandardCharsets.UTF_8)).thenApply(answer ->
            answer.map(value -> value instanceof ConfObject object && object.string("error").isPresent()
                ? ControlReply.missing() : ControlReply.value(value)).orElseGet(UpstreamsResource::silent));
    }

    private static Optional<Boolean> drain(byte[] content) {
        try {
            return ConfParser.parse(content) instanceof ConfObject object && object.members().size() == 1
                ? object.get("drain").filter(ConfBoolean.class::isInstance).map(value ->
                    ((ConfBoolean) value).value()) : Optional.empty();
        } catch (ConfSyntaxException e) {
            return Optional.empty();
        }
    }

    private CompletionStage<Optional<Conf>> ask(String question) {
        return processes.ask("router", "upstreams", question).handle((answer, failure) ->
            failure == null ? Optional.of(answer) : Optional.empty());
    }

    private static ControlReply silent() {
        return ControlReply.error(504, "Process does not answer.", "router");
    }
}
