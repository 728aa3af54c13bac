// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.Ports;
import io.margay.port.WhoAmI;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/**
 * Main's answer to WHOAMI ({@code spec/processes.md §4}): a worker that a prototype has forked learns its global pid
 * and becomes known. Nothing that the worker says is believed without the kernel: its pid comes from the message's
 * credentials, its parent from the process file system.
 */
public final class WhoAmIHandler {

    /** Workers that one prototype may have; a hostile one cannot fill main's memory. */
    public static final int MAX_CHILDREN = 4096;

    private static final String PROTOTYPE = "prototype";

    private final Ports ports;
    private final EventLoop loop;
    private final int self;
    private final ProcessTable table;
    private final Announcer announcer;
    private final IntUnaryOperator parentOf;
    private final ErrorLog journal;
    private Consumer<ProcessEntry> registered = entry -> { };

    /**
     * Answers for main.
     *
     * @param ports makes the ways to processes
     * @param loop main's loop
     * @param self main's pid
     * @param table all processes
     * @param announcer tells the router
     * @param parentOf pid to parent pid by the kernel, 0 when the process is gone; usually {@link ProcFs#parent}
     * @param journal takes refusals
     */
    public WhoAmIHandler(Ports ports, EventLoop loop, int self, ProcessTable table, Announcer announcer,
        IntUnaryOperator parentOf,
            ErrorLog journal) {
        this.ports = ports;
        this.loop = loop;
        this.self = self;
        this.table = table;
        this.announcer = announcer;
        this.parentOf = parentOf;
        this.journal = journal;
    }

    /** Sets what happens after a worker was registered, usually {@link Reaper#follow}. */
    public WhoAmIHandler whenRegistered(Consumer<ProcessEntry> action) {
        this.registered = action;
        return this;
    }

    /**
     * Handles one request. A refused worker is told by RPC_ERROR.
     *
     * @throws PayloadException with the text to log, when it is refused
     */
    public void accept(Message message) {
        Optional<Fd> port = message.take(0);
        if (port.isEmpty()) {
            prototype(message);
            return;
        }
        Peer peer = ports.peer(loop, port.get(), journal, (gone, reason) -> { });
        try {
            worker(message, peer);
        } catch (PayloadException e) {
            peer.send(Header.last(MessageType.RPC_ERROR, message.stream(), self));
            peer.close();
            throw e;
        }
    }

    /** Without a port it comes from a prototype in a pid namespace of its own, whose port main has made. */
    private void prototype(Message message) {
        WhoAmI.decode(message);
        int pid = message.senderPid();
        ProcessEntry entry = table.find(pid).filter(known -> known.is(PROTOTYPE))
            .orElseThrow(() -> new PayloadException("whoami: process " + pid + " sent no port"));
        table.peer(entry).ifPresent(peer -> reply(message, peer));
    }

    private void worker(Message message, Peer peer) {
        WhoAmI request = WhoAmI.decode(message);
        int pid = message.senderPid();
        ProcessEntry parent = table.find(request.pid()).filter(entry -> entry.is(PROTOTYPE))
            .orElseThrow(() -> new PayloadException("whoami: parent process " + request.pid() + " not found"));
        int actual = parentOf.applyAsInt(pid);
        if (actual == 0 && pid > 1) {
            // It has ended, perhaps since it was told to leave while it started; its prototype tells of that.
            peer.close();
            return;
        }
        if (actual != parent.pid()) {
            throw new PayloadException("whoami: process " + pid + " is not a child of process " + parent.pid());
        }
        if (table.find(pid).isPresent()) {
            throw new PayloadException("whoami: process " + pid + " is known already");
        }
        if (parent.children().size() >= MAX_CHILDREN) {
            throw new PayloadException("whoami: process " + parent.pid() + " has too many children");
        }
        ProcessEntry entry = table.add(pid, "app", parent.application(), Optional.of(parent))
            .stream(message.stream());
        entry.created();
        table.addPort(entry, 0, Optional.of(peer));
        leash(message, peer, entry);
        announcer.announce(entry);
        registered.accept(entry);
    }

    /** The worker arranges to be killed when its end of this pair is alone: main's lives as long as both do. */
    private void leash(Message message, Peer peer, ProcessEntry entry) {
        Fd[] pair = Sockets.pair(Sockets.SOCK_STREAM);
        entry.onExit(pair[0]::close);
        peer.send(Header.last(MessageType.RPC_READY, message.stream(), self),
            new WhoAmI(message.senderPid()).encode(), pair[1]);
    }

    private void reply(Message message, Peer peer) {
        peer.send(Header.last(MessageType.RPC_READY, message.stream(), self),
            new WhoAmI(message.senderPid()).encode());
    }
}
