// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.PayloadException;
import io.margay.status.Duty;
import io.margay.status.Handover;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What bundles of this router tell those of the one that takes its place, and which of the two does what is to be done
 * once. On the control loop.
 */
final class Handovers implements Duty {

    /** Time between two words of a router that finishes what it has begun. */
    static final long PAUSE_MILLIS = 5_000;

    /** With the first word the place is given up. */
    private static final String PLACE = "place";
    private static final String TOLD = "told";

    private final EventLoop control;
    private final Supplier<Collection<Handover>> services;
    private final Consumer<byte[]> next;
    private final ErrorLog log;
    /** Those who may still have the place. */
    private final Set<Integer> before;
    private boolean given;

    /**
     * Nothing is told yet.
     *
     * @param services who has something to tell
     * @param next sends it to the router that has come
     * @param before the pids of the routers that were there first
     */
    Handovers(EventLoop control, Supplier<Collection<Handover>> services, Consumer<byte[]> next, ErrorLog log,
            Collection<Integer> before) {
        this.control = control;
        this.services = services;
        this.next = next;
        this.log = log;
        this.before = new HashSet<>(before);
    }

    @Override
    public boolean isOurs() {
        return !given && before.isEmpty();
    }

    /** Another router has taken the place. */
    void give() {
        given = true;
        tell(true);
        control.schedule(PAUSE_MILLIS, this::again);
    }

    private void again() {
        tell(false);
        control.schedule(PAUSE_MILLIS, this::again);
    }

    /** The process ends. */
    void last() {
        if (given) {
            tell(false);
        }
    }

    private void tell(boolean place) {
        ConfObject.Builder told = ConfObject.builder();
        named().forEach((name, service) -> guarded(name, () ->
            service.give().ifPresent(value -> told.put(name, value))));
        ConfObject all = told.build();
        if (place || !all.isEmpty()) {
            next.accept(ConfWriter.compact(ConfObject.builder().put(PLACE, place).put(TOLD, all).build()));
        }
    }

    /** What the router before has to tell. */
    void take(byte[] text) {
        ConfObject message;
        try {
            message = ConfParser.parse(text) instanceof ConfObject object ? object : ConfObject.EMPTY;
        } catch (ConfSyntaxException e) {
            throw new PayloadException("handover_handler: " + e.getMessage());
        }
        Map<String, Handover> services = named();
        message.object(TOLD).orElse(ConfObject.EMPTY).members().forEach((name, value) ->
            Optional.ofNullable(services.get(name)).ifPresent(service ->
                guarded(name, () -> service.take(value))));
        if (message.bool(PLACE, false)) {
            before.clear();
        }
    }

    /** A process is gone. */
    void left(int pid) {
        before.remove(pid);
    }

    private Map<String, Handover> named() {
        Map<String, Handover> named = new LinkedHashMap<>();
        services.get().forEach(service -> guarded("handover", () -> named.putIfAbsent(service.name(), service)));
        return named;
    }

    private void guarded(String name, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | LinkageError e) {
            log.alert("\"" + name + "\" could not be handed over to another router: " + e);
        }
    }
}
