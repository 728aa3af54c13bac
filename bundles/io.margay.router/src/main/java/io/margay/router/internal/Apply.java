// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.dispatch.AppPool;
import io.margay.engine.Generation;
import io.margay.http.HttpBinding;
import io.margay.http.HttpSettings;
import io.margay.listen.Listener;
import io.margay.listen.TlsOptions;
import io.margay.listen.TlsService;
import io.margay.posix.PosixException;
import io.margay.route.RoutePlan;
import io.margay.route.SettingsReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * One change of the configuration, all or nothing ({@code spec/app-dispatch.md §9.2}): build, open sockets, start
 * applications, switch. Until the switch the configuration in force is not touched, and what was made for the new one
 * is taken back when a step fails. On the control loop.
 */
final class Apply {

    private final RouterParts parts;
    private final Configuration old;
    private final ConfObject conf;
    private final Set<String> leftOut;
    private final CompletableFuture<Configuration> result = new CompletableFuture<>();
    private final Map<String, AppPool> pools = new LinkedHashMap<>();
    private final List<AppPool> fresh = new ArrayList<>();
    private final Map<String, Listener> opened = new LinkedHashMap<>();
    private final Map<String, TlsService> services = new LinkedHashMap<>();
    private final Set<TlsService> kept = new HashSet<>();
    private final Generation generation = new Generation();
    private int threads;
    private HttpSettings settings;
    private RoutePlan plan;

    Apply(RouterParts parts, Configuration old, ConfObject conf, Set<String> leftOut) {
        this.parts = parts;
        this.old = old;
        this.conf = conf;
        this.leftOut = leftOut;
    }

    /** Does it; the failure's message is the reason. */
    CompletionStage<Configuration> run() {
        try {
            build();
            openNext(listeners().members().keySet().iterator());
        } catch (RuntimeException e) {
            fail(e);
        }
        return result;
    }

    private ConfObject listeners() {
        return conf.object("listeners").orElse(ConfObject.EMPTY);
    }

    private void build() {
        threads = (int) conf.object("settings").orElse(ConfObject.EMPTY).integer("listen_threads", parts.processors());
        settings = SettingsReader.read(conf, parts.temporaryDirectory());
        parts.loops().grow(threads);
        ConfObject applications = conf.object("applications").orElse(ConfObject.EMPTY);
        for (String name : applications.members().keySet()) {
            if (leftOut.contains(name)) {
                continue;
            }
            ConfObject application = applications.object(name).orElseThrow();
            Optional<AppPool> kept = Optional.ofNullable(old.pools().get(name))
                .filter(pool -> parts.loops().engines().size() == old.loops() && pool.spec().sameAs(parts.spec(name,
                    application)));
            if (kept.isEmpty()) {
                fresh.add(parts.pool(name, application));
            }
            pools.put(name, kept.orElseGet(fresh::getLast));
        }
        plan = parts.plan(conf, pools, leftOut);
    }

    private void openNext(Iterator<String> addresses) {
        while (addresses.hasNext()) {
            String address = addresses.next();
            if (!old.listeners().containsKey(address)) {
                int backlog = (int) listeners().object(address).orElse(ConfObject.EMPTY).integer("backlog", -1);
                parts.sockets().open(address, backlog).whenComplete((socket, failure) -> {
                    if (failure != null) {
                        fail(failure);
                        return;
                    }
                    try {
                        opened.put(address, Listener.open(socket, backlog, binding(address)));
                        openNext(addresses);
                    } catch (RuntimeException e) {
                        parts.sockets().unlink(address);
                        fail(e);
                    }
                });
                return;
            }
        }
        secure();
    }

    /** Listeners keep the TLS that they have when nothing of it has changed. */
    private void secure() {
        Map<String, TlsOptions> wanted = new LinkedHashMap<>();
        Map<String, TlsService> present = new LinkedHashMap<>();
        for (String address : listeners().members().keySet()) {
            options(address).ifPresent(options -> wanted.put(address, options));
        }
        if (wanted.isEmpty()) {
            startNext(fresh.iterator());
            return;
        }
        old.listeners().forEach((address, listener) -> listener.tls().ifPresent(tls -> present.put(address, tls)));
        parts.certificates().services(wanted, present).whenComplete((made, failure) -> {
            if (failure != null) {
                fail(new ApplyException(reason(failure)));
                return;
            }
            services.putAll(made);
            kept.addAll(present.values());
            startNext(fresh.iterator());
        });
    }

    private Optional<TlsOptions> options(String address) {
        return listeners().object(address).flatMap(TlsOptions::of);
    }

    private void startNext(Iterator<AppPool> starting) {
        if (!starting.hasNext()) {
            try {
                serve();
            } catch (RuntimeException e) {
                fail(e);
                return;
            }
            commit();
            return;
        }
        AppPool pool = starting.next();
        pool.start().whenComplete((ok, failure) -> parts.control().execute(() -> {
            if (failure != null) {
                fail(new ApplyException(pool.spec().name(), reason(failure)));
            } else {
                startNext(starting);
            }
        }));
    }

    private HttpBinding binding(String address) {
        return new HttpBinding(settings, plan.handler(address).orElseThrow(), generation,
            options(address).isPresent());
    }

    /** Accepting takes descriptors, which may be used up: the new listeners get theirs while there is a way back. */
    private void serve() {
        opened.forEach((address, listener) -> {
            listener.secure(Optional.ofNullable(services.get(address)));
            listener.serve(parts.loops().http(threads));
        });
    }

    /** From here on nothing can fail. */
    private void commit() {
        Map<String, Listener> listeners = new LinkedHashMap<>();
        for (String address : listeners().members().keySet()) {
            Listener listener = opened.getOrDefault(address, old.listeners().get(address));
            listener.rebind(binding(address));
            listener.secure(Optional.ofNullable(services.get(address)));
            serveAll(address, listener);
            listeners.put(address, listener);
        }
        old.listeners().forEach((address, listener) -> {
            if (!listeners.containsKey(address)) {
                listener.close();
                parts.sockets().unlink(address);
            }
        });
        List<AppPool> gone = new ArrayList<>(old.pools().values());
        gone.removeAll(pools.values());
        // A request that has begun with the old configuration may still be on its way into one of its applications.
        old.generation().retire().thenRun(() -> gone.forEach(parts::retire));
        result.complete(new Configuration(parts.loops().engines().size(), pools, listeners, generation));
    }

    /** A listener that was there keeps the threads that it has when there is no descriptor for more. */
    private void serveAll(String address, Listener listener) {
        try {
            listener.serve(parts.loops().http(threads));
        } catch (PosixException e) {
            parts.log().alert("listener \"" + address + "\" is not served by all threads: " + e.getMessage());
        }
    }

    private void fail(Throwable failure) {
        opened.forEach((address, listener) -> {
            listener.close();
            parts.sockets().unlink(address);
        });
        services.values().stream().filter(service -> !kept.contains(service)).forEach(TlsService::retire);
        generation.retire();
        fresh.forEach(parts::retire);
        result.completeExceptionally(unwrapped(failure));
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** The message and, where it says more, that of the cause: what the language or the kernel has said. */
    static String reason(Throwable failure) {
        Throwable shown = unwrapped(failure);
        String text = String.valueOf(shown.getMessage());
        Throwable cause = shown.getCause();
        boolean more = cause != null && cause.getMessage() != null && !text.contains(cause.getMessage());
        return more ? text + ": " + cause.getMessage() : text;
    }
}
