// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code /config} ({@code spec/control-api.md §6}). On the loop's thread only. */
final class ConfigResource {
    private final Configuration configuration;
    private final ConfigChanges changes;
    private final WorkQueue queue;

    ConfigResource(Configuration configuration, ConfigChanges changes, WorkQueue queue) {
        this.configuration = configuration;
        this.changes = changes;
        this.queue = queue;
    }

    CompletionStage<Reply> handle(Request request, ControlPath path) {
        Optional<List<String>> names = path.names();
        return switch (request.method()) {
            case "GET" -> now(names.map(place -> read(request, place)).orElseGet(Reply::missing));
            case "POST", "PUT", "DELETE" -> {
                if (request.method().equals("POST") && path.segments().size() == 1) {
                    yield now(Reply.methodNotAllowed());
                }
                yield names.isEmpty() ? now(Reply.missing())
                    : queue.add(request.body().length, () -> change(request, names.get()));
            }
            default -> now(Reply.methodNotAllowed());
        };
    }

    private Reply read(Request request, List<String> path) {
        Optional<Conf> value = ConfEdit.get(configuration.current(), path);
        EntityTag tag = configuration.tag();
        return tag.refuses(request, value.isPresent()).orElseGet(() ->
            value.map(found -> Reply.value(found).with("ETag", tag.text())).orElseGet(Reply::missing));
    }

    /** Carries out one request to change something when its turn has come; the order of checks is that of §6.3. */
    private CompletionStage<Reply> change(Request request, List<String> path) {
        Conf current = configuration.current();
        Optional<Reply> refusal =
            configuration.tag().refuses(request, ConfEdit.get(current, path).isPresent());
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
            return now(Reply.invalidJson(e));
        }
        return switch (edited.outcome()) {
            case NOT_FOUND -> now(Reply.missing());
            case NOT_ALLOWED -> now(Reply.methodNotAllowed());
            case TOO_DEEP -> now(Reply.invalidConfiguration("JSON nesting exceeds the maximum supported depth."));
            case TOO_LARGE -> now(Reply.invalidConfiguration("JSON value has too many elements."));
            case DONE -> changes.replace(request, edited.root());
        };
    }

    private static CompletionStage<Reply> now(Reply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
