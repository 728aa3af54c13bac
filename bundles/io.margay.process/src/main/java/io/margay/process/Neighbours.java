// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.Message;
import io.margay.port.NewPort;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.Ports;
import io.margay.port.RemovePid;
import io.margay.port.Rpc;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A child's side of who knows whom: takes NEW_PORT and REMOVE_PID from main ({@code spec/processes.md §12}). The table
 * must let only main send them.
 */
public final class Neighbours {

    private final Ports ports;
    private final EventLoop loop;
    private final ProcessTable table;
    private final Rpc rpc;
    private final ErrorLog journal;
    private Consumer<PortRef> arrived = port -> { };
    private Consumer<ProcessEntry> left = entry -> { };

    /**
     * Fills a table.
     *
     * @param ports makes the ways to processes
     * @param loop the loop that sends to the ports
     * @param table the processes that the child knows
     * @param rpc its waiting requests
     * @param journal takes failures
     */
    public Neighbours(Ports ports, EventLoop loop, ProcessTable table, Rpc rpc, ErrorLog journal) {
        this.ports = ports;
        this.loop = loop;
        this.table = table;
        this.rpc = rpc;
        this.journal = journal;
    }

    /** Sets what happens after a port became known. */
    public Neighbours whenArrived(Consumer<PortRef> action) {
        this.arrived = action;
        return this;
    }

    /** Sets what happens after a process was forgotten. */
    public Neighbours whenLeft(Consumer<ProcessEntry> action) {
        this.left = action;
        return this;
    }

    /**
     * Handles NEW_PORT: registers process and port.
     *
     * @throws PayloadException when the record is malformed or contradicts what is known
     */
    public void newPort(Message message) {
        NewPort record = NewPort.decode(message);
        ProcessType type = table.kinds().find(record.processType())
            .orElseThrow(() -> new PayloadException("new_port: unknown process type " + record.processType()));
        if (record.pid() <= 0) {
            throw new PayloadException("new_port: invalid pid " + record.pid());
        }
        ProcessEntry entry = table.find(record.pid())
            .orElseGet(() -> table.add(record.pid(), type, "", Optional.empty()));
        if (!entry.type().equals(type)) {
            throw new PayloadException("new_port: process " + record.pid() + " is no " + type.word());
        }
        if (entry.state() != ProcessState.READY) {
            entry.ready();
        }
        Optional<Peer> peer = message.take(0).map(fd -> ports.peer(loop, fd, journal, (gone, reason) -> { }));
        PortRef port = table.addPort(entry, record.id(), peer);
        arrived.accept(port);
    }

    /**
     * Handles REMOVE_PID: ends the start that has failed and every request bound to the process, and forgets it.
     *
     * @throws PayloadException when it is malformed
     */
    public void removePid(Message message) {
        RemovePid record = RemovePid.decode(message);
        if (message.stream() != 0) {
            rpc.failStream(message.stream());
        }
        rpc.fail(record.pid());
        table.find(record.pid()).ifPresent(entry -> {
            table.remove(entry);
            left.accept(entry);
        });
    }
}
