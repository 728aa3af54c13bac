// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.Message;
import io.margay.port.PayloadException;
import io.margay.port.RemovePid;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * What main does when a process has ended ({@code spec/processes.md §12}). It waits for the children that it knows, one
 * by one, and for strangers only where main has to adopt orphans: a wait for any child would take the exit status of
 * children that some library in this JVM waits for.
 */
public final class Reaper implements AutoCloseable {

    /** Time that the workers of a dead prototype get before they are killed. */
    public static final long ORPHAN_MILLIS = 10_000;

    /** waitpid(2) with WNOHANG. */
    @FunctionalInterface
    public interface Waiter {

        /**
         * Asks for one child.
         *
         * @param pid the child
         * @return empty while it runs
         * @throws PosixException with ECHILD when it is no child
         */
        Optional<ChildExit> await(int pid);
    }

    /** Reports the end of processes that are not children of this one. */
    @FunctionalInterface
    public interface Follower {

        /**
         * Calls back once on the loop's thread when the process is gone.
         *
         * @return false when it has ended already
         * @throws PosixException when it cannot be followed
         */
        boolean follow(int pid, Runnable gone);
    }

    /**
     * The system calls.
     *
     * @param waiter waits for children
     * @param follower follows grandchildren, usually by {@link PidfdFollower}
     * @param kill sends SIGKILL
     */
    public record Calls(Waiter waiter, Follower follower, IntConsumer kill) {

        /** The kernel's. */
        public static Calls kernel(EventLoop loop) {
            return new Calls(pid -> Processes.wait(pid).map(ChildExit::of), new PidfdFollower(loop), Calls::kill);
        }

        /** Sends SIGKILL to a process that may be gone already. */
        public static void kill(int pid) {
            try {
                Processes.kill(pid, Signals.SIGKILL);
            } catch (PosixException e) {
                if (e.errno() != Errno.ESRCH) {
                    throw e;
                }
            }
        }
    }

    private final EventLoop loop;
    private final int self;
    private final ProcessTable table;
    private final Announcer announcer;
    private final Quitter quitter;
    private final Calls calls;
    private final ErrorLog journal;
    private final Map<Integer, Consumer<ChildExit>> others = new LinkedHashMap<>();
    private BooleanSupplier exiting = () -> false;
    private BooleanSupplier draining = () -> false;
    private Runnable left = () -> { };
    private Consumer<ProcessEntry> restart = entry -> { };
    private Consumer<ProcessEntry> orphaned = entry -> { };
    private Supplier<int[]> adopted = () -> new int[0];
    private Supplier<int[]> strangers;
    private int expected;
    private boolean quietly;

    /**
     * Reaps for main.
     *
     * @param loop main's loop
     * @param self main's pid
     * @param table all processes
     * @param announcer tells the others
     * @param quitter stops the workers of a dead prototype
     * @param calls the system calls
     * @param journal takes the lines
     */
    public Reaper(EventLoop loop, int self, ProcessTable table, Announcer announcer, Quitter quitter, Calls calls,
            ErrorLog journal) {
        this.loop = loop;
        this.self = self;
        this.table = table;
        this.announcer = announcer;
        this.quitter = quitter;
        this.calls = calls;
        this.journal = journal;
        this.strangers = () -> ProcFs.children(self);
    }

    /**
     * Joins the end of the server: while it ends nobody is told and nothing is restarted.
     *
     * @param state whether it ends
     * @param gone called after each process that is gone meanwhile
     */
    public Reaper whenExiting(BooleanSupplier state, Runnable gone) {
        this.exiting = state;
        this.left = gone;
        return this;
    }

    /**
     * Keeps telling of deaths while the server ends gracefully: the router waits for the end of its applications.
     *
     * @param state whether requests are still being finished
     */
    public Reaper whenDraining(BooleanSupplier state) {
        this.draining = state;
        return this;
    }

    /** Sets what else happens to a worker that has lost its prototype and has been told to leave. */
    public Reaper whenOrphaned(Consumer<ProcessEntry> action) {
        this.orphaned = action;
        return this;
    }

    /** Sets who starts a dead process of a restartable type again, usually {@link Restarter#died}. */
    public Reaper whenRestartable(Consumer<ProcessEntry> action) {
        this.restart = action;
        return this;
    }

    /**
     * Reaps children of unknown origin too: for pid 1 of a container and for a child subreaper.
     *
     * @param children lists all children of this process, usually {@link ProcFs#children}
     */
    public Reaper adoptOrphans(Supplier<int[]> children) {
        this.adopted = children;
        this.strangers = children;
        return this;
    }

    /**
     * A child was made whose pid is not known yet. Until {@link #met} as many children of unknown origin are waited for
     * as well, since that one may end before it says who it is.
     */
    public void expect() {
        expected++;
    }

    /** A child that was expected is known now, or is not expected any longer. */
    public void met() {
        expected--;
    }

    /** Waits for a child that is not in the table, such as a probe; the action comes after the log line. */
    public void track(int pid, Consumer<ChildExit> action) {
        others.put(pid, action);
        if (quietly) {
            watch(pid);
        }
    }

