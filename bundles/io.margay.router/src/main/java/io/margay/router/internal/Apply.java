// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.dispatch.AppPool;
import io.margay.engine.Generation;
import io.margay.engine.Timer;
import io.margay.http.BodyFile;
import io.margay.http.HttpBinding;
import io.margay.http.HttpSettings;
import io.margay.http.PeerAddress;
import io.margay.http.Protocols;
import io.margay.lang.AppSpec;
import io.margay.listen.Listener;
import io.margay.listen.TlsOptions;
import io.margay.listen.TlsService;
import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.route.ListenerSources;
import io.margay.route.RouteException;
import io.margay.route.RoutePlan;
import io.margay.route.SettingsReader;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One change of the configuration, all or nothing ({@code spec/app-dispatch.md §9.2}): build, open sockets, start
 * applications, switch. Until the switch the configuration in force is not touched, and what was made for the new one
 * is taken back when a step fails, or when all of it takes too long. On the control loop.
 */
final class Apply {

    /** Time for everything but the start of applications: sockets, routes, a busy machine. */
    private static final long MILLIS = 60_000;
    /** Time for new pools of a refused change to end. */
    private static final long PATIENCE_MILLIS = 5_000;
    /** More processes than this are not started one after the other before somebody loses patience. */
    private static final int MOST_STARTS = 1000;

    private final RouterParts parts;
    private final Configuration old;
    private final Order order;
    private final BoundExtensions.Snapshot extensions;
    private final Set<Integer> revisions;
    private final ConfObject listeners;
    private final CompletableFuture<Configuration> result = new CompletableFuture<>();
    private final Map<String, Listener> opened = new LinkedHashMap<>();
    private final Map<String, TlsOptions> wanted = new LinkedHashMap<>();
    private final Map<String, TlsService> services = new LinkedHashMap<>();
    private final Set<TlsService> secured = new HashSet<>();
    private final Set<Listener> sharing = new HashSet<>();
    private final Generation generation = new Generation();
    private BooleanSupplier leaving = () -> false;
    private Consumer<Configuration> ended = configuration -> { };
    private Runnable letGo = () -> { };
    private ChangePlan changes;
    private HttpSettings settings;
    private Protocols protocols;
    private RoutePlan plan;
    private Map<String, Predicate<PeerAddress>> proxies = Map.of();
    private Set<AppPool> before = Set.of();
    private boolean over;

    /**
     * Prepares, without doing anything.
     *
     * @param extensions what it may be made of
     * @param revisions the extension bundles that count
     */
    Apply(RouterParts parts, Configuration old, Order order, BoundExtensions.Snapshot extensions,
            Set<Integer> revisions) {
        this.parts = parts;
        this.old = old;
        this.order = order;
        this.extensions = extensions;
        this.revisions = revisions;
        this.listeners = order.listeners();
    }

    /** Nothing comes into force when this is true. */
    Apply unless(BooleanSupplier quitting) {
        leaving = quitting;
        return this;
    }

    /** Told the configuration before this one when its last request is gone. */
    Apply whenEnded(Consumer<Configuration> action) {
        ended = action;
        return this;
    }

    /** Told when no connection speaks any more what only the configuration before this one offered. */
    Apply whenLetGo(Runnable action) {
        letGo = action;
        return this;
    }

    /** Does it; the failure's message is the reason. */
    CompletionStage<Configuration> run() {
        return run(MILLIS);
    }

    CompletionStage<Configuration> run(long millis) {
        Timer deadline = parts.control().schedule(millis + startMillis(), () -> fail(new ApplyException(
            "the configuration could not be applied in time")));
        result.whenComplete((applied, failure) -> deadline.cancel());
        step(() -> {
            build();
            openNext(changes.opened().iterator());
        });
        return result;
    }

    /** Processes are started one after the other, each with a limit of its own. */
    private long startMillis() {
        long millis = 0;
        for (String name : order.applications().members().keySet()) {
            AppSpec app = new AppSpec(name, order.applications().object(name).orElse(ConfObject.EMPTY));
            millis += app.startMillis() * Math.max(1, Math.min(app.spareProcesses(), MOST_STARTS));
        }
        return millis;
    }

