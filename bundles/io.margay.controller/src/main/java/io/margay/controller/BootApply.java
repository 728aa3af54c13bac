// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.schema.Problem;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Brings a stored configuration into force as far as it goes: an application that is invalid or does not start is left
 * out, and the others serve. Used on the loop's thread only.
 */
final class BootApply {

    /**
     * How far it went.
     *
     * @param invalid the problem that makes the whole unusable
     * @param failure why nothing could be applied
     * @param leftOut the applications that do not serve, with the reason
     */
    record Result(Optional<Problem> invalid, Optional<String> failure, Map<String, String> leftOut) {

        boolean isInForce() {
            return invalid.isEmpty() && failure.isEmpty();
        }
    }

    private final ControlParts parts;
    private final BiFunction<ConfObject, Set<String>, Optional<Problem>> validation;
    private final ConfObject root;
    private final byte[] compact;
    private final Set<String> applications;
    private final Map<String, String> leftOut = new LinkedHashMap<>();
    private final CompletableFuture<Result> result = new CompletableFuture<>();

    /**
     * Prepares, without doing anything.
     *
     * @param validation tells the first problem, not looking into the applications named
     */
    BootApply(ControlParts parts, BiFunction<ConfObject, Set<String>, Optional<Problem>> validation, ConfObject root) {
        this.parts = parts;
        this.validation = validation;
        this.root = root;
        this.compact = ConfWriter.compact(root);
        this.applications = new LinkedHashSet<>(
            root.object("applications").map(apps -> apps.members().keySet()).orElse(Set.of()));
    }

    /** Validates and applies; at most two attempts more than there are applications. */
    CompletionStage<Result> run() {
        Optional<Problem> problem = validation.apply(root, leftOut.keySet());
        while (problem.isPresent()) {
            var place = problem.get().path().segments();
            boolean inApplication = place.size() >= 2 && place.get(0).equals("applications");
            if (!inApplication || leftOut.putIfAbsent(place.get(1), problem.get().detail()) != null) {
                result.complete(new Result(problem, Optional.empty(), leftOut));
                return result;
            }
            problem = validation.apply(root, leftOut.keySet());
        }
        whole();
        return result;
    }

    /** With each failure that names an application one more is left out. */
    private void whole() {
        apply(leftOut.keySet(), applied -> {
            Optional<String> broken = applied.application()
                .filter(name -> applications.contains(name) && !leftOut.containsKey(name));
            if (applied.done()) {
                done();
            } else if (broken.isPresent()) {
                leftOut.put(broken.get(), applied.reason());
                whole();
            } else if (leftOut.size() < applications.size()) {
                withoutAny(applied.reason());
            } else {
                fail(applied.reason());
            }
        });
    }

    /** The failure names none: what is left without applications must do, then they are tried one by one. */
    private void withoutAny(String reason) {
        apply(applications, applied -> {
            if (!applied.done()) {
                fail(applied.reason());
                return;
            }
            Deque<String> untried = new ArrayDeque<>(applications);
            untried.removeAll(leftOut.keySet());
            untried.forEach(name -> leftOut.put(name, reason));
            oneByOne(untried);
        });
    }

    private void oneByOne(Deque<String> untried) {
        if (untried.isEmpty()) {
            done();
            return;
        }
        String name = untried.removeFirst();
        Set<String> others = new LinkedHashSet<>(leftOut.keySet());
        others.remove(name);
        apply(others, applied -> {
            if (applied.done()) {
                leftOut.remove(name);
            } else {
                leftOut.put(name, applied.reason());
            }
            oneByOne(untried);
        });
    }

    private void apply(Set<String> without, Consumer<Applied> next) {
        Set<String> copy = Set.copyOf(without);
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.applier().apply(compact, copy)),
            (applied, failure) -> next.accept(failure == null ? applied
                : Applied.failure(WorkQueue.reason(failure))));
    }

    private void done() {
        result.complete(new Result(Optional.empty(), Optional.empty(), leftOut));
    }

    private void fail(String reason) {
        result.complete(new Result(Optional.empty(), Optional.of(reason), leftOut));
    }
}
