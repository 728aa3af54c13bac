// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.Quit;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;

/** Sends QUIT ({@code spec/processes.md §13}). Used on the loop's thread. */
public final class Quitter {

    private final int self;
    private final ProcessTable table;

    /**
     * Speaks for one process.
     *
     * @param self the own global pid
     * @param table the processes that it knows
     */
    public Quitter(int self, ProcessTable table) {
        this.self = self;
        this.table = table;
    }

    /**
     * Asks one process to leave, on each of its ports; a worker that this one has started, foreign code, by SIGTERM;
     * one that says itself how, by {@link ProcessEntry#whenTold}, in that way.
     */
    public void quit(ProcessEntry entry, boolean graceful) {
        if (entry.whenTold().isPresent()) {
            entry.whenTold().get().run();
            return;
        }
        if (entry.is("app") && entry.parent().filter(parent -> parent.pid() == self).isPresent()) {
            terminate(entry);
        }
        byte[] payload = (graceful ? Quit.GRACEFUL : Quit.NORMAL).encode();
        for (PortRef port : entry.ports()) {
            port.peer().ifPresent(peer -> peer.send(Header.last(MessageType.QUIT, 0, self), payload));
        }
    }

    private static void terminate(ProcessEntry entry) {
        entry.leaves();
        try {
            Processes.kill(entry.pid(), Signals.SIGTERM);
        } catch (PosixException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
    }

    /** Asks all prototypes and workers to leave that a process has ordered: nobody else can use them. */
    public void quitApplications(ProcessEntry orderer, boolean graceful) {
        table.all().stream().filter(entry -> entry.type().ofApplication()
            && entry.orderer().filter(by -> by == orderer).isPresent()).forEach(entry -> quit(entry, graceful));
    }

    /**
     * Asks the core processes to leave and not those of applications: the router stops these itself, when the last
     * request has its answer.
     */
    public void quitCore(boolean graceful) {
        table.all().stream().filter(entry -> entry.pid() != self && !entry.type().ofApplication())
            .forEach(entry -> quit(entry, graceful));
    }

    /** Asks every process but the own to leave. */
    public void quitAll(boolean graceful) {
        table.all().stream().filter(entry -> entry.pid() != self).forEach(entry -> quit(entry, graceful));
    }
}
