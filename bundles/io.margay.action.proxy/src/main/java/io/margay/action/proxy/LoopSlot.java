// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What one loop keeps of the connections to one server, the longest waiting first. Armed and drained on that loop;
 * other loops may take what is idle.
 */
final class LoopSlot {
    private static final int MOST = 512;
    private static final long LOOK_MILLIS = 1000;

    private final LoopSide side;
    private final ArrayDeque<Kept> kept = new ArrayDeque<>();
    private boolean armed;
    private boolean relieving;
    /** A connection that is being made, and may have several requests when it is. */
    private Optional<Http2Line> making = Optional.empty();

    LoopSlot(LoopSide side) {
        this.side = side;
    }

    LoopSide side() {
        return side;
    }

    /** The connection that requests may wait for. On the loop. */
    Optional<Http2Line> making() {
        return making;
    }

    void making(Optional<Http2Line> line) {
        making = line;
    }

    synchronized boolean add(Kept one) {
        return kept.size() < MOST && kept.add(one);
    }

    /** The one used last; on the loop. */
    synchronized Optional<Kept> pollLast() {
        return Optional.ofNullable(kept.pollLast());
    }

    /** One without a request; for other loops. */
    synchronized Optional<Kept> pollIdle() {
        for (Iterator<Kept> all = kept.descendingIterator(); all.hasNext();) {
            Kept one = all.next();
            if (one.isIdle()) {
                all.remove();
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    synchronized void remove(Kept one) {
        kept.remove(one);
    }

    /** A request of a connection has ended: another loop takes it either before that, or as it is afterwards. */
    synchronized boolean free(Http2Line line, boolean again) {
        line.less();
        if (!again || kept.contains(line)) {
            return true;
        }
        return kept.size() < MOST && kept.add(line);
    }

    /** Looks soon whether what is kept is in the way of requests that nobody accepts. */
    void relieve(Unheard waiting) {
        if (!relieving) {
            relieving = true;
            side.netty().schedule(() -> {
                relieving = false;
                while (isAny() && waiting.claims(side.now())) {
                    pollLast().ifPresent(Kept::retire);
                }
                if (isAny() && waiting.isSome()) {
                    relieve(waiting);
                }
            }, Unheard.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized boolean isAny() {
        return !kept.isEmpty();
    }

    void arm() {
        if (!armed) {
            armed = true;
            side.netty().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        armed = false;
        List<Kept> over = new ArrayList<>();
        if (drain(side.now(), over)) {
            arm();
        }
        over.forEach(Kept::retire);
    }

    /** Keeps nothing any more. */
    void clear() {
        List<Kept> over;
        synchronized (this) {
            over = new ArrayList<>(kept);
            kept.clear();
        }
        over.forEach(Kept::retire);
    }

    /** Takes out those whose time is over; whether some are left. */
    private synchronized boolean drain(long now, List<Kept> over) {
        for (Iterator<Kept> all = kept.iterator(); all.hasNext();) {
            Kept one = all.next();
            if (one.isIdle()) {
                if (now - one.idleUntil() < 0) {
                    break;
                }
                all.remove();
                over.add(one);
            }
        }
        return !kept.isEmpty();
    }
}
