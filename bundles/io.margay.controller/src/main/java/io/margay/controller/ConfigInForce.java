// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.control.ControlReply;
import io.margay.schema.Facts;
import io.margay.schema.ModuleTypes;
import io.margay.schema.Problem;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The configuration in force and how it changes ({@code spec/control-api.md §6, §7}). On the loop's thread only. */
final class ConfigInForce {
    private static final ConfObject INITIAL = ConfObject.builder().put("listeners", ConfObject.EMPTY)
        .put("routes", ConfArray.EMPTY).put("applications", ConfObject.EMPTY).build();

    private static final String UNSUPPORTED = "No installed bundle supports";
    /** Users of an extension that are named. */
    private static final int MAX_USES = 32;

    private final ControlParts parts;
    private final Happenings happenings;
    private final Promises promises;
    private ConfObject current = INITIAL;
    private LeftOut leftOut = LeftOut.NOTHING;
    private Optional<EntityTag> tag = Optional.empty();
    private Runnable closed = () -> { };
    private boolean leaving;
    private Optional<ConfObject> coming = Optional.empty();
    private Optional<ConfObject> fallback = Optional.empty();
    private OptionalLong revision = OptionalLong.empty();
    private boolean known;
    private boolean served;

    ConfigInForce(ControlParts parts, Happenings happenings, Promises promises) {
        this.parts = parts;
        this.happenings = happenings;
        this.promises = promises;
    }

    Happenings happenings() {
        return happenings;
    }

    ConfObject current() {
        return current;
    }

    /** Whether {@link #current} is what is or will be in force, although the router may not have it yet. */
    boolean isKnown() {
        return known;
    }

    /** Whether the router that is there has {@link #current}. */
    boolean isServed() {
        return served;
    }

    /** The router has gone; the next one has nothing yet. */
    void routerGone() {
        served = false;
    }

    /** There is nothing to restore. */
    void nothingIsStored() {
        known = true;
    }

    /** The tag of the configuration in force. */
    EntityTag tag() {
        if (tag.isEmpty()) {
            tag = Optional.of(EntityTag.of(ConfWriter.compact(current)));
        }
        return tag.get();
    }

    /** The router has another one now. */
    void inForce(ConfObject root, LeftOut without) {
        current = root;
        leftOut = without;
        tag = Optional.empty();
        if (!without.listeners().isEmpty()) {
            closed.run();
        }
        promises.inForce(root);
    }

    /** Somebody who gets certificates has come. */
    void tellProviders() {
        promises.inForce(current);
    }

    /** The router is asked to take another one; nobody knows yet whether it will. */
    void coming(Optional<ConfObject> root) {
        coming = root;
    }

    /** The one that comes back unless the configuration in force is confirmed; empty when it need not be. */
    void fallback(Optional<ConfObject> root) {
        fallback = root;
    }

    /** Whether the configuration in force has something, or the one that is being applied or may come back. */
    boolean mentions(Predicate<ConfObject> something) {
        return something.test(current) || coming.filter(something).isPresent()
            || fallback.filter(something).isPresent();
    }

    /** Whether somebody who gets certificates needs a stored one, for one of the same configurations. */
    boolean needs(String certificate) {
        return mentions(root -> promises.uses(root, certificate));
    }

    /**
     * Where options of certain readers are used, as JSON Pointers: in the configuration in force, in the one that is
     * being applied, and in the one that may come back.
     */
    Set<String> uses(Set<String> readers) {
        Set<String> places = new LinkedHashSet<>();
        Stream.concat(Stream.of(current), Stream.concat(coming.stream(), fallback.stream()))
            .forEach(root -> uses(root, readers, places));
        return places;
    }

