// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import io.margay.control.ControlPath;
import io.margay.control.ControlPeer;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.Printable;
import io.margay.control.RequestHeaders;
import io.margay.log.ErrorLog;
import io.margay.store.StateFiles;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The resource of one kind of uploaded contents ({@code spec/control-api.md §8, §9}). Reads are answered at once;
 * uploads and deletions wait for each other, but not for changes of the configuration.
 *
 * <p>As in FreeUnit and unlike in Unit, a content takes the place of another of the same name where its kind allows
 * that;
 * then it waits for changes of the configuration, and is in service when it is answered. A content that could not be
 * stored is not listed. On the loop's thread only.
 */
final class UploadResource {
    private static final int OK = 200;

    private final ContentKind kind;
    private final ContentRules rules;
    private final Executor loop;
    private final ContentStore store;
    private final ErrorLog log;
    private final WorkQueue queue;
    private final Map<String, Conf> contents = new LinkedHashMap<>();
    private final Map<String, Integer> sizes = new HashMap<>();
    private ConfigInForce configuration;
    private Happenings happenings;
    private WorkQueue changes;

    UploadResource(ContentKind kind, ContentRules rules, Executor loop, ContentStore store, ErrorLog log) {
        this.kind = kind;
        this.rules = rules;
        this.loop = loop;
        this.store = store;
        this.log = log;
        this.queue = new WorkQueue(loop);
        queue.open();
    }

    /**
     * Sets whose use of contents counts.
     *
     * @param inForce what uses them
     * @param waiting the queue of its changes
     * @param told takes what happens
     */
    void bind(ConfigInForce inForce, WorkQueue waiting, Happenings told) {
        configuration = inForce;
        happenings = told;
        changes = waiting;
    }

    void restore(Map<String, byte[]> stored) {
        stored.forEach((name, content) -> {
            try {
                list(name, content.length, rules.inspect(name, content));
            } catch (InvalidContentException e) {
                log.alert("stored " + rules.lowerNoun() + " \"" + Printable.of(name) + "\" is skipped: "
                    + e.getMessage());
            }
        });
    }

    boolean has(String name) {
        return contents.containsKey(name);
    }

    /** What clients see of a content; empty when there is none of the name. */
    Optional<Conf> content(String name) {
        return Optional.ofNullable(contents.get(name));
    }

    /** All of them, by name. */
    ConfObject all() {
        return new ConfObject(contents);
    }

    CompletionStage<ControlReply> handle(ControlRequest request, ControlPath path) {
        List<String> segments = path.segments();
        if (request.method().equals("GET")) {
            return now(read(segments));
        }
        if (segments.size() != 2 || !StateFiles.isName(segments.get(1))) {
            return now(invalidName());
        }
        String name = segments.get(1);
        return switch (request.method()) {
            case "PUT" -> queue.add(request.body().length, () -> put(request, name));
            case "DELETE" -> queue.add(0, () -> delete(request, name));
            default -> now(ControlReply.invalidMethod());
        };
    }

    private ControlReply read(List<String> segments) {
        if (segments.size() == 1) {
            return ControlReply.value(all());
        }
        Conf content = contents.get(segments.get(1));
        if (content == null) {
            return missing();
        }
        List<String> below = segments.subList(2, segments.size()).stream().map(ControlPath::decodeFully).toList();
        return ConfEdit.get(content, below).map(ControlReply::value).orElseGet(() -> ControlReply.error(404,
            "Invalid path."));
    }

    private ControlReply invalidName() {
        return ControlReply.error(400, "Invalid " + rules.lowerNoun() + " name.");
    }

    private ControlReply missing() {
        return ControlReply.error(404, rules.noun() + " doesn't exist.");
    }

    private CompletionStage<ControlReply> put(ControlRequest request, String name) {
        boolean replace = has(name);
        if (replace && !rules.isReplaceable()) {
            return now(ControlReply.error(400, rules.noun() + " already exists."));
        }
        Optional<ControlReply> condition = condition(request, replace);
        if (condition.isPresent()) {
            return now(condition.get());
        }
        Conf content;
        try {
            content = rules.inspect(name, request.body());
            checkRoom(name, request.body().length);
        } catch (InvalidContentException e) {
            return now(ControlReply.error(400, "Invalid " + rules.lowerNoun() + ".", e.getMessage()));
        }
        return replace ? changes.add(request.body().length, () -> swap(request, name, content))
            : storing(() -> store.store(kind, name, request.body()), request, name, content);
    }

    /** A client may say that it means to replace, or not to; a content has no tag of its own. */
    private Optional<ControlReply> condition(ControlRequest request, boolean exists) {
        boolean missing = !exists && request.headers().get("If-Match").isPresent();
        boolean there = exists && (request.headers().get("If-None-Match").filter("*"::equals).isPresent()
            || request.headers().get("If-Match").filter(match -> !match.equals("*")).isPresent());
        return missing || there ? Optional.of(ControlReply.error(412, "Precondition failed.", exists
            ? rules.noun() + " already exists." : rules.noun() + " doesn't exist.")) : Optional.empty();
    }

    /** Bounded as main hands them over to the next controller. */
    private void checkRoom(String name, int size) throws InvalidContentException {
        long total = sizes.values().stream().mapToLong(Integer::longValue).sum() - sizes.getOrDefault(name, 0) + size;
        if (total > StateFiles.MAX_TOTAL || !has(name) && sizes.size() >= StateFiles.MAX_FILES) {
            throw new InvalidContentException("There are too many: at most " + StateFiles.MAX_FILES + " of together "
                + StateFiles.MAX_TOTAL + " bytes can be stored.");
        }
    }

