// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The end of main ({@code spec/processes.md §13}). A graceful end lets requests finish until a deadline, then the fast
 * end begins, and what has not left by its deadline is killed: a stuck process never keeps main alive.
 */
public final class QuitSequence {

    /**
     * How long each phase may take, in milliseconds.
     *
     * @param graceful from QUIT(graceful) to QUIT(normal)
     * @param fast from QUIT(normal) to SIGKILL
     * @param kill from SIGKILL to the end of main, whatever is left
     */
    public record Deadlines(long graceful, long fast, long kill) {

        /** 30 s, 5 s, 2 s: together below the 90 s after which service managers lose patience. */
        public static final Deadlines DEFAULT = new Deadlines(30_000, 5_000, 2_000);
    }

    private enum Phase { SERVING, GRACEFUL, FAST, KILLED, DONE }

    private final EventLoop loop;
    private final int self;
    private final ProcessTable table;
    private final Quitter quitter;
    private final IntConsumer kill;
    private final Deadlines deadlines;
    private final IntConsumer exit;
    private final ErrorLog journal;
    private final List<Runnable> cleanups = new ArrayList<>();
    private Phase phase = Phase.SERVING;
    private int status;
    private Timer timer;

    /**
     * Prepares the end.
     *
     * @param loop main's loop
     * @param self main's pid
     * @param table all processes
     * @param quitter sends QUIT
     * @param kill sends SIGKILL to a pid
     * @param deadlines of the phases
     * @param exit ends the JVM with a status; called once
     * @param journal takes the lines
     */
    public QuitSequence(EventLoop loop, int self, ProcessTable table, Quitter quitter, IntConsumer kill,
            Deadlines deadlines, IntConsumer exit, ErrorLog journal) {
        this.loop = loop;
        this.self = self;
        this.table = table;
        this.quitter = quitter;
        this.kill = kill;
        this.deadlines = deadlines;
        this.exit = exit;
        this.journal = journal;
    }

    /** Adds what is done when the last process is gone: remove the pid file, the control socket, unix listeners. */
    public void onExit(Runnable cleanup) {
        cleanups.add(cleanup);
    }

    /** Whether the end has begun. */
    public boolean exiting() {
        return phase != Phase.SERVING;
    }

    /** Whether requests in progress are being finished. */
    public boolean draining() {
        return phase == Phase.GRACEFUL;
    }

    /**
     * Begins the end, or makes a graceful one fast.
     *
     * @param code or-ed into the exit status of main
     * @param graceful whether requests in progress are finished first
     */
    public void begin(int code, boolean graceful) {
        status |= code;
        if (phase == Phase.SERVING && graceful) {
            enter(Phase.GRACEFUL, deadlines.graceful(), this::fast);
            quitter.quitCore(true);
            processGone();
        } else if (phase == Phase.SERVING || phase == Phase.GRACEFUL && !graceful) {
            fast();
        }
    }

    /** A process has gone; ends main when it was the last. */
    public void processGone() {
        if (exiting() && table.all().stream().allMatch(entry -> entry.pid() == self)) {
            finish();
        } else if (phase == Phase.GRACEFUL && table.all("router").isEmpty()) {
            // Whatever requests there were have their answers; what is left has nothing to do.
            fast();
        }
    }

    private void fast() {
        enter(Phase.FAST, deadlines.fast(), this::killAll);
        quitter.quitAll(false);
        // A JVM that is still starting reads no message, and has nothing to lose.
        table.all().stream().filter(entry -> entry.pid() != self && entry.type().feature().isPresent()
            && entry.state() == ProcessState.CREATING).forEach(entry -> kill.accept(entry.pid()));
        processGone();
    }

    private void killAll() {
        enter(Phase.KILLED, deadlines.kill(), this::finish);
        for (ProcessEntry entry : table.all()) {
            if (entry.pid() != self) {
                journal.warn("process " + entry.pid() + " (" + entry.name() + ") does not leave and is killed");
                kill.accept(entry.pid());
            }
        }
    }

    private void enter(Phase next, long millis, Runnable late) {
        if (timer != null) {
            timer.cancel();
        }
        phase = next;
        timer = loop.schedule(millis, late);
    }

    private void finish() {
        if (phase == Phase.DONE) {
            return;
        }
        phase = Phase.DONE;
        timer.cancel();
        for (Runnable cleanup : cleanups) {
            try {
                cleanup.run();
            } catch (RuntimeException e) {
                journal.alert("clean-up at exit failed: " + e.getMessage());
            }
        }
        table.all().forEach(table::remove);
        exit.accept(status);
    }
}
