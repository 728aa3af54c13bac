// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.log.ErrorLog;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.RoleLookup;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The known processes by global pid and their ports by (pid, id), {@code spec/processes.md §19}. Used on the loop's
 * thread only, which replaces the mutexes and reference counts of Unit.
 */
public final class ProcessTable implements RoleLookup {

    private final Map<Integer, ProcessEntry> processes = new LinkedHashMap<>();
    private final Map<ProcessType, PortRef> newest = new HashMap<>();
    /** All ports with the names of their processes, for who looks from another thread. */
    private final Map<PortRef, String> named = new ConcurrentHashMap<>();
    private final ProcessKinds kinds;
    private final String self;
    private final ErrorLog journal;
    private Consumer<ProcessEntry> added = entry -> { };

    /**
     * An empty table.
     *
     * @param kinds all kinds of processes
     * @param self name of the own kind
     * @param journal takes what goes wrong
     */
    public ProcessTable(ProcessKinds kinds, String self, ErrorLog journal) {
        this.kinds = kinds;
        this.self = self;
        this.journal = journal;
    }

    /**
     * Registers a process.
     *
     * @param pid global pid, positive
     * @param type its kind
     * @param application name of its application, empty for core processes
     * @param parent its parent when that is known
     * @throws IllegalStateException when the pid is registered
     */
    public ProcessEntry add(int pid, ProcessType type, String application, Optional<ProcessEntry> parent) {
        if (pid <= 0 || processes.containsKey(pid)) {
            throw new IllegalStateException("process " + pid + " cannot be registered");
        }
        ProcessEntry entry = new ProcessEntry(pid, type, application, parent, journal);
        processes.put(pid, entry);
        parent.ifPresent(p -> p.adopt(entry));
        added.accept(entry);
        return entry;
    }

    /** Sets who is told of each process that is registered from now on. */
    void whenAdded(Consumer<ProcessEntry> action) {
        this.added = action;
    }

    /** The kinds of processes. */
    public ProcessKinds kinds() {
        return kinds;
    }

    /**
     * Registers a process by the name of its kind.
     *
     * @throws IllegalStateException when the pid is registered, or the kind is none
     */
    public ProcessEntry add(int pid, String kind, String application, Optional<ProcessEntry> parent) {
        return add(pid, kinds.get(kind), application, parent);
    }

    /** A process by its global pid. */
    public Optional<ProcessEntry> find(int pid) {
        return Optional.ofNullable(processes.get(pid));
    }

    /** All processes, oldest first; a copy. */
    public List<ProcessEntry> all() {
        return List.copyOf(processes.values());
    }

    /** All processes of a kind, oldest first. */
    public List<ProcessEntry> all(String kind) {
        return processes.values().stream().filter(entry -> entry.is(kind)).toList();
    }

    /** Number of processes. */
    public int size() {
        return processes.size();
    }

    /**
     * Attaches a port to a process. A port with a number that the process has already replaces and closes that one.
     *
     * @param owner its process
     * @param id number of the port
     * @param peer the writing end; the table closes it
     */
    public PortRef addPort(ProcessEntry owner, int id, Optional<Peer> peer) {
        removePort(owner, id);
        PortRef port = new PortRef(owner.pid(), id, owner.type(), peer);
        owner.put(port);
        newest.put(owner.type(), port);
        named.put(port, owner.name());
        return port;
    }

    /** Closes and forgets one port; nothing happens when there is none. */
    public void removePort(ProcessEntry owner, int id) {
        owner.dropPort(id).ifPresent(port -> {
            newest.remove(port.type(), port);
            named.remove(port);
            port.close();
        });
    }

    /** {@return all ports with the names of their processes; for any thread, seen while they change} */
    Map<PortRef, String> named() {
        return named;
    }

    /** A port by its owner's pid and number. */
    public Optional<PortRef> port(int pid, int id) {
        return find(pid).flatMap(entry -> entry.port(id));
    }

    /** The newest port of a kind; empty when that one is gone, even if older ones exist. */
    public Optional<PortRef> port(String kind) {
        return kinds.find(kind).map(newest::get);
    }

    /** The writing end of the newest port of a kind. */
    public Optional<Peer> peer(String kind) {
        return port(kind).flatMap(PortRef::peer);
    }

    /** The writing end of a process, that of its oldest port. */
    public Optional<Peer> peer(ProcessEntry entry) {
        return entry.ports().stream().flatMap(port -> port.peer().stream()).findFirst();
    }

    /** Closes the ports of a process and forgets it. Its children stay registered. */
    public void remove(ProcessEntry entry) {
        if (processes.remove(entry.pid(), entry)) {
            entry.ports().forEach(port -> removePort(entry, port.id()));
            entry.parent().ifPresent(parent -> parent.disown(entry));
        }
    }

    @Override
    public boolean known(int pid) {
        return processes.containsKey(pid);
    }

    @Override
    public boolean maySend(int pid, int type) {
        ProcessEntry entry = processes.get(pid);
        return entry != null && entry.type().maySend(self, MessageType.name(type));
    }

    @Override
    public boolean present(int type) {
        return processes.values().stream().anyMatch(entry -> entry.type().maySend(self, MessageType.name(type)));
    }
}
