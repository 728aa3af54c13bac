// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Requests on new connections of which nothing was heard yet. A FastCGI server mostly has one process for a connection,
 * so while all of them keep connections of ours nobody accepts another one; whoever has waited for long gets one of
 * those closed in its favour. Moments are of {@link System#nanoTime}. Safe for all threads.
 */
final class Unheard {
    /** How long one waits before a connection is closed for it. */
    static final int PATIENCE_MILLIS = 50;
    private static final long PATIENCE_NANOS = 1_000_000L * PATIENCE_MILLIS;

    private final Map<UpstreamLink, Long> since = new LinkedHashMap<>();
    /** Whether there is one, to be seen without a lock. */
    private volatile boolean some;

    synchronized void add(UpstreamLink link, long now) {
        since.put(link, now);
        some = true;
    }

    /** Something was heard of it, or never will be. */
    void remove(UpstreamLink link) {
        if (some) {
            synchronized (this) {
                since.remove(link);
                some = !since.isEmpty();
            }
        }
    }

    /** Whether there is one. */
    boolean isSome() {
        return some;
    }

    /** Whether a connection is to be closed for one that waits; each claims one in that time. */
    boolean claims(long now) {
        if (!some) {
            return false;
        }
        synchronized (this) {
            Iterator<Map.Entry<UpstreamLink, Long>> all = since.entrySet().iterator();
            Optional<Map.Entry<UpstreamLink, Long>> oldest = all.hasNext() ? Optional.of(all.next()) : Optional.empty();
            if (oldest.isEmpty() || now - oldest.get().getValue() < PATIENCE_NANOS) {
                return false;
            }
            // The one that is accepted then may be another: it claims again later.
            UpstreamLink link = oldest.get().getKey();
            all.remove();
            since.put(link, now);
            return true;
        }
    }
}
