// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessState;
import io.margay.process.ProcessTable;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Controller and router must have booted in time when the server starts: else whoever waits for it would wait for
 * ever. How long the stored configuration takes does not count. Used on main's loop only.
 */
final class StartDeadline {

    /** The framework property with the seconds. */
    static final String PROPERTY = "margay.start.seconds";
    static final long SECONDS = 60;
    private static final List<String> NEEDED = List.of("controller", "router");

    private final ProcessTable table;
    private final long millis;
    private final Consumer<String> failed;
    private final Timer timer;

    /**
     * Begins to wait.
     *
     * @param millis the time
     * @param failed takes the reason, at most once
     */
    StartDeadline(EventLoop loop, ProcessTable table, long millis, Consumer<String> failed) {
        this.table = table;
        this.millis = millis;
        this.failed = failed;
        this.timer = loop.schedule(millis, this::late);
    }

    /** The control socket answers, or the server ends. */
    void over() {
        timer.cancel();
    }

    private void late() {
        Optional<String> missing = NEEDED.stream().filter(kind -> table.all(kind).stream()
            .map(ProcessEntry::state).noneMatch(ProcessState.READY::equals)).findFirst();
        missing.ifPresent(kind -> failed.accept(kind + " failed to start within " + millis / 1000
            + " seconds (property \"" + PROPERTY + "\" in config/framework.properties)"));
    }
}
