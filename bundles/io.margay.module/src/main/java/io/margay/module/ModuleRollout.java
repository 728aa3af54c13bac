// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.log.ErrorLog;
import io.margay.process.ProcessEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Brings what counts into controller and router, in all of them or in none. The router is told first what comes and
 * last what goes, so that the controller never accepts an option that the router cannot serve. On main's loop, one
 * change at a time.
 */
final class ModuleRollout {

    private static final String ROUTER = ModuleNews.ROUTER;
    private static final String CONTROLLER = ModuleNews.CONTROLLER;

    private final ModuleNews news;
    private final ModuleFacts facts;
    private final ErrorLog journal;

    ModuleRollout(ModuleNews news, ModuleFacts facts, ErrorLog journal) {
        this.news = news;
        this.facts = facts;
        this.journal = journal;
    }

    static boolean concerns(ProcessEntry entry) {
        return isRouter(entry) || entry.type().is(CONTROLLER);
    }

    static boolean isRouter(ProcessEntry entry) {
        return entry.type().is(ROUTER);
    }

    /** Whether there is a router that works with a bundle, and so has to let go of it. */
    boolean routerHas(ModuleRevision module) {
        return news.process(ROUTER).filter(entry -> use(entry, module) != ExtensionKind.Use.NONE).isPresent();
    }

    /** Whether no other router serves. */
    boolean isOnlyRouter(ProcessEntry entry) {
        return news.processes(ROUTER).stream().allMatch(entry::equals);
    }

    CompletionStage<Optional<List<String>>> users(ModuleRevision module) {
        return users(module, false);
    }

    /**
     * Who uses a bundle; a part of the server has no users that could be named.
     *
     * @param leave whether applications that use it are left out of service, and not named then
     */
    CompletionStage<Optional<List<String>>> users(ModuleRevision module, boolean leave) {
        return module.part().isPresent() ? CompletableFuture.completedFuture(Optional.of(List.of()))
            : news.users(module, leave);
    }

    /** The router gives up what it has parked. */
    CompletionStage<Void> unpark(Collection<ModuleRevision> current) {
        return each(ROUTER, router -> news.unpark(router, current, facts.facts(current))).thenApply(reason -> null);
    }

    private static ExtensionKind.Use use(ProcessEntry entry, ModuleRevision module) {
        ExtensionKind.Use most = ExtensionKind.Use.NONE;
        for (Extension extension : module.extensions()) {
            ExtensionKind.Use use = isRouter(entry) ? extension.kind().router() : extension.kind().controller();
            most = use.compareTo(most) > 0 ? use : most;
        }
        return most;
    }

    // ---- one change -----------------------------------------------------------

    /**
     * Brings a new one, perhaps in the place of another.
     *
     * @param current what counts now
     * @return fails with the reason of the process that cannot use it; then nothing has changed
     */
    CompletionStage<Void> introduce(ModuleRevision module, Optional<ModuleRevision> before,
            Collection<ModuleRevision> current) {
        List<ModuleRevision> next = new ArrayList<>(current);
        before.ifPresent(next::remove);
        next.add(module);
        return offer(ROUTER, module)
            .thenCompose(reason -> reason.isPresent() ? some(reason) : offer(CONTROLLER, module))
            .thenCompose(reason -> reason.isPresent() ? some(reason) : change(ROUTER, next))
            .thenCompose(reason -> reason.isPresent() ? some(reason) : change(CONTROLLER, next))
            .thenCompose(reason -> reason.isEmpty() ? CompletableFuture.completedFuture(null)
                : again(before).thenCompose(again -> settle(current)).thenApply(settled -> {
                    throw new ModuleException(reason.get());
                }));
    }

    /**
     * Takes one away.
     *
     * @param rest what counts without it
     * @param current what counts now
     * @return completes with the reason why it has to stay; then nothing has changed
     */
    CompletionStage<Optional<String>> withdraw(ModuleRevision module, Collection<ModuleRevision> rest,
            Collection<ModuleRevision> current) {
        return change(CONTROLLER, rest)
            .thenCompose(reason -> reason.isPresent() ? some(reason) : change(ROUTER, rest))
            .thenCompose(reason -> reason.isEmpty() ? some(reason) : again(Optional.of(module))
                .thenCompose(again -> settle(current)).thenApply(settled -> reason));
    }