    /** Validates as if the readers were not here, and leaves out what is found until nothing is. */
    private void uses(ConfObject root, Set<String> readers, Set<String> places) {
        Facts without = new Without(parts.facts(), Set.of(), true, readers, Set.of());
        Conf rest = root;
        for (int i = 0; i < MAX_USES; i++) {
            Optional<Problem> problem = parts.schema().get().validate(rest, without);
            List<String> segments = problem.map(found -> found.path().segments()).orElse(List.of());
            if (segments.isEmpty()) {
                return;
            }
            if (problem.get().detail().startsWith(UNSUPPORTED)) {
                places.add(problem.get().path().toString());
            }
            ConfEdit.Result edited = ConfEdit.delete(rest, segments);
            if (edited.outcome() != ConfEdit.Outcome.DONE) {
                return;
            }
            rest = edited.root();
        }
    }

    /** The number of the configuration in force; empty while it is not stored, or has none. */
    OptionalLong revision() {
        return revision;
    }

    /** The configuration in force has another number now, or none. */
    void storedAs(OptionalLong number) {
        revision = number;
    }

    /**
     * Brings one that was in force before into force again, as far as it goes.
     *
     * @return completes with the reason when the one of now stays
     */
    CompletionStage<Optional<String>> restore(ConfObject root) {
        return restore(root, LeftOut.NOTHING);
    }

    private CompletionStage<Optional<String>> restore(ConfObject root, LeftOut untried) {
        return applyPartly(root, untried).thenApply(result -> result.isInForce() ? Optional.empty()
            : Optional.of(result.failure().or(() -> result.invalid().map(Problem::detail)).orElse("")));
    }

    /** An application that was left out serves again. */
    void restarted(String application) {
        leftOut = leftOut.serving(application);
    }

    /** What does not serve although it is configured. */
    LeftOut leftOut() {
        return leftOut;
    }

    /** Sets what happens when listeners are left out; it is called again after each change that leaves them so. */
    void whenClosed(Runnable action) {
        closed = action;
    }

    /** Tries again to open the listeners that are left out; nothing else changes. */
    CompletionStage<ControlReply> openListeners() {
        return leftOut.listeners().isEmpty() ? CompletableFuture.completedFuture(ControlReply.success("Ok"))
            : reapply(new LeftOut(leftOut.applications(), Map.of()));
    }

