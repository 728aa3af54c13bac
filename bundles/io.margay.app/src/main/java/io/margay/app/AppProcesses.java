// SPDX-License-Identifier: Apache-2.0
package io.margay.app;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.Message;
import io.margay.port.PayloadException;
import io.margay.port.Ports;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.process.Announcer;
import io.margay.process.ProcFs;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessTable;
import io.margay.process.Reaper;
import io.margay.process.WhoAmIHandler;
import java.util.Optional;

/**
 * What main does with the workers of applications ({@code spec/processes.md §4}, column "app" of §3.1): it tells them
 * who they are, makes them known to the router, and hears of their end from the kernel rather than from the
 * prototype, which runs as the application's user. Used on main's loop.
 */
public final class AppProcesses {

    /**
     * SIGRTMIN + 1: workers of the wire {@code port} sleep in recv(2) on the shared queue and look at their own
     * messages when this signal comes. The prototype sends it with each order; when that is dead, main does.
     */
    private static final int WAKE = Signals.SIGRTMIN + 1;
    private static final long WAKE_MILLIS = 200;

    private final EventLoop loop;
    private final int self;
    private final ProcessTable table;
    private final ErrorLog journal;
    private final WhoAmIHandler handler;

    /**
     * Begins to know workers.
     *
     * @param ports makes the ways to workers
     * @param loop main's loop
     * @param self main's pid
     * @param table all processes
     * @param announcer tells the router
     * @param reaper follows each worker
     * @param journal takes refusals
     */
    public AppProcesses(Ports ports, EventLoop loop, int self, ProcessTable table, Announcer announcer, Reaper reaper,
            ErrorLog journal) {
        this.loop = loop;
        this.self = self;
        this.table = table;
        this.journal = journal;
        reaper.whenOrphaned(this::wake);
        this.handler = new WhoAmIHandler(ports, loop, self, table, announcer, ProcFs::parent,
            journal).whenRegistered(reaper::follow);
    }

    /**
     * Answers WHOAMI of a worker.
     *
     * @throws PayloadException with the text to log, when it is refused
     */
    public void whoAmI(Message message) {
        handler.accept(message);
    }

    /**
     * Tells a worker that main itself has started to leave. The others are told by their prototypes.
     *
     * @throws PayloadException when the process is no such worker; nothing happens when it is gone
     */
    public void stop(int pid) {
        Optional<ProcessEntry> process = table.find(pid);
        if (process.isEmpty()) {
            return;
        }
        if (!process.get().is("app") || process.get().parent().filter(parent -> parent.pid() == self).isEmpty()) {
            throw new PayloadException("process " + pid + " cannot be stopped: main has not started it as a worker");
        }
        process.get().leaves();
        signal(pid, Signals.SIGTERM);
    }

    private boolean signal(int pid, int number) {
        try {
            Processes.kill(pid, number);
            return true;
        } catch (PosixException e) {
            if (e.errno() != Errno.ESRCH) {
                journal.alert(e.getMessage());
            }
            return false;
        }
    }

    /**
     * Until the worker is gone: a signal between its last look and recv(2) would be seen only after the next request.
     */
    private void wake(ProcessEntry worker) {
        if (table.find(worker.pid()).filter(known -> known == worker).isPresent() && signal(worker.pid(), WAKE)) {
            loop.schedule(WAKE_MILLIS, () -> wake(worker));
        }
    }
}
