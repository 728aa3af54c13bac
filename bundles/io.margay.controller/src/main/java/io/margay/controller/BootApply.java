// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.schema.Problem;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Brings a stored configuration into force as far as it goes: an application that is invalid or does not start is left
 * out, so is a listener that cannot be opened, and the others serve. Used on the loop's thread only.
 */
final class BootApply {

    /**
     * How far it went.
     *
     * @param invalid the problem that makes the whole unusable
     * @param failure why nothing could be applied
     * @param judged false when there is no router that could tell
     * @param leftOut what does not serve
     */
    record Result(Optional<Problem> invalid, Optional<String> failure, boolean judged, LeftOut leftOut) {

        boolean isInForce() {
            return invalid.isEmpty() && failure.isEmpty();
        }
    }

    private final ControlParts parts;
    private final BiFunction<ConfObject, Set<String>, Optional<Problem>> validation;
    private final ConfObject root;
    private final byte[] compact;
    private final Set<String> applications;
    private LeftOut leftOut;
    private final CompletableFuture<Result> result = new CompletableFuture<>();

    /**
     * Prepares, without doing anything.
     *
     * @param validation tells the first problem, not looking into the applications named
     * @param leftOut what is not even tried
     */
    BootApply(ControlParts parts, BiFunction<ConfObject, Set<String>, Optional<Problem>> validation, ConfObject root,
            LeftOut leftOut) {
        this.parts = parts;
        this.validation = validation;
        this.root = root;
        this.leftOut = leftOut;
        this.compact = ConfWriter.compact(root);
        this.applications = new LinkedHashSet<>(
            root.object("applications").map(apps -> apps.members().keySet()).orElse(Set.of()));
    }

    /** Validates and applies; at most two attempts more than there are applications and listeners. */
    CompletionStage<Result> run() {
        Optional<Problem> problem = validation.apply(root, leftOut.applications().keySet());
        while (problem.isPresent()) {
            var place = problem.get().path().segments();
            boolean inApplication = place.size() >= 2 && place.get(0).equals("applications");
            if (!inApplication || leftOut.applications().containsKey(place.get(1))) {
                result.complete(new Result(problem, Optional.empty(), true, leftOut));
                return result;
            }
            leftOut = leftOut.application(place.get(1), problem.get().detail());
            problem = validation.apply(root, leftOut.applications().keySet());
        }
        whole();
        return result;
    }

    /** With each failure that names an application or a listener one more is left out. */
    private void whole() {
        apply(leftOut, applied -> {
            Optional<String> broken = applied.application()
                .filter(name -> applications.contains(name) && !leftOut.applications().containsKey(name));
            if (applied.done()) {
                done();
            } else if (broken.isPresent()) {
                leftOut = leftOut.application(broken.get(), applied.reason());
                whole();
            } else if (close(applied)) {
                whole();
            } else if (applied.judged() && leftOut.applications().size() < applications.size()) {
                withoutAny(applied.reason());
            } else {
                fail(applied);
            }
        });
    }

    /** Leaves the listener out that a failure names; false when there is none. */
    private boolean close(Applied applied) {
        Optional<String> closed = applied.listener().filter(address -> !leftOut.listeners().containsKey(address));
        closed.ifPresent(address -> leftOut = leftOut.listener(address, applied.reason()));
        return closed.isPresent();
    }

    /** The failure names none: what is left without applications must do, then they are tried one by one. */
    private void withoutAny(String reason) {
        LeftOut all = leftOut;
        for (String name : applications) {
            all = all.applications().containsKey(name) ? all : all.application(name, reason);
        }
        LeftOut bare = all;
        apply(bare, applied -> {
            if (applied.done()) {
                Deque<String> untried = new ArrayDeque<>(applications);
                untried.removeAll(leftOut.applications().keySet());
                leftOut = bare;
                oneByOne(untried);
            } else if (close(applied)) {
                withoutAny(reason);
            } else {
                fail(applied);
            }
        });
    }

    private void oneByOne(Deque<String> untried) {
        if (untried.isEmpty()) {
            done();
            return;
        }
        String name = untried.removeFirst();
        LeftOut others = leftOut.serving(name);
        apply(others, applied -> {
            if (!applied.judged()) {
                fail(applied);
                return;
            }
            leftOut = applied.done() ? others : leftOut.application(name, applied.reason());
            oneByOne(untried);
        });
    }

    private void apply(LeftOut without, Consumer<Applied> next) {
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.router().apply(root, compact, without)),
            (applied, failure) -> next.accept(failure == null ? applied
                : failure instanceof RouterCalls.Gone ? Applied.unjudged(WorkQueue.reason(failure))
                : Applied.failure(WorkQueue.reason(failure))));
    }

    private void done() {
        result.complete(new Result(Optional.empty(), Optional.empty(), true, leftOut));
    }

    private void fail(Applied applied) {
        result.complete(new Result(Optional.empty(), Optional.of(applied.reason()), applied.judged(), leftOut));
    }
}
