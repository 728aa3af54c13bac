// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.control.ControlPath;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /config} ({@code spec/control-api.md §6}). On the loop's thread only. */
@Component
public final class ConfigResource implements ControlResource {
    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public ConfigResource(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/config";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET", "PUT", "POST", "DELETE");
    }

    @Override
    public boolean reconfigures(ControlRequest request) {
        return true;
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        ControlPath path = request.place();
        Optional<List<String>> names = path.names();
        if (request.method().equals("GET")) {
            // Before the stored configuration is in force there is nothing true to tell.
            return names.map(place -> plane.opened().configuration().isKnown() ? now(read(request, place))
                : plane.opened().queue().whenOpen(() -> read(request, place)))
                .orElseGet(() -> now(ControlReply.missing()));
        }
        if (request.method().equals("POST") && path.segments().size() == 1) {
            return now(ControlReply.methodNotAllowed());
        }
        Optional<ControlReply> refusal = plane.opened().changes().refusal(request);
        if (refusal.isPresent() || names.isEmpty()) {
            return now(refusal.orElseGet(ControlReply::missing));
        }
        return plane.opened().queue().add(request.body().length, () -> change(request, names.get()));
    }

    private ControlReply read(ControlRequest request, List<String> path) {
        Optional<Conf> value = ConfEdit.get(plane.current(), path);
        EntityTag tag = plane.opened().configuration().tag();
        return tag.refuses(request, value.isPresent()).orElseGet(() ->
            value.map(found -> ControlReply.value(found).with("ETag", tag.text())).orElseGet(ControlReply::missing));
    }

    /** Carries out one request to change something when its turn has come; the order of checks is that of §6.3. */
    private CompletionStage<ControlReply> change(ControlRequest request, List<String> path) {
        Conf current = plane.current();
        Optional<ControlReply> refusal =
            plane.opened().configuration().tag().refuses(request, ConfEdit.get(current, path).isPresent());
        if (refusal.isPresent()) {
            return now(refusal.get());
        }
        ConfEdit.Result edited;
        try {
            edited = switch (request.method()) {
                case "PUT" -> ConfEdit.put(current, path, ConfParser.parse(request.body()));
                case "POST" -> ConfEdit.post(current, path, ConfParser.parse(request.body()));
                default -> ConfEdit.delete(current, path);
            };
        } catch (ConfSyntaxException e) {
            return now(ConfigReplies.invalidJson(e));
        }
        return switch (edited.outcome()) {
            case NOT_FOUND -> now(ControlReply.missing());
            case NOT_ALLOWED -> now(ControlReply.methodNotAllowed());
            case TOO_DEEP -> now(ConfigReplies.invalidConfiguration(
                "JSON nesting exceeds the maximum supported depth."));
            case TOO_LARGE -> now(ConfigReplies.invalidConfiguration("JSON value has too many elements."));
            case DONE -> changed(request, path, edited.root());
        };
    }

    /** A change that waits for its confirmation and has to give way is taken back first; then this one begins anew. */
    private CompletionStage<ControlReply> changed(ControlRequest request, List<String> path, Conf root) {
        ConfigPlane.Opened opened = plane.opened();
        return opened.confirmation().givesWayTo(request) && opened.changes().problem(root).isEmpty()
            ? opened.confirmation().giveWay(request).thenComposeAsync(done -> change(request, path),
                opened.parts().loop())
            : opened.changes().replace(request, root);
    }

    private static CompletionStage<ControlReply> now(ControlReply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