    /** Who has let go of it already gets it again. */
    private CompletionStage<Optional<String>> again(Optional<ModuleRevision> before) {
        return before.map(module -> offer(ROUTER, module).thenCompose(router -> offer(CONTROLLER, module)))
            .orElse(some(Optional.empty()));
    }

    private CompletionStage<Optional<String>> offer(String type, ModuleRevision module) {
        return each(type, entry -> offer(entry, module));
    }

    /** One after the other; completes with the first reason. */
    private CompletionStage<Optional<String>> each(String type,
            Function<ProcessEntry, CompletionStage<Optional<String>>> work) {
        CompletionStage<Optional<String>> all = some(Optional.empty());
        for (ProcessEntry entry : news.processes(type)) {
            all = all.thenCompose(reason -> reason.isPresent() ? some(reason) : work.apply(entry));
        }
        return all;
    }

    private CompletionStage<Optional<String>> offer(ProcessEntry entry, ModuleRevision module) {
        ExtensionKind.Use use = use(entry, module);
        return use == ExtensionKind.Use.NONE ? some(Optional.empty()) : news.offer(entry, module, use);
    }

    private CompletionStage<Optional<String>> change(String type, Collection<ModuleRevision> next) {
        return each(type, entry -> news.change(entry, next, facts.facts(next)));
    }

    static CompletionStage<Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    private static CompletionStage<Optional<String>> some(Optional<String> reason) {
        return CompletableFuture.completedFuture(reason);
    }

    /** What counts is told as it is; that a process does not take it is a fault, since it has had it before. */
    CompletionStage<Void> settle(Collection<ModuleRevision> current) {
        return change(ROUTER, current).thenCompose(router -> {
            router.ifPresent(reason -> journal.alert("the router does not take the extensions: " + reason));
            return change(CONTROLLER, current).thenAccept(controller -> controller.ifPresent(reason ->
                journal.alert("the controller does not take the extensions: " + reason)));
        });
    }

    // ---- all at once ------------------------------------------------------------

    /**
     * Tells a process that knows nothing yet.
     *
     * @return completes with what it cannot use, and why; when there is such, it is to be settled without it
     */
    CompletionStage<Map<ModuleRevision, String>> tell(ProcessEntry entry, Collection<ModuleRevision> current) {
        Map<ModuleRevision, String> refused = new LinkedHashMap<>();
        return offerAll(entry, current.iterator(), refused).thenCompose(offered -> !refused.isEmpty()
            ? CompletableFuture.completedFuture(refused)
            : news.change(entry, current, facts.facts(current)).thenApply(reason -> {
                reason.ifPresent(text ->
                    journal.alert("the " + entry.name() + " does not take the extensions: " + text));
                return refused;
            }));
    }

    private CompletionStage<Void> offerAll(ProcessEntry entry, Iterator<ModuleRevision> modules,
            Map<ModuleRevision, String> refused) {
        if (!modules.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        ModuleRevision module = modules.next();
        return offer(entry, module).thenCompose(reason -> {
            reason.ifPresent(text -> refused.put(module, text));
            return offerAll(entry, modules, refused);
        });
    }

    /** Tells all that are there everything; as {@link #tell}. */
    CompletionStage<Map<ModuleRevision, String>> first(Collection<ModuleRevision> current) {
        CompletionStage<Map<ModuleRevision, String>> all = CompletableFuture.completedFuture(new LinkedHashMap<>());
        for (String type : List.of(ROUTER, CONTROLLER)) {
            all = all.thenCompose(refused -> news.process(type).map(entry -> tell(entry, current)
                .thenApply(more -> {
                    refused.putAll(more);
                    return refused;
                })).orElse(CompletableFuture.completedFuture(refused)));
        }
        return all;
    }
}
