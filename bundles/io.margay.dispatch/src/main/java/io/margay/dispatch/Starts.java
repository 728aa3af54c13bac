// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.Timer;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Starts of workers, and of the prototypes that they need ({@code spec/app-dispatch.md §3}). Home loop only. */
final class Starts {

    private static final long MILLIS = 1000;

    private final AppPool pool;
    private final ProcessControl control;
    private final List<WorkerStart> waiting = new ArrayList<>();

    Starts(AppPool pool, ProcessControl control) {
        this.pool = pool;
        this.control = control;
    }

    /** Starts one worker of the current generation; it counts as pending until the stage completes. */
    CompletionStage<Void> begin() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        pool.pending(1);
        if (!begin(pool.current(), result, false)) {
            pool.pending(-1);
            pool.startFailed(pool.current());
            return CompletableFuture.failedFuture(new StartException("too many threads"));
        }
        return result;
    }

    private boolean begin(Channel channel, CompletableFuture<Void> result, boolean retried) {
        int slot = channel.slots.allocate(pool.spec().threads());
        if (slot < 0) {
            pool.log().alert("application \"" + pool.spec().name() + "\" has more than " + Slots.COUNT + " threads");
            return false;
        }
        WorkerStart start = new WorkerStart(control.nextStream(), slot, result, retried);
        channel.starts.put(start.stream, start);
        start.deadline = Optional.of(pool.home().schedule(pool.spec().startMillis(), () -> expire(channel, start)));
        if (channel.prototype.isPresent()) {
            order(channel, start);
        } else {
            waiting.add(start);
            prototype(channel);
        }
        return true;
    }

    private void prototype(Channel channel) {
        if (channel.prototypeStarting) {
            return;
        }
        channel.prototypeStarting = true;
        control.startPrototype(pool.spec(), channel.requestRead(), channel.slots.number(), channel.control.writing())
            .whenComplete((pid, failure) -> pool.home().execute(() -> prototypeDone(channel, pid, failure)));
    }

    private void prototypeDone(Channel channel, Integer pid, Throwable failure) {
        channel.prototypeStarting = false;
        // Out of the list first, since a failure may begin another start.
        List<WorkerStart> mine = waiting.stream().filter(s -> channel.starts.get(s.stream) == s).toList();
        waiting.removeAll(mine);
        if (failure != null) {
            pool.log().warn("failed to start prototype \"" + pool.spec().name() + "\"");
            StartException reason =
                new StartException("failed to start prototype \"" + pool.spec().name() + "\"", failure);
            mine.forEach(start -> fail(channel, start, reason));
        } else {
            channel.prototype = Optional.of(pid);
            if (channel.ending) {
                control.quitPrototype(pid);
            }
            mine.forEach(start -> order(channel, start));
        }
        pool.changed(channel);
    }

    private void order(Channel channel, WorkerStart start) {
        control.startWorker(channel.prototype.orElseThrow(), start.stream, pool.loops().size(), start.slot);
    }

    /** A worker reported ready; false when the descriptors are not taken over. */
    boolean ready(Channel channel, int stream, int pid, int contexts, int loops, int[] fds, boolean last) {
        WorkerStart start = channel.starts.get(stream);
        boolean known = start != null && pid > 0 && !channel.workers.containsKey(pid);
        if (!known || contexts != pool.spec().threads() || loops != pool.loops().size()) {
            return false;
        }
        int missing = contexts * loops - start.fds.size() - fds.length;
        if (missing < 0 || last && missing > 0) {
            return false;
        }
        for (int number : fds) {
            Fd fd = Fd.own(number);
            start.fds.add(fd);
            Sockets.nonBlocking(fd, true);
        }
        if (last) {
            channel.starts.remove(stream);
            start.deadline.ifPresent(Timer::cancel);
            WorkerLink worker =
                new WorkerLink(pid, channel, start.slot, contexts, List.copyOf(start.fds), pool.loops());
            start.fds.clear();
            pool.ready(worker, start.expired);
            start.result.complete(null);
        }
        return true;
    }

    private void expire(Channel channel, WorkerStart start) {
        if (channel.starts.get(start.stream) == start && !start.expired) {
            start.expired = true;
            long seconds = pool.spec().startMillis() / MILLIS;
            start.reason = Optional.of("it did not become ready within " + seconds
                + (seconds == 1 ? " second" : " seconds") + " (option \"limits.start_timeout\")");
            if (waiting.remove(start)) {
                // Nobody was told to start it, so nobody will tell of its end.
                forget(channel, start);
            } else {
                channel.prototype.ifPresent(prototype -> control.killWorker(prototype, start.stream));
            }
            report(channel, start, failure(start));
            pool.changed(channel);
        }
    }

    /** A start failed by the word of the prototype. */
    void failed(Channel channel, int stream) {
        WorkerStart start = channel.starts.get(stream);
        if (start != null) {
            fail(channel, start, failure(start));
            pool.changed(channel);
        }
    }

    /**
     * A worker says why it is about to fail; the words are for people, and only the prototype's word ends the start.
     */
    void reason(Channel channel, int stream, String text) {
        WorkerStart start = channel.starts.get(stream);
        if (start != null) {
            start.reason = Optional.of(text);
        }
    }

    /**
     * The prototype has gone, and with it everything that it was told to start. Each start gets a second chance with
     * another prototype, since this one may have died long before the start.
     */
    void prototypeGone(Channel channel) {
        for (WorkerStart start : List.copyOf(channel.starts.values())) {
            boolean again = !start.retried && !start.expired && !channel.ending;
            if (again) {
                forget(channel, start);
                again = begin(channel, start.result, true);
            }
            if (!again) {
                fail(channel, start, failure(start));
            }
        }
    }

    private StartException failure(WorkerStart start) {
        String text = "failed to start application \"" + pool.spec().name() + "\"";
        return start.reason.map(reason -> new StartException(text, new StartException(reason)))
            .orElseGet(() -> new StartException(text));
    }

    private void forget(Channel channel, WorkerStart start) {
        if (channel.starts.remove(start.stream, start)) {
            start.close();
            channel.slots.free(start.slot, pool.spec().threads());
        }
    }

    private void fail(Channel channel, WorkerStart start, StartException reason) {
        forget(channel, start);
        if (!start.expired) {
            report(channel, start, reason);
        }
    }

    private void report(Channel channel, WorkerStart start, StartException reason) {
        pool.log().warn(reason.getMessage());
        pool.pending(-1);
        start.result.completeExceptionally(reason);
        pool.startFailed(channel);
    }
}
