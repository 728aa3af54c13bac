// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of one process. Made and held by {@link ProcessTable}; used on the loop's thread.
 */
public final class ProcessEntry {

    private final int pid;
    private final ProcessType type;
    private final String application;
    private final Optional<ProcessEntry> parent;
    private final ErrorLog journal;
    private final Set<ProcessEntry> children = new LinkedHashSet<>();
    private final Map<Integer, PortRef> ports = new LinkedHashMap<>();
    private final List<Runnable> cleanups = new ArrayList<>();
    private ProcessState state = ProcessState.CREATING;
    private int stream;
    private int isolatedPid;
    private boolean followed;
    private boolean leaving;
    private boolean retiring;
    private Optional<ProcessEntry> orderer = Optional.empty();
    private Optional<Runnable> lastWords = Optional.empty();
    private Optional<Runnable> whenTold = Optional.empty();
    private Optional<ChildExit> exit = Optional.empty();

    ProcessEntry(int pid, ProcessType type, String application, Optional<ProcessEntry> parent, ErrorLog journal) {
        this.pid = pid;
        this.type = type;
        this.application = application;
        this.parent = parent;
        this.journal = journal;
    }

    /** The global pid. */
    public int pid() {
        return pid;
    }

    /** The kind. */
    public ProcessType type() {
        return type;
    }

    /** Whether it is of the kind of this name. */
    public boolean is(String kind) {
        return type.is(kind);
    }

    /** The name for logs, like {@code router} or {@code "blog" prototype}. */
    public String name() {
        return type.name(application);
    }

    /** The name of its application, empty for core processes. */
    public String application() {
        return application;
    }

    /** The process that made it; empty for main and for processes whose parent is unknown here. */
    public Optional<ProcessEntry> parent() {
        return parent;
    }

    /** The processes that it made, oldest first; a copy. */
    public List<ProcessEntry> children() {
        return List.copyOf(children);
    }

    /** How far it has come. */
    public ProcessState state() {
        return state;
    }

    /** Stream of the START_PROCESS that asked for it, 0 when none waits for it. */
    public int stream() {
        return stream;
    }

    /** Sets the stream of the request that asked for it. */
    public ProcessEntry stream(int value) {
        this.stream = value;
        return this;
    }

    /** Its pid in its own pid namespace, 0 when it has none. */
    public int isolatedPid() {
        return isolatedPid;
    }

    /** Sets the pid in its own namespace. */
    public ProcessEntry isolatedPid(int value) {
        this.isolatedPid = value;
        return this;
    }

    /** Its ports by number; a copy. */
    public Collection<PortRef> ports() {
        return List.copyOf(ports.values());
    }

    /** One of its ports. */
    public Optional<PortRef> port(int id) {
        return Optional.ofNullable(ports.get(id));
    }

    /** Adds what has to be undone when the process is gone: mounts, directories, a cgroup. Run in reverse order. */
    public void onExit(Runnable cleanup) {
        cleanups.add(cleanup);
    }

    /**
     * Sets who takes what it has written and nobody has read yet: run on the loop before the line about its end is
     * logged and anybody is told of the end, once for each end of it or of a process that it has made.
     */
    public void lastWords(Runnable reader) {
        this.lastWords = Optional.of(reader);
    }

    /** Its last words come before what is said of its end; those of a worker go the way of its prototype's. */
    void readLastWords() {
        lastWords.or(() -> parent.flatMap(maker -> maker.lastWords)).ifPresent(reader -> {
            try {
                reader.run();
            } catch (RuntimeException e) {
                journal.alert(name() + ": its last words cannot be read: " + e.getMessage());
            }
        });
    }

    /**
     * PROCESS_CREATED came.
     *
     * @return false when the process was not CREATING; logged, the state stays
     */
    public boolean created() {
        if (state != ProcessState.CREATING) {
            journal.alert("process " + pid + " sent PROCESS_CREATED in unexpected state");
            return false;
        }
        state = ProcessState.CREATED;
        return true;
    }

    /**
     * PROCESS_READY came. A core process is ready straight from CREATING.
     *
     * @return false when the process was READY; logged
     */
    public boolean ready() {
        if (state == ProcessState.READY) {
            journal.alert("process " + pid + " sent PROCESS_READY in unexpected state");
            return false;
        }
        state = ProcessState.READY;
        return true;
    }

    /**
     * Who has ordered it: of the processes of that kind this one alone is told of it, and it of that one alone. A
     * worker has that of its prototype; empty when nobody in particular has.
     */
    public Optional<ProcessEntry> orderer() {
        return orderer.isPresent() ? orderer : parent.flatMap(ProcessEntry::orderer);
    }

    /** Sets who has ordered it. */
    public ProcessEntry orderedBy(Optional<ProcessEntry> process) {
        this.orderer = process;
        return this;
    }

    /** Whether it may know another process, and be known to it, as far as orders are concerned. */
    boolean belongsTo(ProcessEntry other) {
        return orderer().filter(by -> by != other && by.type().equals(other.type())).isEmpty();
    }

    /** Another process has taken its place: it ends what it has begun, and none is started when it is gone. */
    public void retires() {
        retiring = true;
    }

    /** Whether another process has taken its place. */
    public boolean isRetiring() {
        return retiring;
    }

    /** Whether {@link Reaper#follow} reports its end. */
    boolean followed() {
        return followed;
    }

    void follow() {
        followed = true;
    }

    /** It was told to leave by SIGTERM: that this ends it is nothing to worry about. */
    public void leaves() {
        leaving = true;
    }

    /**
     * Sets what is done when it is to leave, gracefully or not, in the place of QUIT on its ports: for a process that
     * others cannot do without, which leaves after them. Run on the loop, perhaps more than once.
     */
    public void whenTold(Runnable action) {
        whenTold = Optional.of(action);
    }

    Optional<Runnable> whenTold() {
        return whenTold;
    }

    /** Whether it was told to leave by SIGTERM. */
    public boolean isLeaving() {
        return leaving;
    }

    /** How it has ended; empty before, and for one that is no child of main. */
    public Optional<ChildExit> exit() {
        return exit;
    }

    void ended(ChildExit how) {
        exit = Optional.of(how);
    }

    void adopt(ProcessEntry child) {
        children.add(child);
    }

    void disown(ProcessEntry child) {
        children.remove(child);
    }

    void put(PortRef port) {
        ports.put(port.id(), port);
    }

    Optional<PortRef> dropPort(int id) {
        return Optional.ofNullable(ports.remove(id));
    }

    void cleanUp() {
        while (!cleanups.isEmpty()) {
            Runnable last = cleanups.removeLast();
            try {
                last.run();
            } catch (RuntimeException e) {
                journal.alert(name() + ": clean-up failed: " + e.getMessage());
            }
        }
    }

    @Override
    public String toString() {
        return name() + " " + pid + " " + state;
    }
}
