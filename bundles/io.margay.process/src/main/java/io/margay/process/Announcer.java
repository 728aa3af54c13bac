// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.NewPort;
import io.margay.port.Peer;
import io.margay.port.RemovePid;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Main's side of who knows whom ({@code spec/processes.md §2, §3.1, §12}): tells processes of new ports and of dead
 * ones. In Unit a new process inherits older ports by fork; a spawned JVM inherits nothing, so here the older ports are
 * announced to it too, by the same rule. Main's own port is not announced: every child is started with it.
 */
public final class Announcer {

    private final int self;
    private final ProcessTable table;
    private final ErrorLog journal;
    private BiConsumer<ProcessEntry, Boolean> changed = (entry, serves) -> { };

    /**
     * Speaks for main.
     *
     * @param self main's pid
     * @param table all processes
     * @param journal takes failures
     */
    public Announcer(int self, ProcessTable table, ErrorLog journal) {
        this.self = self;
        this.table = table;
        this.journal = journal;
    }

    /** Sets who else is told of each process: true when it serves, false when it is gone. */
    public void whenChanged(BiConsumer<ProcessEntry, Boolean> action) {
        changed = action;
    }

    /**
     * Announces a process to those that may know it, with the stream of the request that asked for it, and those that
     * it may know to it. Called once, when the process serves (a worker: when it has said who it is).
     */
    public void announce(ProcessEntry fresh) {
        for (ProcessEntry other : table.all()) {
            if (other.pid() == self || other == fresh || other.state() != ProcessState.READY) {
                continue;
            }
            // A controller speaks as soon as it knows the router, which has to know by then who speaks.
            if (other.is("controller")) {
                introduce(other, fresh);
                introduce(fresh, other);
            } else {
                introduce(fresh, other);
                introduce(other, fresh);
            }
        }
        changed.accept(fresh, true);
    }

    private void introduce(ProcessEntry owner, ProcessEntry receiver) {
        if (ProcessKinds.announced(receiver.type(), owner.type()) && owner.belongsTo(receiver)) {
            tell(receiver, owner);
        }
    }

    /**
     * Tells of a death those that have to know it.
     *
     * @param dead the process
     * @param stream the start that failed with it, or 0
     */
    public void remove(ProcessEntry dead, int stream) {
        byte[] payload = new RemovePid(dead.pid()).encode();
        for (ProcessEntry other : table.all()) {
            if (other.pid() == self || other == dead || !ProcessKinds.told(other.type(), dead.type())
                    || !dead.belongsTo(other) || !other.belongsTo(dead)) {
                continue;
            }
            table.peer(other).ifPresent(peer ->
                peer.send(Header.last(MessageType.REMOVE_PID, stream, self), payload));
        }
        changed.accept(dead, false);
    }

    private void tell(ProcessEntry receiver, ProcessEntry owner) {
        Optional<Peer> to = table.peer(receiver);
        if (to.isEmpty()) {
            return;
        }
        for (PortRef port : owner.ports()) {
            if (port.peer().filter(peer -> !peer.isOpen()).isPresent()) {
                // Its process is gone, which is told as soon as it is reaped.
                continue;
            }
            byte[] payload = NewPort.of(port.id(), port.pid(), port.type().number()).encode();
            to.get().send(Header.last(MessageType.NEW_PORT, 0, self), payload, ends(port));
        }
    }

    private Fd[] ends(PortRef port) {
        // Workers are named to the router, but their port is main's alone: it talks to them by other sockets.
        if (port.peer().isEmpty() || port.type().is("app")) {
            return new Fd[0];
        }
        try {
            return new Fd[] {port.peer().get().duplicate()};
        } catch (PosixException e) {
            journal.alert("port " + port.pid() + "." + port.id() + " cannot be announced: " + e.getMessage());
            return new Fd[0];
        }
    }
}
