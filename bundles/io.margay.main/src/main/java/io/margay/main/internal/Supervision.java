// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.posix.Processes;
import io.margay.process.Announcer;
import io.margay.process.ProcFs;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessKinds;
import io.margay.process.ProcessTable;
import io.margay.process.QuitSequence;
import io.margay.process.Quitter;
import io.margay.process.Reaper;
import io.margay.process.Restarter;
import java.util.Optional;
import java.util.function.IntConsumer;

/** Who lives, who is told of it, who is started again, and how all of it ends: the parts that hang together. */
final class Supervision {

    private final int self = Processes.pid();
    private final ProcessTable table;
    private final ProcessEntry main;
    private final Announcer announcer;
    private final Quitter quitter;
    private final QuitSequence quit;
    private final Reaper reaper;
    private final Restarter restarter;

    /**
     * Begins with main alone.
     *
     * @param ended called on the loop with the exit status when the last process is gone
     */
    Supervision(EventLoop loop, ProcessKinds kinds, IntConsumer ended, ErrorLog journal) {
        this.table = new ProcessTable(kinds, "main", journal);
        this.announcer = new Announcer(self, table, journal);
        this.quitter = new Quitter(self, table);
        this.quit = new QuitSequence(loop, self, table, quitter, pid -> Kills.kill(pid, journal),
            QuitSequence.Deadlines.DEFAULT, ended, journal);
        this.reaper = new Reaper(loop, self, table, announcer, quitter, Kills.calls(loop, journal), journal);
        this.restarter = new Restarter(loop, quit::exiting, journal);
        reaper.whenExiting(quit::exiting, quit::processGone).whenDraining(quit::draining)
            .whenRestartable(restarter::died);
        if (self == 1) {
            reaper.adoptOrphans(() -> ProcFs.children(self));
        }
        this.main = table.add(self, "main", "", Optional.empty());
        main.ready();
        announcer.whenChanged(this::tellController);
    }

    /** For those who follow the server; what the controller misses while it is away is in the log. */
    private void tellController(ProcessEntry entry, boolean serves) {
        if (entry.is("controller")) {
            return;
        }
        ConfObject.Builder news = ConfObject.builder().put("pid", entry.pid()).put("kind", entry.type().word())
            .put("started", serves);
        if (!entry.application().isEmpty()) {
            news.put("application", entry.application());
        }
        table.peer("controller").ifPresent(peer -> peer.send(Header.last(MessageType.PROCESS_CHANGED, 0, self),
            ConfWriter.compact(news.build())));
    }

    int self() {
        return self;
    }

    ProcessTable table() {
        return table;
    }

    ProcessEntry main() {
        return main;
    }

    Announcer announcer() {
        return announcer;
    }

    Quitter quitter() {
        return quitter;
    }

    QuitSequence quit() {
        return quit;
    }

    Reaper reaper() {
        return reaper;
    }

    Restarter restarter() {
        return restarter;
    }
}