    /** Follows nobody any more. On the loop. */
    @Override
    public void close() {
        if (calls.follower() instanceof PidfdFollower follower) {
            follower.close();
        }
    }

    /** Leaves a tracked child to the caller, who waits for it. */
    public void forget(int pid) {
        others.remove(pid);
    }

    /**
     * Learns of the death of children without SIGCHLD, which belongs to the JVM of somebody else. Called before there
     * are any.
     */
    public Reaper withoutSignal() {
        quietly = true;
        table.whenAdded(entry -> entry.parent().filter(parent -> parent.pid() == self)
            .ifPresent(child -> watch(entry.pid())));
        return this;
    }

    private void watch(int pid) {
        try {
            if (!calls.follower().follow(pid, this::reap)) {
                loop.execute(this::reap);
            }
        } catch (PosixException e) {
            journal.alert("process " + pid + " cannot be followed: " + e.getMessage());
        }
    }

    /** Follows a process of the table that a prototype has forked. */
    public void follow(ProcessEntry entry) {
        try {
            if (calls.follower().follow(entry.pid(), () -> gone(entry))) {
                entry.follow();
            } else {
                gone(entry);
            }
        } catch (PosixException e) {
            journal.alert("process " + entry.pid() + " cannot be followed: " + e.getMessage());
        }
    }

    /** A child may have ended: SIGCHLD came, or the kernel told of one that is followed. */
    public void reap() {
        for (Integer pid : List.copyOf(others.keySet())) {
            await(pid).ifPresent(exit -> {
                Consumer<ChildExit> action = others.remove(pid);
                exit.log(journal);
                action.accept(exit);
            });
        }
        for (ProcessEntry entry : table.all()) {
            if (entry.parent().filter(parent -> parent.pid() == self).isPresent()) {
                await(entry.pid()).ifPresent(exit -> {
                    entry.ended(exit);
                    entry.readLastWords();
                    exit.log(journal, entry.isLeaving());
                    end(entry);
                });
            }
        }
        for (int pid : expected > 0 ? strangers.get() : adopted.get()) {
            if (table.find(pid).isEmpty() && !others.containsKey(pid)) {
                await(pid).ifPresent(exit -> exit.log(journal));
            }
        }
    }

    /**
     * A prototype says that it has reaped a worker ({@code spec/processes.md §14}). It may speak of its own workers
     * only; of a followed one the kernel will tell, and only that counts.
     *
     * @throws PayloadException when it is malformed or names another process
     */
    public void removePid(Message message) {
        int pid = RemovePid.decode(message).pid();
        Optional<ProcessEntry> worker = table.find(pid);
        if (worker.isEmpty()) {
            return;
        }
        if (worker.get().parent().filter(parent -> parent.pid() == message.senderPid()).isEmpty()) {
            throw new PayloadException("process " + message.senderPid() + " cannot remove process " + pid);
        }
        if (!worker.get().followed()) {
            gone(worker.get());
        }
    }

    private Optional<ChildExit> await(int pid) {
        try {
            return calls.waiter().await(pid);
        } catch (PosixException e) {
            journal.alert("waitpid() failed: " + PosixException.describe(e.errno()));
            // Somebody else has reaped it: it is gone all the same, only nobody knows how it ended.
            return e.errno() == Errno.ECHILD ? Optional.of(ChildExit.code(pid, 0)) : Optional.empty();
        }
    }

    private void gone(ProcessEntry entry) {
        if (table.find(entry.pid()).filter(known -> known == entry).isPresent()) {
            entry.readLastWords();
            end(entry);
        }
    }

    /** Steps 3 to 8. */
    private void end(ProcessEntry dead) {
        dead.cleanUp();
        int stream = dead.state() == ProcessState.READY ? 0 : dead.stream();
        List<ProcessEntry> children = dead.children();
        children.forEach(child -> quitter.quit(child, false));
        boolean quiet = exiting.getAsBoolean() && !draining.getAsBoolean();
        table.remove(dead);
        if (!quiet) {
            announcer.remove(dead, stream);
        }
        children.forEach(child -> bereave(child, quiet));
        if (exiting.getAsBoolean()) {
            left.run();
        } else if (dead.type().restartable()) {
            restart.accept(dead);
        }
    }

    /**
     * A worker has lost its prototype. A followed one stays in the table until it is really gone, so that it is killed
     * when it does not leave, and so that main does not end before it. Nor is it announced earlier: until it leaves it
     * takes requests out of the queue, and a router that has forgotten it would not know who had taken them.
     */
    private void bereave(ProcessEntry child, boolean quiet) {
        if (!child.followed()) {
            if (!quiet) {
                announcer.remove(child, child.state() == ProcessState.READY ? 0 : child.stream());
            }
            table.remove(child);
            return;
        }
        orphaned.accept(child);
        loop.schedule(ORPHAN_MILLIS, () -> {
            if (table.find(child.pid()).filter(known -> known == child).isPresent()) {
                journal.warn("process " + child.pid() + " outlived its prototype and is killed");
                calls.kill().accept(child.pid());
            }
        });
    }
}
