// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfDiff;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * {@code /control/revisions}: the configurations of before, what became of them, and the way back. Not in Unit. Reads
 * wait for each other, so that few configurations are in memory at a time, but not for changes. On the loop's thread
 * only.
 */
final class RevisionsResource {
    private static final String NUMBER = "[1-9][0-9]{0,17}";

    private final ControlParts parts;
    private final Configuration configuration;
    private final ConfigChanges changes;
    private final WorkQueue queue;
    private final WorkQueue reads;

    RevisionsResource(ControlParts parts, Configuration configuration, ConfigChanges changes, WorkQueue queue) {
        this.parts = parts;
        this.configuration = configuration;
        this.changes = changes;
        this.queue = queue;
        this.reads = new WorkQueue(parts.loop());
        reads.open();
    }

    /** Whether a path below {@code /control} is the one that brings a revision back. */
    static boolean isRollback(List<String> path) {
        return path.size() == 4 && path.get(1).equals("revisions") && path.get(2).matches(NUMBER)
            && path.get(3).equals("rollback");
    }

    /**
     * Answers a request.
     *
     * @param path the whole path, beginning with {@code control}
     * @return empty when there is no such resource
     */
    Optional<CompletionStage<Reply>> handle(Request request, List<String> path) {
        if (isRollback(path)) {
            long number = Long.parseLong(path.get(2));
            return Optional.of(request.method().equals("POST") ? queue.add(0, () -> rollBack(request, number))
                : CompletableFuture.completedFuture(Reply.methodNotAllowed()));
        }
        boolean numbers = path.size() <= 2 || path.get(2).matches(NUMBER) && (path.size() < 5
            || path.get(4).matches(NUMBER));
        if (!request.method().equals("GET") || !numbers || path.size() > 5
            || path.size() > 3 && !path.get(3).equals("diff")) {
            return Optional.empty();
        }
        return Optional.of(reads.add(0, () -> switch (path.size()) {
            case 2 -> list();
            case 3 -> find(Long.parseLong(path.get(2)), this::show);
            case 4 -> find(Long.parseLong(path.get(2)), from -> diff(from, configuration.current()));
            default -> find(Long.parseLong(path.get(2)), from -> find(Long.parseLong(path.get(4)), to ->
                parsed(to, after -> diff(from, after))));
        }));
    }

    private CompletionStage<Reply> list() {
        CompletableFuture<Reply> done = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), WorkQueue.guarded(parts.revisions()::revisions), (notes, failure) -> {
            if (failure != null) {
                done.complete(failed(failure));
                return;
            }
            List<Conf> list = new ArrayList<>();
            notes.forEach(note -> list.add(marked(note)));
            done.complete(Reply.value(new ConfArray(list)));
        });
        return done;
    }

    private ConfObject marked(ConfObject note) {
        long number = note.integer("number", 0);
        return note.with("current", Conf.of(configuration.revision().orElse(0) == number && number > 0));
    }

    private CompletionStage<Reply> show(Revision revision) {
        return parsed(revision, content -> now(Reply.value(marked(revision.note()).with("configuration", content))));
    }

    private CompletionStage<Reply> diff(Revision from, Conf to) {
        return parsed(from, before -> {
            List<Conf> list = new ArrayList<>();
            for (ConfDiff.Change change : ConfDiff.between(before, to)) {
                ConfObject.Builder entry = ConfObject.builder()
                    .put("op", change.op().name().toLowerCase(Locale.ROOT)).put("path", change.path().toString());
                change.from().ifPresent(value -> entry.put("from", value));
                change.to().ifPresent(value -> entry.put("to", value));
                list.add(entry.build());
            }
            return now(Reply.value(new ConfArray(list)));
        });
    }

    private CompletionStage<Reply> rollBack(Request request, long number) {
        return configuration.tag().refuses(request, true).map(RevisionsResource::now).orElseGet(() ->
            find(number, revision -> parsed(revision, root -> changes.replace(request, root))));
    }

    private CompletionStage<Reply> find(long number, Function<Revision, CompletionStage<Reply>> next) {
        CompletableFuture<Reply> done = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.revisions().revision(number)), (found, failure) -> {
            if (failure != null) {
                done.complete(failed(failure));
            } else if (found.isEmpty()) {
                done.complete(Reply.error(404, Reply.NO_VALUE, "There is no revision " + number + "."));
            } else {
                WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> next.apply(found.get())), (reply, broken) ->
                    done.complete(broken == null ? reply : failed(broken)));
            }
        });
        return done;
    }

    private static CompletionStage<Reply> parsed(Revision revision, Function<Conf, CompletionStage<Reply>> next) {
        Conf content;
        try {
            content = ConfParser.parse(revision.configuration());
        } catch (ConfSyntaxException e) {
            return now(Reply.error(500, "The revision is damaged.", e.detail()));
        }
        return next.apply(content);
    }

    private Reply failed(Throwable failure) {
        String reason = WorkQueue.reason(failure);
        parts.log().alert("failed to read revisions: " + reason);
        return Reply.error(500, "Failed to read revisions.", reason);
    }

    private static CompletionStage<Reply> now(Reply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
