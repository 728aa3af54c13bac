// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfDiff;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code /control/revisions}: the configurations of before, what became of them, and the way back. Not in Unit. Reads
 * wait for each other, so that few configurations are in memory at a time, but not for changes. On the loop's thread
 * only.
 */
@Component
public final class RevisionsResource implements ControlResource {
    private static final String NUMBER = "[1-9][0-9]{0,17}";

    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public RevisionsResource(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/control/revisions";
    }

    @Override
    public boolean reconfigures(ControlRequest request) {
        return isRollback(request.place().segments());
    }

    private static boolean isRollback(List<String> path) {
        return path.size() == 4 && path.get(2).matches(NUMBER) && path.get(3).equals("rollback");
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        List<String> path = request.place().segments();
        if (isRollback(path) && request.method().equals("POST")) {
            long number = Long.parseLong(path.get(2));
            return plane.opened().changes().refusal(request).map(RevisionsResource::now).orElseGet(() ->
                plane.opened().queue().add(0, () -> rollBack(request, number)));
        }
        if (isRollback(path) || !request.method().equals("GET")) {
            return now(ControlReply.methodNotAllowed());
        }
        boolean numbers = path.size() <= 2 || path.get(2).matches(NUMBER) && (path.size() < 5
            || path.get(4).matches(NUMBER));
        if (!numbers || path.size() > 5 || path.size() > 3 && !path.get(3).equals("diff")) {
            return now(ControlReply.missing());
        }
        return plane.opened().reads().add(0, () -> switch (path.size()) {
            case 2 -> list();
            case 3 -> find(Long.parseLong(path.get(2)), this::show);
            case 4 -> find(Long.parseLong(path.get(2)), from -> diff(from, plane.current()));
            default -> find(Long.parseLong(path.get(2)), from -> find(Long.parseLong(path.get(4)), to ->
                parsed(to, after -> diff(from, after))));
        });
    }

    private CompletionStage<ControlReply> list() {
        CompletableFuture<ControlReply> done = new CompletableFuture<>();
        WorkQueue.then(parts().loop(), WorkQueue.guarded(parts().main()::revisions), (notes, failure) -> {
            if (failure != null) {
                done.complete(failed(failure));
                return;
            }
            List<Conf> list = new ArrayList<>();
            notes.forEach(note -> list.add(marked(note)));
            done.complete(ControlReply.value(new ConfArray(list)));
        });
        return done;
    }

    private ConfObject marked(ConfObject note) {
        long number = note.integer("number", 0);
        return note.with("current", Conf.of(plane.opened().configuration().revision().orElse(0) == number
            && number > 0));
    }

    private CompletionStage<ControlReply> show(Revision revision) {
        return parsed(revision, content -> now(ControlReply.value(marked(revision.note()).with("configuration",
            content))));
    }

    private CompletionStage<ControlReply> diff(Revision from, Conf to) {
        return parsed(from, before -> {
            List<Conf> list = new ArrayList<>();
            for (ConfDiff.Change change : ConfDiff.between(before, to)) {
                ConfObject.Builder entry = ConfObject.builder()
                    .put("op", change.op().name().toLowerCase(Locale.ROOT)).put("path", change.path().toString());
                change.from().ifPresent(value -> entry.put("from", value));
                change.to().ifPresent(value -> entry.put("to", value));
                list.add(entry.build());
            }
            return now(ControlReply.value(new ConfArray(list)));
        });
    }

    private CompletionStage<ControlReply> rollBack(ControlRequest request, long number) {
        ConfigPlane.Opened opened = plane.opened();
        return opened.configuration().tag().refuses(request, true).map(RevisionsResource::now).orElseGet(() ->
            find(number, revision -> parsed(revision, root -> opened.confirmation().giveWay(request)
                .thenComposeAsync(done -> opened.changes().replace(request, root), parts().loop()))));
    }

    private CompletionStage<ControlReply> find(long number, Function<Revision, CompletionStage<ControlReply>> next) {
        CompletableFuture<ControlReply> done = new CompletableFuture<>();
        WorkQueue.then(parts().loop(), WorkQueue.guarded(() -> parts().main().revision(number)), (found, failure) -> {
            if (failure != null) {
                done.complete(failed(failure));
            } else if (found.isEmpty()) {
                done.complete(ControlReply.error(404, ControlReply.NO_VALUE, "There is no revision " + number + "."));
            } else {
                WorkQueue.then(parts().loop(), WorkQueue.guarded(() -> next.apply(found.get())), (reply, broken) ->
                    done.complete(broken == null ? reply : failed(broken)));
            }
        });
        return done;
    }

    private static CompletionStage<ControlReply> parsed(Revision revision, Function<Conf,
            CompletionStage<ControlReply>> next) {
        Conf content;
        try {
            content = ConfParser.parse(revision.configuration());
        } catch (ConfSyntaxException e) {
            return now(ControlReply.error(500, "The revision is damaged.", e.detail()));
        }
        return next.apply(content);
    }

    private ControlParts parts() {
        return plane.opened().parts();
    }

    private ControlReply failed(Throwable failure) {
        String reason = WorkQueue.reason(failure);
        parts().log().alert("failed to read revisions: " + reason);
        return ControlReply.error(500, "Failed to read revisions.", reason);
    }

    private static CompletionStage<ControlReply> now(ControlReply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
