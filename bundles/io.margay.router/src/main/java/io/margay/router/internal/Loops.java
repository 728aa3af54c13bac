// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.http.HttpCounters;
import io.margay.http.HttpLoop;
import io.margay.http.Protocol;
import io.margay.http.Protocols;
import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * The threads that serve clients. Their number follows {@code listen_threads}; one that is not wanted any more stops
 * accepting and idles, since its connections go on and its counters count. Used on the control loop, which is none of
 * them: what is read and compiled there holds up no client.
 */
final class Loops {

    private final String version;
    private final IntFunction<EventLoops> maker;
    private final ErrorLog log;
    private final List<EventLoops> owners = new ArrayList<>();
    private final List<EventLoop> engines = new ArrayList<>();
    private final List<HttpLoop> http = new ArrayList<>();
    private final List<Consumer<HttpLoop>> watchers = new ArrayList<>();
    private Protocols protocols = Protocols.of(List.of());
    /** What connections speak, with the revisions of the bundles that it is from. */
    private final Map<Protocol, Integer> spoken = new IdentityHashMap<>();

    /**
     * None yet.
     *
     * @param maker makes one loop, by its number
     */
    Loops(String version, IntFunction<EventLoops> maker, ErrorLog log) {
        this.version = version;
        this.maker = maker;
        this.log = log;
    }

    /** Makes sure that there are so many. */
    void grow(int count) {
        while (engines.size() < count) {
            EventLoops made = maker.apply(engines.size());
            owners.add(made);
            engines.add(made.loop(0));
            HttpLoop loop = new HttpLoop(made.loop(0).netty(), http.size(), version, log);
            http.add(loop);
            List.copyOf(watchers).forEach(watcher -> watcher.accept(loop));
        }
    }

    /** Shows those that there are, and those that will be made, until the result is run. */
    Runnable each(Consumer<HttpLoop> watcher) {
        http.forEach(watcher);
        watchers.add(watcher);
        return () -> watchers.remove(watcher);
    }

    /** Ends those that were made for a configuration that has not come into force; they have served nobody. */
    void shrink(int count) {
        while (engines.size() > count) {
            engines.removeLast();
            http.removeLast();
            owners.removeLast().shutdown();
        }
    }

    /** Ends all of them; their connections are closed. Completes when the threads have ended. */
    CompletionStage<Void> end() {
        CompletableFuture<?>[] ends = owners.stream().map(EventLoops::shutdown)
            .map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(ends);
    }

    /** The first of them. */
    List<HttpLoop> http(int count) {
        return List.copyOf(http.subList(0, count));
    }

    /** All of them, those that are not wanted any more included. */
    List<HttpLoop> http() {
        return List.copyOf(http);
    }

    /** All of them, as the engine knows them. */
    List<EventLoop> engines() {
        return List.copyOf(engines);
    }

    /** The protocols that bundles offer now, for the next configuration. */
    Protocols next(Collection<Protocol> offered) {
        return protocols.next(List.copyOf(offered));
    }

    /**
     * New connections speak these from now on; those that exist go on with what they have.
     *
     * @param revisions of the bundles of the next ones
     * @param control the control loop
     * @return completes there when no connection speaks what is not among the next ones
     */
    CompletionStage<Void> speak(Protocols next, Map<Protocol, Integer> revisions, Executor control) {
        List<Protocol> leaving = new ArrayList<>(protocols.all());
        leaving.removeAll(next.all());
        CompletionStage<Void> left = protocols.replacedBy(next);
        protocols = next;
        spoken.putAll(revisions);
        return left.thenRunAsync(() -> leaving.forEach(spoken::remove), control);
    }

    /** Whether connections speak what a revision has brought. */
    boolean speaks(int revision) {
        return spoken.containsValue(revision);
    }

    /** Completes when none of them has a connection. */
    CompletionStage<Void> empty() {
        return CompletableFuture.allOf(http.stream().map(HttpLoop::empty).map(CompletionStage::toCompletableFuture)
            .toArray(CompletableFuture<?>[]::new));
    }

    /** Ends the connections that wait for a request. */
    void leaveIdle() {
        http.forEach(HttpLoop::leaveIdle);
    }

    /** The sums of all loops. */
    HttpCounters.Totals totals() {
        HttpCounters.Totals totals = HttpCounters.Totals.ZERO;
        for (HttpLoop loop : http) {
            totals = totals.plus(loop.counters().totals());
        }
        return totals;
    }
}
