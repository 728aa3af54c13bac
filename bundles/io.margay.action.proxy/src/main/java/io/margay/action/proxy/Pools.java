// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The pools of all endpoints in use; a change of the configuration leaves what it does not touch. Any thread. */
final class Pools {
    private static final int THREADS = 2;
    private static final int KEPT_SECONDS = 5;
    private static final int MOST_WAITING = 1000;

    private final Map<Endpoint, Held> pools = new HashMap<>();

    /** Looks names up; it has threads only while it does. */
    private ThreadPoolExecutor lookups;

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
            added -> new Held(new LinkPool(added, name -> new Lookup(name, InetAddress::getAllByName, executor()))));
        held.users++;
        return held.pool;
    }

    private ThreadPoolExecutor executor() {
        if (lookups == null) {
            lookups = new ThreadPoolExecutor(THREADS, THREADS, KEPT_SECONDS, TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MOST_WAITING),
                Thread.ofPlatform().daemon().name("upstream-names-", 0).factory());
            lookups.allowCoreThreadTimeOut(true);
        }
        return lookups;
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