    /** Whatever goes wrong on the way, whoever waits gets an answer. */
    private void step(Runnable work) {
        if (over) {
            return;
        }
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void build() {
        int threads = parts.threads(order.conf());
        settings = SettingsReader.read(order.conf(), parts.temporaryDirectory());
        BodyFile.check(settings.bodyTempPath()).ifPresent(reason -> parts.log().alert("request bodies of more than "
            + settings.bodyBufferSize() + " bytes cannot be stored in \"" + settings.bodyTempPath() + "\": " + reason));
        before = parts.pools().live();
        parts.loops().grow(threads);
        protocols = parts.loops().next(extensions.protocols().keySet());
        if (protocols.isEmpty() && !listeners.members().isEmpty()) {
            throw new ApplyException("No installed bundle supports a protocol for listeners.");
        }
        plan = parts.routes().compile(extensions.extensions(), order, old.plan());
        listeners.members().keySet().forEach(address -> listeners.object(address).flatMap(listener ->
            extensions.certificates().options(address, listener)).ifPresent(options -> wanted.put(address, options)));
        proxies = ListenerSources.of(listeners, "proxy_protocol");
        changes = ChangePlan.of(old, order, threads, plan);
    }

    /**
     * Tells what {@link #run} would do, and takes back what had to be made to know that.
     *
     * @return fails with the reason when it could not be done
     */
    CompletionStage<ChangePlan> preview() {
        CompletableFuture<ChangePlan> preview = new CompletableFuture<>();
        step(this::build);
        if (over) {
            result.whenComplete((applied, failure) -> preview.completeExceptionally(failure));
        } else {
            result.whenComplete((applied, failure) -> preview.complete(changes));
            fail(new ApplyException("it was a trial"));
        }
        return preview;
    }

    private void openNext(Iterator<String> addresses) {
        if (!addresses.hasNext()) {
            secure();
            return;
        }
        String address = addresses.next();
        int backlog = (int) listeners.object(address).orElse(ConfObject.EMPTY).integer("backlog", -1);
        parts.sockets().open(address, backlog, share(address)).whenComplete((socket, failure) -> {
            if (failure != null) {
                fail(closed(address, failure));
            } else if (over) {
                socket.close();
                parts.sockets().closed(address);
            } else {
                step(() -> {
                    opened.put(address, listener(address, socket, backlog));
                    openNext(addresses);
                });
            }
        });
    }

    /** Listeners keep the TLS that they have when nothing of it has changed. */
    private void secure() {
        Map<String, TlsService> present = new LinkedHashMap<>();
        if (wanted.isEmpty()) {
            startSections();
            return;
        }
        old.listeners().forEach((address, listener) -> listener.tls().ifPresent(tls -> present.put(address, tls)));
        secured.addAll(present.values());
        parts.certificates().services(wanted, present, at -> spoken(at).alpn()).whenComplete((made, failure) -> {
            if (failure != null) {
                fail(failure);
                return;
            }
            services.putAll(made);
            if (over) {
                retireServices();
            }
            step(() -> startSections());
        });
    }

    /** What clients of a listener may speak. */
    private Protocols spoken(String address) {
        return protocols.on(listeners.object(address).orElse(ConfObject.EMPTY));
    }

    private void startSections() {
        plan.start(parts.control()).whenComplete((ok, failure) -> parts.control().execute(() -> step(() -> {
            if (failure != null) {
                throw unwrapped(failure) instanceof RouteException e ? RouteMaker.blamed(e)
                    : new ApplyException(reason(failure));
            }
            if (leaving.getAsBoolean()) {
                throw new ApplyException("the router is leaving");
            }
            serve();
            commit();
        })));
    }

    private Listener listener(String address, Fd socket, int backlog) {
        try {
            return Listener.open(socket, backlog, binding(address), spoken(address));
        } catch (RuntimeException e) {
            parts.sockets().closed(address);
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
            wanted.containsKey(address));
    }

    /** Accepting takes descriptors, which may be used up: the new listeners get theirs while there is a way back. */
    private void serve() {
        opened.forEach((address, listener) -> {
            listener.secure(Optional.ofNullable(services.get(address)));
            listener.behind(Optional.ofNullable(proxies.get(address)));
            listener.serve(parts.loops().http(changes.threads()));
        });
    }

    /** From here on nothing can fail. */
    private void commit() {
        Map<String, Listener> serving = new LinkedHashMap<>();
        for (String address : listeners.members().keySet()) {
            Listener listener = opened.getOrDefault(address, old.listeners().get(address));
            listener.rebind(binding(address));
            listener.speak(spoken(address));
            listener.behind(Optional.ofNullable(proxies.get(address)));
            listener.secure(Optional.ofNullable(services.get(address)));
            serveAll(address, listener);
            serving.put(address, listener);
        }
        old.listeners().forEach((address, listener) -> {
            if (!serving.containsKey(address)) {
                listener.close();
                parts.sockets().closed(address);
            }
        });
        parts.loops().speak(protocols, extensions.protocols(), parts.control()).thenRun(letGo);
        if (!sharing.isEmpty()) {
            opened.values().forEach(listener -> listener.sharePort(false));
        }
        over = true;
        plan.commit();
        // A request that has begun with the old configuration may still be on its way into one of its applications.
        old.generation().retire().thenRun(() -> parts.control().execute(() -> {
            old.plan().ifPresent(RoutePlan::close);
            ended.accept(old);
        }));
        result.complete(new Configuration(parts.loops().engines().size(), serving, generation,
            Optional.of(order), Optional.of(plan), extensions.services(), revisions));
    }

    /** A listener that was there keeps the threads that it has when there is no descriptor for more. */
    private void serveAll(String address, Listener listener) {
        try {
            listener.serve(parts.loops().http(changes.threads()));
        } catch (PosixException e) {
            parts.log().alert("listener \"" + address + "\" is not served by all threads: " + e.getMessage());
        }
    }

    private void fail(Throwable failure) {
        if (over) {
            return;
        }
        over = true;
        Throwable reason = unwrapped(failure);
        try {
            opened.forEach((address, listener) -> {
                listener.close();
                parts.sockets().closed(address);
            });
            sharing.forEach(listener -> listener.sharePort(false));
            retireServices();
            generation.retire();
            if (plan != null) {
                plan.close();
            }
        } finally {
            // Loops that were made for it end with it, once the pools that know them are gone.
            Timer patience = parts.control().schedule(PATIENCE_MILLIS, () -> result.completeExceptionally(reason));
            Set<AppPool> fresh = new HashSet<>(parts.pools().live());
            fresh.removeAll(before);
            parts.pools().ended(fresh).whenComplete((done, again) ->
                parts.control().execute(() -> {
                    patience.cancel();
                    if (!result.isDone()) {
                        parts.loops().shrink(old.loops());
                        result.completeExceptionally(reason);
                    }
                }));
        }
    }

    private void retireServices() {
        services.values().stream().filter(service -> !secured.contains(service)).forEach(TlsService::retire);
    }

    static Throwable unwrapped(Throwable failure) {
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