    private CompletionStage<ControlReply> storing(Supplier<CompletionStage<Void>> stored, ControlRequest request,
        String name,
            Conf content) {
        CompletableFuture<ControlReply> done = new CompletableFuture<>();
        WorkQueue.then(loop, WorkQueue.guarded(stored), (ignored, failure) -> {
            if (failure != null) {
                done.complete(notStored(name, failure));
                return;
            }
            list(name, request.body().length, content);
            log.info(rules.lowerNoun() + " \"" + Printable.of(name) + "\" uploaded by " + request.peer());
            happenings.content(request, kind == ContentKind.CERTIFICATE ? "certificate" : "script", name,
                "stored");
            done.complete(ControlReply.success(rules.uploaded()));
        });
        return done;
    }

    /** One that is in use is in service before the request is answered, or the old one is there as before. */
    private CompletionStage<ControlReply> swap(ControlRequest request, String name, Conf content) {
        return storing(() -> isUsed(name)
            ? store.load(kind, name).thenCompose(old -> store.store(kind, name, request.body())
                .thenComposeAsync(stored -> store.refresh(kind, name), loop)
                .exceptionallyComposeAsync(failure -> restore(name, old, failure), loop))
            : store.store(kind, name, request.body()), request, name, content);
    }

    private CompletionStage<Void> restore(String name, byte[] old, Throwable failure) {
        return store.store(kind, name, old).handleAsync((stored, again) -> {
            if (again != null) {
                log.alert(rules.lowerNoun() + " \"" + Printable.of(name)
                    + "\" in the state directory is not the one in service: " + WorkQueue.reason(again));
            }
            throw new IllegalStateException(reason(failure), failure);
        }, loop);
    }

    private CompletionStage<ControlReply> delete(ControlRequest request, String name) {
        if (isUsed(name)) {
            return now(ControlReply.error(400, rules.noun() + " is used in the configuration."));
        }
        if (!has(name)) {
            return now(missing());
        }
        CompletableFuture<ControlReply> done = new CompletableFuture<>();
        WorkQueue.then(loop, WorkQueue.guarded(() -> store.delete(kind, name)), (ignored, failure) -> {
            if (failure != null) {
                done.complete(failed("Failed to delete " + rules.lowerNoun() + ".", name, failure));
                return;
            }
            contents.remove(name);
            sizes.remove(name);
            log.info(rules.lowerNoun() + " \"" + Printable.of(name) + "\" deleted by " + request.peer());
            happenings.content(request, kind == ContentKind.CERTIFICATE ? "certificate" : "script", name,
                "deleted");
            done.complete(ControlReply.success(rules.noun() + " deleted."));
        });
        return done;
    }

    private boolean isUsed(String name) {
        return configuration.mentions(root -> rules.isUsed(root, name))
            || kind == ContentKind.CERTIFICATE && configuration.needs(name);
    }

    /** What is stored, with what nobody is shown. */
    CompletionStage<byte[]> load(String name) {
        return has(name) ? WorkQueue.guarded(() -> store.load(kind, name))
            : CompletableFuture.failedFuture(new IllegalStateException(rules.noun() + " doesn't exist."));
    }

    /** The same as an upload, by a part of this process. */
    CompletionStage<ControlReply> bring(String name, byte[] content, String who) {
        if (!StateFiles.isName(name)) {
            return now(invalidName());
        }
        ControlRequest request = request(RequestHeaders.NONE, content, who);
        return queue.add(content.length, () -> put(request, name));
    }

    /**
     * Stores one under a name that has none. Waits for nothing, since it belongs to a change that others wait for.
     *
     * @return fails when it is not stored
     */
    CompletionStage<Void> place(String name, byte[] content, String who) {
        ControlRequest request = request(new RequestHeaders(Map.of("If-None-Match", List.of("*"))), content, who);
        CompletionStage<ControlReply> stored = StateFiles.isName(name) ? put(request, name) : now(invalidName());
        return stored.thenAccept(reply -> {
            if (reply.status() != OK) {
                throw new IllegalStateException(rules.lowerNoun() + " \"" + Printable.of(name) + "\": "
                    + new String(reply.body(), StandardCharsets.UTF_8));
            }
        });
    }

    /** Deletes one that was {@link #place}d, if nothing needs it; what goes wrong is told in the log. */
    CompletionStage<?> displace(String name) {
        return delete(request(RequestHeaders.NONE, new byte[0], "the server"), name);
    }

    private static ControlRequest request(RequestHeaders headers, byte[] content, String who) {
        return new ControlRequest("PUT", "/certificates", headers, content, new ControlPeer.Remote(who));
    }

    private ControlReply notStored(String name, Throwable failure) {
        return failed(rules.notStored(), name, failure);
    }

    private ControlReply failed(String text, String name, Throwable failure) {
        log.alert(text.substring(0, text.length() - 1) + " \"" + Printable.of(name) + "\": " + reason(failure));
        return ControlReply.error(500, text, reason(failure));
    }

    private static String reason(Throwable failure) {
        boolean wrapped = failure instanceof CompletionException && failure.getCause() != null;
        return WorkQueue.reason(wrapped ? failure.getCause() : failure);
    }

    private void list(String name, int size, Conf content) {
        contents.put(name, content);
        sizes.put(name, size);
    }

    private static CompletionStage<ControlReply> now(ControlReply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
