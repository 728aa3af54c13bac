// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.process.HostProcess;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessTable;
import io.margay.process.StartException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The log files of the server: slot 0 is the main log, which is descriptor 2 of every process of
 * ours ({@code spec/processes.md §18}). Main opens them; the others get the descriptors.
 */
final class LogFiles {

    private static final int MODE = 0600;
    private static final int FLAGS = Files.O_WRONLY | Files.O_APPEND | Files.O_CREAT;

    private static final class Slot {
        private final String path;
        private Fd file;

        Slot(String path) {
            this.path = path;
        }
    }

    private final List<Slot> slots = new ArrayList<>();
    private final ErrorLog journal;
    private final int errorLog;

    /**
     * No files yet.
     *
     * @param errorLog the descriptor that slot 0 takes, usually {@link HostProcess#log}
     */
    public LogFiles(ErrorLog journal, int errorLog) {
        this.journal = journal;
        this.errorLog = errorLog;
    }

    /**
     * Adds a file; a name that is there already gets no second entry.
     *
     * @return its slot
     */
    public int add(String path) {
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).path.equals(path)) {
                return i;
            }
        }
        slots.add(new Slot(path));
        return slots.size() - 1;
    }

    /**
     * Opens all files for the first time and puts slot 0 on its descriptor.
     *
     * @throws StartException with the alert to log; the descriptor is as it was
     */
    public void open() {
        try {
            replace(openAll());
        } catch (PosixException e) {
            throw new StartException(e.getMessage(), e);
        }
    }

    /**
     * Opens all files anew, for rotation. When one of them fails all old ones stay.
     *
     * @return whether they were changed
     */
    public boolean reopen() {
        try {
            replace(openAll());
            return true;
        } catch (PosixException e) {
            journal.alert(e.getMessage());
            return false;
        }
    }

    /**
     * Hands slot 0 to controller, router and the like; the other slots are main's alone. Prototypes are told without
     * it, and tell their workers, which they can wake. Called after {@link #open}.
     *
     * @param table all processes
     * @param self main's pid
     */
    public void announce(ProcessTable table, int self) {
        for (ProcessEntry entry : table.all()) {
            if (entry.pid() != self && !entry.is("app")) {
                table.peer(entry).ifPresent(peer -> announce(peer, self, entry.type().ofApplication()));
            }
        }
    }

    /** Applications write into a pipe that main reads; they open their own files anew. */
    private void announce(Peer peer, int self, boolean application) {
        byte[] slot = new byte[Long.BYTES];
        if (application) {
            peer.send(Header.last(MessageType.CHANGE_FILE, 0, self), slot);
            return;
        }
        try {
            peer.send(Header.last(MessageType.CHANGE_FILE, 0, self), slot, slots.getFirst().file.duplicate());
        } catch (PosixException e) {
            journal.alert("log file cannot be announced: " + e.getMessage());
        }
    }

    /** Closes the files; the descriptor of slot 0 stays. */
    public void close() {
        slots.forEach(slot -> Optional.ofNullable(slot.file).ifPresent(Fd::close));
        slots.clear();
    }

    private List<Fd> openAll() {
        List<Fd> files = new ArrayList<>();
        try {
            for (Slot slot : slots) {
                files.add(Files.open(slot.path, FLAGS, MODE));
            }
            return files;
        } catch (PosixException e) {
            files.forEach(Fd::close);
            throw e;
        }
    }

    private void replace(List<Fd> files) {
        if (!files.isEmpty()) {
            Descriptors.duplicateTo(files.getFirst().number(), errorLog);
        }
        for (int i = 0; i < files.size(); i++) {
            Slot slot = slots.get(i);
            if (slot.file != null) {
                slot.file.close();
            }
            slot.file = files.get(i);
        }
    }
}
