// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.margay.dispatch.Job;
import io.margay.dispatch.Jobs;
import io.margay.engine.EventLoop;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The connections of one loop to one worker. Used on that loop. */
final class LoopConnections {

    /** Servers close what idles, some after two seconds: this end is earlier, so that no request meets that. */
    private static final long IDLE_MILLIS = 1000;
    private static final long NANOS = 1_000_000;

    private final HttpWorker worker;
    private final Jobs jobs;
    private final Set<Connection> all = new LinkedHashSet<>();
    private final ArrayDeque<Connection> idle = new ArrayDeque<>();
    private boolean armed;

    LoopConnections(HttpWorker worker, Jobs jobs) {
        this.worker = worker;
        this.jobs = jobs;
    }

    EventLoop engine() {
        return jobs.engine();
    }

    int index() {
        return jobs.index();
    }

    /** Sends a request by a connection that idles, or a new one. */
    void take(Job job) {
        Connection connection;
        while ((connection = idle.pollLast()) != null) {
            if (connection.isUsable(job)) {
                connection.send(job, true);
                return;
            }
            connection.close();
        }
        if (worker.mayOpen()) {
            open(job);
        } else {
            worker.makeRoom(job, 0);
        }
    }

    /** Sends a request by a new connection, the right to which was taken. */
    void open(Job job) {
        open(job, 0);
    }

    /** The same for a request that was sent before, so many times, to nobody. */
    void open(Job job, int repeats) {
        if (job.isDone()) {
            worker.closed();
            worker.ended();
            return;
        }
        Connection connection = new Connection(this, worker);
        all.add(connection);
        connection.open(job, repeats);
    }

    /** Closes a connection that idles; the right to it goes to who asked. */
    boolean giveUp() {
        Connection connection = idle.pollFirst();
        if (connection == null) {
            return false;
        }
        connection.close();
        // Closing has given the right back, and this takes it again.
        return worker.mayOpen();
    }

    /** A connection has nothing to do. */
    void idles(Connection connection) {
        connection.idleSince = System.nanoTime();
        idle.addLast(connection);
        arm();
    }

    private void arm() {
        if (!armed) {
            armed = true;
            engine().schedule(IDLE_MILLIS, this::look);
        }
    }

    private void look() {
        armed = false;
        long now = System.nanoTime();
        while (!idle.isEmpty() && now - idle.peekFirst().idleSince >= IDLE_MILLIS * NANOS) {
            idle.pollFirst().close();
        }
        if (!idle.isEmpty()) {
            arm();
        }
    }

    void closed(Connection connection) {
        if (all.remove(connection)) {
            idle.remove(connection);
            worker.closed();
        }
    }

    /** Closes what nobody needs: the worker is to leave. */
    void shrink() {
        for (Connection connection : List.copyOf(all)) {
            connection.closeUnlessNeeded();
        }
    }

    /** The worker is gone: takes what it has sent. */
    void drain() {
        List.copyOf(all).forEach(Connection::drain);
    }
}
