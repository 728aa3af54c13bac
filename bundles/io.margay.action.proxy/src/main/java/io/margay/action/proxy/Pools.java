// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.posix.HostPort;
import java.util.HashMap;
import java.util.Map;

/** The pools of all endpoints in use; a change of the configuration leaves what it does not touch. Any thread. */
final class Pools {
    private final Map<Endpoint, Held> pools = new HashMap<>();

    /** Null until an endpoint has a name. */
    private NameFinder names;

    private static final class Held {
        private final LinkPool pool;
        private int users;

        Held(LinkPool pool) {
            this.pool = pool;
        }
    }

    /** The pool of an endpoint, to be {@linkplain #release released} once. */
    synchronized LinkPool open(Endpoint endpoint) {
        Held held = pools.computeIfAbsent(endpoint,
            added -> new Held(new LinkPool(added, name -> lookup(name, added))));
        held.users++;
        return held.pool;
    }

    private Lookup lookup(HostPort name, Endpoint endpoint) {
        if (names == null) {
            names = new NameFinder();
        }
        NameFinder asked = names;
        return new Lookup(name, (host, loop) -> asked.find(host, endpoint.resolvers(), loop), System.nanoTime());
    }

    /** One user less; the last one closes it. */
    synchronized void release(LinkPool pool) {
        Held held = pools.get(pool.endpoint());
        if (--held.users == 0) {
            pools.remove(pool.endpoint());
            pool.close();
        }
    }
}
