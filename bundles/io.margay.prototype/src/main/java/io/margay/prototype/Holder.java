// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.isolation.HolderNamespaces;
import io.margay.isolation.Isolation;
import io.margay.isolation.Mount;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.Quit;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.process.ProcFs;
import io.margay.process.ProcessEntry;
import io.margay.process.Reaper;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The process that holds the namespaces of one generation of an application whose language does not fork: the first of
 * the pid namespace, the keeper of the mounts. Its workers are children of main. It leaves after the last of them, and
 * they do not outlive it. Used on main's loop.
 */
final class Holder {

    private record Waiting(Consumer<HolderNamespaces> ready, Consumer<String> failed) {
    }

    private final Prototypes.Tools tools;
    private final HolderStart start;
    private final Consumer<Holder> retired;
    private final List<Waiting> waiting = new ArrayList<>();
    private final Set<ProcessEntry> workers = new LinkedHashSet<>();
    private Optional<HolderNamespaces> namespaces = Optional.empty();
    private Optional<String> failure = Optional.empty();
    private boolean leaving;
    private boolean gone;

    /**
     * A holder that is not started yet.
     *
     * @param order what its first worker was ordered by
     * @param stream of its own start
     * @param retired told, perhaps more than once, when no further worker is to enter
     */
    Holder(Prototypes.Tools tools, PrototypeStart.Order order, int stream, Isolation isolation, List<Mount> mounts,
            Consumer<Holder> retired) {
        this.tools = tools;
        this.retired = retired;
        this.start = new HolderStart(tools, order, stream, isolation, mounts, this::registered, this::started);
    }

    /** Whether processes with this isolation have something to share that a process has to hold. */
    static boolean isNeeded(Isolation isolation, List<Mount> mounts) {
        return !isolation.namespaces().isEmpty() || isolation.root().isPresent() && !mounts.isEmpty();
    }

    HolderStart start() {
        return start;
    }

    /** Whether it has begun to end and nobody has been told yet: its namespaces cannot be entered any more. */
    boolean isLost() {
        return gone || namespaces.isPresent() && ProcFs.isEnding(start.pid());
    }

    /**
     * Waits until its namespaces can be entered.
     *
     * @param ready called once they can, perhaps at once
     * @param failed called instead with the reason
     */
    void enter(Consumer<HolderNamespaces> ready, Consumer<String> failed) {
        if (namespaces.isPresent()) {
            ready.accept(namespaces.get());
        } else if (failure.isPresent()) {
            failed.accept(failure.get());
        } else {
            waiting.add(new Waiting(ready, failed));
        }
    }

    /** A worker is in its namespaces. */
    void adopt(ProcessEntry worker) {
        workers.add(worker);
        worker.onExit(() -> left(worker));
        if (gone) {
            end(worker);
        }
    }

    /** It leaves when it has no worker any more. */
    void leave() {
        leaving = true;
        retired.accept(this);
        quitIfIdle();
    }

    private void left(ProcessEntry worker) {
        workers.remove(worker);
        quitIfIdle();
    }

    private void quitIfIdle() {
        if (leaving && !gone && workers.isEmpty() && start.port() != null) {
            start.port().send(Header.last(MessageType.QUIT, 0, tools.self()), Quit.NORMAL.encode());
        }
    }

    private void registered(ProcessEntry process) {
        process.whenTold(this::leave);
        process.onExit(this::exited);
    }

    private void started(String reason) {
        if (reason.isEmpty()) {
            open();
        } else {
            failure = Optional.of(reason);
            retired.accept(this);
        }
        List<Waiting> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(one -> enter(one.ready, one.failed));
    }

    private void open() {
        try {
            // Main has not waited for it yet, so its pid is nobody else's.
            namespaces = Optional.of(HolderNamespaces.open(start.pid(), start.plan().madeNamespaces()));
        } catch (PosixException e) {
            failure = Optional.of(start.name() + ": " + e.getMessage());
            leave();
        }
    }

    private void exited() {
        gone = true;
        retired.accept(this);
        namespaces.ifPresent(HolderNamespaces::close);
        namespaces = Optional.empty();
        failure = Optional.of(start.name() + " has ended");
        List.copyOf(workers).forEach(this::end);
    }

    /** Where there is no pid namespace, the kernel does not do it. */
    private void end(ProcessEntry worker) {
        worker.leaves();
        kill(worker.pid(), Signals.SIGTERM);
        tools.loop().schedule(Reaper.ORPHAN_MILLIS, () -> {
            if (tools.table().find(worker.pid()).filter(known -> known == worker).isPresent()) {
                tools.journal().warn("process " + worker.pid() + " outlived its prototype and is killed");
                kill(worker.pid(), Signals.SIGKILL);
            }
        });
    }

    private void kill(int pid, int signal) {
        try {
            Processes.kill(pid, signal);
        } catch (PosixException e) {
            if (e.errno() != Errno.ESRCH) {
                tools.journal().alert(e.getMessage());
            }
        }
    }
}
