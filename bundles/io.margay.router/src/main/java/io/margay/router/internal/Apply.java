// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.dispatch.AppPool;
import io.margay.engine.Generation;
import io.margay.http.BodyFile;
import io.margay.http.HttpBinding;
import io.margay.http.HttpSettings;
import io.margay.http.Protocols;
import io.margay.listen.Listener;
import io.margay.listen.TlsOptions;
import io.margay.listen.TlsService;
import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.route.RoutePlan;
import io.margay.route.SettingsReader;
import java.util.ArrayList;
import java.util.HashMap;
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
    private final ConfObject listeners;
    private final CompletableFuture<Configuration> result = new CompletableFuture<>();
    private final Map<String, AppPool> pools = new LinkedHashMap<>();
    private final List<AppPool> fresh = new ArrayList<>();
    /** New pools of applications that have not changed, with the old ones: their language module was updated. */
    private final Map<AppPool, AppPool> replaced = new HashMap<>();
    private final Map<String, Listener> opened = new LinkedHashMap<>();
    private final Map<String, TlsService> services = new LinkedHashMap<>();
    private final Set<TlsService> secured = new HashSet<>();
    private final Set<Listener> sharing = new HashSet<>();
    private final Generation generation = new Generation();
    private int threads;
    private HttpSettings settings;
    private Protocols protocols;
    private RoutePlan plan;

    /**
     * Prepares, without doing anything.
     *
     * @param leftOut applications that are not to be started
     * @param closed listeners that are not to be opened
     */
    Apply(RouterParts parts, Configuration old, ConfObject conf, Set<String> leftOut, Set<String> closed) {
        this.parts = parts;
        this.old = old;
        this.conf = conf;
        this.leftOut = leftOut;
        ConfObject.Builder open = ConfObject.builder();
        conf.object("listeners").orElse(ConfObject.EMPTY).members().forEach((address, listener) -> {
            if (!closed.contains(address)) {
                open.put(address, listener);
            }
        });
        this.listeners = open.build();
    }

    /** Does it; the failure's message is the reason. */
    CompletionStage<Configuration> run() {
        step(() -> {
            build();
            openNext(listeners.members().keySet().iterator());
        });
        return result;
    }

    /** Whatever goes wrong on the way, whoever waits gets an answer. */
    private void step(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void build() {
        threads = parts.threads(conf);
        settings = SettingsReader.read(conf, parts.temporaryDirectory());
        BodyFile.check(settings.bodyTempPath()).ifPresent(reason -> parts.log().alert("request bodies of more than "
            + settings.bodyBufferSize() + " bytes cannot be stored in \"" + settings.bodyTempPath() + "\": " + reason));
        parts.loops().grow(threads);
        protocols = parts.loops().offered();
        if (protocols.isEmpty() && !listeners.members().isEmpty()) {
            throw new ApplyException("No installed bundle supports a protocol for listeners.");
        }
        ConfObject applications = conf.object("applications").orElse(ConfObject.EMPTY);
        for (String name : applications.members().keySet()) {
            if (leftOut.contains(name)) {
                continue;
            }
            ConfObject application = applications.object(name).orElseThrow();
            Optional<AppPool> same = old.kept(parts.spec(name, application), parts.loops().engines().size());
            Optional<AppPool> kept = same.filter(pool -> parts.modules().isCurrent(pool, pool.spec().type()));
            if (kept.isEmpty()) {
                AppPool pool = parts.pool(name, application);
                fresh.add(pool);
                same.ifPresent(before -> replaced.put(pool, before));
            }
            pools.put(name, kept.orElseGet(fresh::getLast));
        }
        plan = parts.plan(conf, pools, leftOut);
    }

    private void openNext(Iterator<String> addresses) {
        while (addresses.hasNext()) {
            String address = addresses.next();
            if (!old.listeners().containsKey(address)) {
                int backlog = (int) listeners.object(address).orElse(ConfObject.EMPTY).integer("backlog", -1);
                parts.sockets().open(address, backlog, share(address)).whenComplete((socket, failure) -> {
                    if (failure != null) {
                        fail(closed(address, failure));
                        return;
                    }
                    step(() -> {
                        opened.put(address, listener(address, socket, backlog));
                        openNext(addresses);
                    });
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
        for (String address : listeners.members().keySet()) {
            options(address).ifPresent(options -> wanted.put(address, options));
        }
        if (wanted.isEmpty()) {
            startNext(fresh.iterator());
            return;
        }
        old.listeners().forEach((address, listener) -> listener.tls().ifPresent(tls -> present.put(address, tls)));
        secured.addAll(present.values());
        parts.certificates().services(wanted, present).whenComplete((made, failure) -> {
            if (failure != null) {
                fail(failure);
                return;
            }
            step(() -> {
                services.putAll(made);
                startNext(fresh.iterator());
            });
        });
    }

    private Optional<TlsOptions> options(String address) {
        return listeners.object(address).flatMap(TlsOptions::of);
    }

    private void startNext(Iterator<AppPool> starting) {
        if (!starting.hasNext()) {
            serve();
            commit();
            return;
        }
        AppPool pool = starting.next();
        pool.start().whenComplete((ok, failure) -> parts.control().execute(() -> step(() -> {
            if (failure != null && replaced.containsKey(pool)) {
                stay(pool, replaced.get(pool), reason(failure));
            } else if (failure != null) {
                throw new ApplyException(ApplyException.Part.APPLICATION, pool.spec().name(), reason(failure));
            }
            startNext(starting);
        })));
    }

    /** An application that has not changed does not end because of a newer language module that does not start it. */
    private void stay(AppPool pool, AppPool before, String reason) {
        String name = pool.spec().name();
        parts.log().alert("application \"" + name + "\" stays with the version of its language module that it has: "
            + reason);
        parts.modules().stay(before, pool.spec().type());
        parts.retire(pool);
        pools.put(name, before);
        plan = parts.plan(conf, pools, leftOut);
    }

    private Listener listener(String address, Fd socket, int backlog) {
        try {
            return Listener.open(socket, backlog, binding(address), protocols);
        } catch (RuntimeException e) {
            parts.sockets().unlink(address);
            throw closed(address, e);
        }
    }

    /**
     * Lets listeners that leave share their port with a new one, as {@code *:80} with {@code 127.0.0.1:80}: else the
     * kernel refuses the new address as long as the old one is there, and the old one is the way back.
     */
    private boolean share(String text) {
        Optional<Address> address = Address.tryParse(text);
        boolean shared = false;
        for (Map.Entry<String, Listener> entry : old.listeners().entrySet()) {
            Optional<Address> other = Address.tryParse(entry.getKey());
            if (!listeners.has(entry.getKey()) && address.isPresent() && other.isPresent()
                    && address.get().port() != 0 && address.get().port() == other.get().port()) {
                entry.getValue().sharePort(true);
                sharing.add(entry.getValue());
                shared = true;
            }
        }
        return shared;
    }

    private static ApplyException closed(String address, Throwable failure) {
        return new ApplyException(ApplyException.Part.LISTENER, address, reason(failure));
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
        Map<String, Listener> serving = new LinkedHashMap<>();
        for (String address : listeners.members().keySet()) {
            Listener listener = opened.getOrDefault(address, old.listeners().get(address));
            listener.rebind(binding(address));
            listener.speak(protocols);
            listener.secure(Optional.ofNullable(services.get(address)));
            serveAll(address, listener);
            serving.put(address, listener);
        }
        old.listeners().forEach((address, listener) -> {
            if (!serving.containsKey(address)) {
                listener.close();
                parts.sockets().unlink(address);
            }
        });
        parts.loops().speak(protocols);
        if (!sharing.isEmpty()) {
            opened.values().forEach(listener -> listener.sharePort(false));
        }
        List<AppPool> gone = new ArrayList<>(old.pools().values());
        gone.removeAll(pools.values());
        // A request that has begun with the old configuration may still be on its way into one of its applications.
        old.generation().retire().thenRun(() -> gone.forEach(parts::retire));
        result.complete(new Configuration(parts.loops().engines().size(), pools, serving, generation));
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
        try {
            opened.forEach((address, listener) -> {
                listener.close();
                parts.sockets().unlink(address);
            });
            sharing.forEach(listener -> listener.sharePort(false));
            services.values().stream().filter(service -> !secured.contains(service)).forEach(TlsService::retire);
            generation.retire();
            fresh.forEach(parts::retire);
        } finally {
            result.completeExceptionally(unwrapped(failure));
        }
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
