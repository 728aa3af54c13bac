// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.http.ExchangeHandler;
import io.margay.log.ErrorLog;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * All that a configuration says about where requests go, compiled with the extensions of one moment. What requests
 * meet is immutable and shared by all loops; the life of the plan (compile, {@link #start}, {@link #commit},
 * {@link #close}) belongs to the control thread.
 */
public final class RoutePlan implements AutoCloseable {
    private final ConfObject configuration;
    private final Extensions extensions;
    private final Map<String, Section> sections;
    private final Map<String, ListenerHandler> listeners;
    private final Owned owned;
    private boolean closed;

    RoutePlan(ConfObject configuration, Extensions extensions, Map<String, Section> sections,
              Map<String, ListenerHandler> listeners, Owned owned) {
        this.configuration = configuration;
        this.extensions = extensions;
        this.sections = new TreeMap<>(sections);
        this.listeners = Map.copyOf(listeners);
        this.owned = owned;
    }

    /** Begins a plan that is made with these extensions. */
    public static Builder with(Extensions extensions, ErrorLog log) {
        return new Builder(extensions, log);
    }

    /**
     * Compiles a configuration with all its parts.
     *
     * @param configuration the object {@code config}
     * @param previous the plan in force, from which sections take over what has not changed
     * @throws RouteException if a part is invalid or needs something that is not installed
     */
    public static RoutePlan compile(ConfObject configuration, Extensions extensions, Optional<RoutePlan> previous,
                                    ErrorLog log) {
        return with(extensions, log).previous(previous).compile(configuration);
    }

    /** Addresses of all listeners that serve. */
    public Set<String> addresses() {
        return listeners.keySet();
    }

    /** What requests to the listener get; empty if there is no such listener. */
    public Optional<ExchangeHandler> handler(String address) {
        return Optional.ofNullable(listeners.get(address));
    }

    /**
     * The way of a request that is only assumed, by what those to the listener are routed with; nothing is done with
     * it. On the control thread.
     *
     * @param request {@code listener}, {@code uri} and perhaps more, as {@link AssumedRequest} reads it
     * @throws IllegalArgumentException if there can be no such request; the message is for who has asked
     */
    public ConfObject explain(ConfObject request) {
        AssumedRequest assumed = AssumedRequest.of(request, serving());
        return new Explanation(new AssumedExchange(assumed)).of(listeners.get(assumed.listener()));
    }

    /** The configuration of the listeners that serve. */
    private ConfObject serving() {
        ConfObject.Builder serving = ConfObject.builder();
        configuration.object("listeners").orElse(ConfObject.EMPTY).members().forEach((address, value) -> {
            if (listeners.containsKey(address)) {
                serving.put(address, value);
            }
        });
        return serving.build();
    }

    /** What sections show in {@code GET /status}, by name. On the control thread. */
    public Map<String, Conf> status() {
        Map<String, Conf> all = new TreeMap<>();
        sections.forEach((pointer, section) -> section.status().ifPresent(value ->
            all.put(pointer.substring(pointer.lastIndexOf('/') + 1), value)));
        return all;
    }

    /** The compiled section of a pointer; empty if no extension has it. */
    public Optional<Section> section(String pointer) {
        return Optional.ofNullable(sections.get(pointer));
    }

    /** What the plan was compiled from. */
    public ConfObject configuration() {
        return configuration;
    }

    /** What the plan was compiled with. */
    public Extensions extensions() {
        return extensions;
    }

    /**
     * Starts the sections, one after the other. When that fails the plan can only be closed. A plan that is closed
     * meanwhile starts no further section, and the stage fails.
     *
     * @param control runs tasks on the control thread
     */
    public CompletionStage<Void> start(Executor control) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        startNext(sections.entrySet().iterator(), control, done);
        return done;
    }

    private void startNext(Iterator<Map.Entry<String, Section>> left, Executor control, CompletableFuture<Void> done) {
        if (closed) {
            done.completeExceptionally(new IllegalStateException("the configuration was given up"));
            return;
        }
        if (!left.hasNext()) {
            done.complete(null);
            return;
        }
        CompletionStage<Void> started;
        try {
            started = left.next().getValue().start();
        } catch (RuntimeException | LinkageError e) {
            done.completeExceptionally(e);
            return;
        }
        started.whenComplete((nothing, failure) -> {
            if (failure != null) {
                done.completeExceptionally(failure);
            } else {
                control.execute(() -> startNext(left, control, done));
            }
        });
    }

    /** Tells the sections that the plan is in force. What one of them throws does not keep the others from it. */
    public void commit() {
        sections.forEach((pointer, section) -> {
            try {
                section.commit();
            } catch (RuntimeException | LinkageError e) {
                Guard.report(extensions.sections().get(pointer), owned.log(), "failed when it came into force: " + e);
            }
        });
    }

    /** Closes all that the plan owns, in reverse order; a second call does nothing. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            owned.close();
        }
    }

    /** What a plan is made with; one thread at a time. */
    public static final class Builder {
        private final Extensions extensions;
        private final ErrorLog log;
        private Optional<RoutePlan> previous = Optional.empty();
        private Set<ConfPointer> leftOut = Set.of();

        private Builder(Extensions extensions, ErrorLog log) {
            this.extensions = extensions;
            this.log = log;
        }

        /** The plan in force, from which sections take over what has not changed. */
        public Builder previous(Optional<RoutePlan> inForce) {
            previous = inForce;
            return this;
        }

        /** Parts that are configured and not to serve: applications, listeners. */
        public Builder leaveOut(Collection<ConfPointer> parts) {
            leftOut = Set.copyOf(parts);
            return this;
        }

        /**
         * Compiles. When that fails, what was made is closed.
         *
         * @param configuration the object {@code config}
         * @throws RouteException if a part is invalid or needs something that is not installed
         */
        public RoutePlan compile(ConfObject configuration) {
            return new PlanCompiler(configuration, this).compile();
        }

        Extensions extensions() {
            return extensions;
        }

        ErrorLog log() {
            return log;
        }

        Optional<RoutePlan> previous() {
            return previous;
        }

        Set<ConfPointer> leftOut() {
            return leftOut;
        }
    }
}
