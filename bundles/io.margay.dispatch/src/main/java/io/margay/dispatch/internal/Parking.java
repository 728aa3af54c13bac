// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch.internal;

import io.margay.dispatch.AppPool;
import io.margay.dispatch.PoolHost;
import io.margay.engine.Timer;
import io.margay.lang.AppSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Pools that were replaced since only their language or wire is newer: their workers stay for a while, so that the way
 * back needs no start. Of each application there is one. On the control thread.
 */
final class Parking {

    private record Place(Held held, Timer timer) {
    }

    private final PoolHost host;
    private final Consumer<Held> letGo;
    private final Map<String, Place> places = new HashMap<>();

    /**
     * Nothing is parked.
     *
     * @param letGo ends the hold of a pool
     */
    Parking(PoolHost host, Consumer<Held> letGo) {
        this.host = host;
        this.letGo = letGo;
    }

    /** A pool that can serve an application as it is, made with these. */
    Optional<Held> find(AppSpec app, Held.Made made, int loops) {
        return Optional.ofNullable(places.get(app.name())).map(Place::held).filter(held -> held.made.equals(made)
            && held.pool.spec().sameAs(app) && held.pool.loopCount() == loops);
    }

    /** Keeps a pool that is not in force any more; one that was kept of its application goes. */
    void park(Held held) {
        long millis = host.parkMillis();
        String name = held.pool.spec().name();
        if (millis > 0) {
            held.hold();
            held.pool.park(true);
            remove(name);
            places.put(name, new Place(held, host.home().schedule(millis, () ->
                host.control().execute(() -> expire(held)))));
        }
    }

    private void expire(Held held) {
        String name = held.pool.spec().name();
        Place place = places.get(name);
        if (place != null && place.held() == held) {
            remove(name);
        }
    }

    /** A pool is in force again. */
    void unpark(Held held) {
        String name = held.pool.spec().name();
        Place place = places.get(name);
        if (place != null && place.held() == held) {
            places.remove(name);
            place.timer().cancel();
            held.pool.park(false);
            letGo.accept(held);
        }
    }

    /** Those go whose application a new configuration does not have, or has otherwise. */
    void retain(Predicate<AppSpec> wanted) {
        List.copyOf(places.values()).stream().map(place -> place.held().pool.spec())
            .filter(wanted.negate()).forEach(spec -> remove(spec.name()));
    }

    /** Whether a pool is kept here. */
    boolean has(AppPool pool) {
        return places.values().stream().anyMatch(place -> place.held().pool == pool);
    }

    /** All of them go. */
    void clear() {
        List.copyOf(places.keySet()).forEach(this::remove);
    }

    private void remove(String name) {
        Place place = places.remove(name);
        if (place != null) {
            place.timer().cancel();
            place.held().pool.park(false);
            place.held().pool.supersede();
            letGo.accept(place.held());
        }
    }
}
