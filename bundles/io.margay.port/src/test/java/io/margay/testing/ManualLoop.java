// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import io.margay.engine.EventLoop;
import io.margay.engine.FdHandler;
import io.margay.engine.Timer;
import io.margay.engine.Watch;
import io.netty.channel.IoEventLoop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A loop whose time moves when the test says so; it watches nothing. */
public final class ManualLoop implements EventLoop {

    private record Due(long at, Runnable task) {
    }

    private final List<Due> timers = new ArrayList<>();
    private long now;

    /** Lets time pass, and runs what is due meanwhile. */
    public void advance(long millis) {
        long end = now + millis;
        Optional<Due> next = next(end);
        while (next.isPresent()) {
            timers.remove(next.get());
            now = Math.max(now, next.get().at());
            next.get().task().run();
            next = next(end);
        }
        now = end;
    }

    /** {@return how many timers wait} */
    public int armed() {
        return timers.size();
    }

    private Optional<Due> next(long end) {
        return timers.stream().filter(due -> due.at() <= end).min(Comparator.comparingLong(Due::at));
    }

    @Override
    public boolean inLoop() {
        return true;
    }

    @Override
    public Timer schedule(long millis, Runnable task) {
        Due due = new Due(now + millis, task);
        timers.add(due);
        return () -> timers.removeIf(other -> other == due);
    }

    @Override
    public Watch watch(int fd, FdHandler handler, boolean read, boolean write) {
        throw new UnsupportedOperationException("watches nothing");
    }

    @Override
    public IoEventLoop netty() {
        throw new UnsupportedOperationException("has no channel");
    }

    @Override
    public void execute(Runnable command) {
        command.run();
    }
}