    /**
     * Brings a stored configuration into force, or the initial one when it cannot be used.
     *
     * @param rejected takes a stored configuration that cannot be used at all
     */
    CompletionStage<Void> start(Optional<byte[]> stored, Runnable rejected) {
        if (stored.isEmpty()) {
            return initial();
        }
        Conf parsed;
        try {
            parsed = ConfParser.parse(stored.get());
        } catch (ConfSyntaxException e) {
            parts.log().alert("failed to restore previous configuration: file is corrupted or not enough memory");
            rejected.run();
            return initial();
        }
        if (!(parsed instanceof ConfObject root)) {
            parts.log().alert("the previous configuration is invalid: "
                + parts.schema().get().validate(parsed, parts.facts()).map(Problem::detail).orElse(""));
            rejected.run();
            return initial();
        }
        CompletableFuture<Void> started = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), applyPartly(root, LeftOut.NOTHING), (result, failure) -> {
            if (failure == null && result.isInForce()) {
                started.complete(null);
                return;
            }
            if (failure == null && !result.judged()) {
                // It is as good as it was: the next router gets it as soon as it is there.
                parts.log().warn("the previous configuration is applied when the router is back: "
                    + result.failure().orElse(""));
                inForce(root, LeftOut.NOTHING);
                started.complete(null);
                return;
            }
            if (failure == null && result.invalid().isPresent()) {
                parts.log().alert("the previous configuration is invalid: " + result.invalid().get().detail());
            } else {
                String reason = failure == null ? result.failure().orElse("") : WorkQueue.reason(failure);
                parts.log().alert("failed to apply previous configuration" + (reason.isEmpty() ? "" : ": " + reason));
            }
            rejected.run();
            WorkQueue.then(parts.loop(), initial(), (ignored, again) -> started.complete(null));
        });
        return started;
    }

    /** Applies the configuration in force once more, to a new router or when more languages are known. */
    CompletionStage<ControlReply> reapply() {
        return reapply(LeftOut.NOTHING);
    }

    /** The same without some applications, which are tried again with the next one. */
    CompletionStage<ControlReply> reapplyWithout(Set<String> applications, String reason) {
        LeftOut without = leftOut;
        for (String name : applications) {
            without = without.application(name, reason);
        }
        return reapply(without);
    }

    /**
     * Gives the configuration in force, as far as it serves, to a router that is to take the place of the one that has
     * it.
     *
     * @return completes with the reason why that cannot have it; then nothing has changed
     */
    CompletionStage<Optional<String>> applyNext() {
        if (!served) {
            return CompletableFuture.completedFuture(Optional.of("the router that is there has no configuration yet"));
        }
        return WorkQueue.guarded(() -> parts.router().applyNext(current, ConfWriter.compact(current), leftOut))
            .thenApply(applied -> applied.done() ? Optional.empty() : Optional.of(applied.reason()));
    }

    /** The process ends: what cannot be finished is no fault. */
    void leave() {
        leaving = true;
    }

    private CompletionStage<ControlReply> reapply(LeftOut untried) {
        return restore(current, untried).thenApply(failure -> failure.map(reason -> {
            if (!leaving) {
                parts.log().alert("failed to apply the configuration again: " + reason);
            }
            return ControlReply.error(500, "Failed to apply new configuration.", reason);
        }).orElseGet(() -> ControlReply.success("Ok")));
    }

    private CompletionStage<Void> initial() {
        CompletableFuture<Void> started = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), applyPartly(INITIAL, LeftOut.NOTHING), (result, failure) -> {
            if (failure != null || !result.isInForce()) {
                parts.log().alert("failed to apply the initial configuration: "
                    + (failure != null ? WorkQueue.reason(failure) : result.failure().orElse("it is invalid")));
            }
            started.complete(null);
        });
        return started;
    }

    private CompletionStage<BootApply.Result> applyPartly(ConfObject root, LeftOut untried) {
        return WorkQueue.guarded(() -> new BootApply(parts, this::validateRestored, root, untried).run())
            .thenApplyAsync(result -> {
                if (result.isInForce()) {
                    result.leftOut().report(leftOut, parts.log());
                    happenings.restored(revision, current, root, result.leftOut());
                    inForce(root, result.leftOut());
                    served = true;
                }
                return result;
            }, parts.loop());
    }

    /** The first problem, not looking into the applications named. */
    Optional<Problem> validate(Conf root, Set<String> without) {
        return parts.schema().get().validate(root, new Without(parts.facts(), Set.copyOf(without), false, Set.of(),
            root instanceof ConfObject object ? promises.names(object) : Set.of()));
    }

    /** The same for one that was in force before: a listener that lost its certificate is no reason to lose all. */
    private Optional<Problem> validateRestored(Conf root, Set<String> without) {
        return parts.schema().get().validate(root, new Without(parts.facts(), Set.copyOf(without), true, Set.of(),
            Set.of()));
    }

    /** What stays left out when the configuration becomes {@code next}. */
    LeftOut stillLeftOut(Conf next) {
        return leftOut.unchanged(current, next);
    }

    /** The facts, with applications that are not to be looked into, and perhaps uploads taken for granted. */
    private record Without(Facts facts, Set<String> applications, boolean uploads, Set<String> readers,
            Set<String> promised) implements Facts {

        @Override
        public ModuleTypes modules() {
            return facts.modules();
        }

        @Override
        public boolean certificate(String name) {
            return uploads || promised.contains(name) || facts.certificate(name);
        }

        @Override
        public boolean key(String name) {
            return uploads || promised.contains(name) && !facts.certificate(name) || facts.key(name);
        }

        @Override
        public boolean script(String name) {
            return uploads || facts.script(name);
        }

        @Override
        public boolean reads(String reader) {
            return !readers.contains(reader) && facts.reads(reader);
        }

        @Override
        public int processors() {
            return facts.processors();
        }

        @Override
        public boolean leftOut(String application) {
            return applications.contains(application) || facts.leftOut(application);
        }

        @Override
        public Optional<String> regexProblem(String regex) {
            return facts.regexProblem(regex);
        }

        @Override
        public Optional<String> scriptProblem(String template) {
            return facts.scriptProblem(template);
        }
    }
}
