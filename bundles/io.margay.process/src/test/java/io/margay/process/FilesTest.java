// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.posix.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pid file, log files and the streams of a daemon. */
class FilesTest {

    @TempDir
    private Path directory;
    private final Mates mates = new Mates();
    /** Stands for descriptor 2, which the test needs itself. */
    private final Fd stderr = io.margay.posix.Files.open("/dev/null", io.margay.posix.Files.O_WRONLY, 0);

    @AfterEach
    void close() {
        mates.close();
        stderr.close();
    }

    private void say(String text) {
        io.margay.posix.Files.writeAll(stderr.number(), text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void pidFileIsWrittenOverAndRemoved() throws IOException {
        Path file = directory.resolve("run/unit/unit.pid");
        PidFile.create(file.toString(), 1234567);
        PidFile pid = PidFile.create(file.toString(), 12);
        assertEquals("12\n", Files.readString(file));
        assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        pid.remove();
        pid.remove();
        assertFalse(Files.exists(file));
    }

    @Test
    void anUnwritablePidFileSaysWhy() throws IOException {
        Path file = Files.createDirectory(directory.resolve("unit.pid"));
        assertEquals("open(\"" + file + "\") failed (21: Is a directory)",
            assertThrows(StartException.class, () -> PidFile.create(file.toString(), 1)).getMessage());
    }

    @Test
    void logsAreReopenedByName() throws IOException {
        LogFiles logs = new LogFiles(mates.lines, stderr.number());
        Path log = directory.resolve("unit.log");
        assertEquals(0, logs.add(log.toString()));
        assertEquals(1, logs.add(directory.resolve("other.log").toString()));
        assertEquals(0, logs.add(log.toString()));
        logs.open();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(log)));
        say("one ");
        Files.move(log, directory.resolve("unit.log.1"));
        say("two ");
        assertTrue(logs.reopen());
        say("three");
        assertEquals("one two ", Files.readString(directory.resolve("unit.log.1")));
        assertEquals("three", Files.readString(log));
    }

    @Test
    void theOldLogsStayWhenOneCannotBeOpened() throws IOException {
        LogFiles logs = new LogFiles(mates.lines, stderr.number());
        Path log = directory.resolve("unit.log");
        Path other = directory.resolve("sub/other.log");
        Files.createDirectory(other.getParent());
        logs.add(log.toString());
        logs.add(other.toString());
        logs.open();
        Files.move(log, directory.resolve("unit.log.1"));
        Files.delete(other);
        Files.delete(other.getParent());
        assertFalse(logs.reopen());
        say("still here");
        assertEquals("still here", Files.readString(directory.resolve("unit.log.1")));
        assertEquals(List.of("alert open(\"" + other + "\") failed (2: No such file or directory)"), mates.lines.all);
    }

    @Test
    void anUnwritableLogSaysWhy() {
        LogFiles logs = new LogFiles(mates.lines, stderr.number());
        logs.add(directory.toString());
        assertEquals("open(\"" + directory + "\") failed (21: Is a directory)",
            assertThrows(StartException.class, logs::open).getMessage());
    }

    @Test
    void otherProcessesGetTheFilesExceptWorkers() {
        LogFiles logs = new LogFiles(mates.lines, stderr.number());
        logs.add(directory.resolve("unit.log").toString());
        logs.open();
        mates.add(10, "router");
        ProcessEntry prototype = mates.add(11, "prototype");
        mates.add(12, "app", ProcessState.READY, prototype);
        logs.announce(mates.table, Mates.SELF);
        assertEquals(List.of("CHANGE_FILE fds 1"), mates.inbox(10));
        assertEquals(List.of("CHANGE_FILE"), mates.inbox(11), "an application writes to a pipe");
        assertEquals(List.of(), mates.inbox(12));
    }

    @Test
    void aReceiverPutsTheFileInPlace() throws IOException {
        Path log = Files.createFile(directory.resolve("new.log"));
        Fd file = io.margay.posix.Files.open(log.toString(), io.margay.posix.Files.O_WRONLY, 0);
        Header header = Header.last(MessageType.CHANGE_FILE, 0, 1);
        LogFiles.change(new Message(header, ByteBuffer.allocate(8), 1, 0, 0, file.release()), stderr.number());
        say("here");
        assertEquals("here", Files.readString(log));
        for (int size : new int[] {0, 8, 9}) {
            Message bad = new Message(header, ByteBuffer.allocate(size), 1, 0, 0);
            assertThrows(PayloadException.class, () -> LogFiles.change(bad, stderr.number()));
        }
    }
}
