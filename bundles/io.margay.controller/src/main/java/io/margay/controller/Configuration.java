// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.schema.Facts;
import io.margay.schema.ModuleTypes;
import io.margay.schema.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The configuration in force and how it changes ({@code spec/control-api.md §6, §7}). On the loop's thread only. */
final class Configuration {
    private static final int MAX_SIZE = 64 << 20;
    private static final ConfObject INITIAL = ConfObject.builder().put("listeners", ConfObject.EMPTY)
        .put("routes", ConfArray.EMPTY).put("applications", ConfObject.EMPTY).build();

    private final ControlParts parts;
    private ConfObject current = INITIAL;
    private LeftOut leftOut = LeftOut.NOTHING;
    private Runnable closed = () -> { };

    Configuration(ControlParts parts) {
        this.parts = parts;
    }

    ConfObject current() {
        return current;
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
    CompletionStage<Reply> openListeners() {
        return leftOut.listeners().isEmpty() ? reply(Reply.success("Ok"))
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
    CompletionStage<Reply> reapply() {
        return reapply(LeftOut.NOTHING);
    }

    private CompletionStage<Reply> reapply(LeftOut untried) {
        return applyPartly(current, untried).thenApply(result -> {
            if (!result.isInForce()) {
                String reason = result.failure().or(() -> result.invalid().map(Problem::detail)).orElse("");
                parts.log().alert("failed to apply the configuration again: " + reason);
                return Reply.error(500, "Failed to apply new configuration.", reason);
            }
            return Reply.success("Ok");
        });
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
        return WorkQueue.guarded(() -> new BootApply(parts, this::validate, root, untried).run())
            .thenApplyAsync(result -> {
                if (result.isInForce()) {
                    current = root;
                    result.leftOut().report(leftOut, parts.log());
                    leftOut(result.leftOut());
                }
                return result;
            }, parts.loop());
    }

    private void leftOut(LeftOut now) {
        leftOut = now;
        if (!now.listeners().isEmpty()) {
            closed.run();
        }
    }

    private Optional<Problem> validate(ConfObject root, Set<String> without) {
        return parts.schema().get().validate(root, new Without(parts.facts(), Set.copyOf(without)));
    }

    /** Carries out one request to change something; the order of checks is that of §6.3. */
    CompletionStage<Reply> change(Request request, List<String> path) {
        ConfEdit.Result edited;
        try {
            edited = switch (request.method()) {
                case "PUT" -> ConfEdit.put(current, path, ConfParser.parse(request.body()));
                case "POST" -> ConfEdit.post(current, path, ConfParser.parse(request.body()));
                default -> ConfEdit.delete(current, path);
            };
        } catch (ConfSyntaxException e) {
            return reply(Reply.invalidJson(e));
        }
        return switch (edited.outcome()) {
            case NOT_FOUND -> reply(Reply.missing());
            case NOT_ALLOWED -> reply(Reply.methodNotAllowed());
            case TOO_DEEP -> reply(tooMuch("JSON nesting exceeds the maximum supported depth."));
            case TOO_LARGE -> reply(tooMuch("JSON value has too many elements."));
            case DONE -> replace(request, edited.root());
        };
    }

    private CompletionStage<Reply> replace(Request request, Conf root) {
        LeftOut stillOut = leftOut.unchanged(current, root);
        Optional<Problem> problem = parts.schema().get().validate(root,
            new Without(parts.facts(), stillOut.applications().keySet()));
        if (problem.isPresent()) {
            return reply(Reply.invalidConfiguration(problem.get()));
        }
        byte[] compact = ConfWriter.compact(root);
        if (compact.length > MAX_SIZE) {
            return reply(tooMuch("The configuration exceeds " + MAX_SIZE + " bytes."));
        }
        CompletableFuture<Reply> done = new CompletableFuture<>();
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.applier().apply(compact, stillOut)),
            (applied, failure) -> {
                if (failure != null || !applied.done()) {
                    String reason = failure == null ? applied.reason() : WorkQueue.reason(failure);
                    parts.log().alert("failed to apply new conf" + (reason.isEmpty() ? "" : ": " + reason));
                    done.complete(reason.isEmpty() ? Reply.error(500, "Failed to apply new configuration.")
                        : Reply.error(500, "Failed to apply new configuration.", reason));
                    return;
                }
                current = (ConfObject) root;
                leftOut(stillOut);
                parts.log().info("configuration changed: " + request.method() + " " + printable(request.target())
                    + " by " + request.peer());
                store(compact, done);
            });
        return done;
    }

    private void store(byte[] compact, CompletableFuture<Reply> done) {
        WorkQueue.then(parts.loop(), WorkQueue.guarded(() -> parts.store().store(compact)), (ignored, failure) -> {
            if (failure == null) {
                done.complete(Reply.success("Reconfiguration done."));
            } else {
                String reason = WorkQueue.reason(failure);
                done.complete(Reply.successBut("Reconfiguration done.",
                    "The configuration is not stored and will be lost at the next start: " + reason));
            }
        });
    }

    private static Reply tooMuch(String detail) {
        return Reply.invalidConfiguration(new Problem(detail, ConfPointer.ROOT, Optional.empty()));
    }

    private static CompletionStage<Reply> reply(Reply reply) {
        return CompletableFuture.completedFuture(reply);
    }

    private static String printable(String target) {
        String shown = target.length() > 200 ? target.substring(0, 200) + "..." : target;
        return shown.replaceAll("[^\\x21-\\x7E]", "?");
    }

    /** The facts, with applications that are not to be looked into. */
    private record Without(Facts facts, Set<String> applications) implements Facts {

        @Override
        public ModuleTypes modules() {
            return facts.modules();
        }

        @Override
        public boolean certificate(String name) {
            return facts.certificate(name);
        }

        @Override
        public boolean script(String name) {
            return facts.script(name);
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
