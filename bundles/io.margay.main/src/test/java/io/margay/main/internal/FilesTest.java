// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Fd;
import io.margay.process.StartException;
import java.io.IOException;
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
    private final Stage stage = new Stage();
    /** Stands for descriptor 2, which the test needs itself. */
    private final Fd stderr = io.margay.posix.Files.open("/dev/null", io.margay.posix.Files.O_WRONLY, 0);

    @AfterEach
    void close() {
        stage.close();
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
        LogFiles logs = new LogFiles(stage.lines, stderr.number());
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
        LogFiles logs = new LogFiles(stage.lines, stderr.number());
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
        assertEquals(List.of("alert open(\"" + other + "\") failed (2: No such file or directory)"), stage.lines.all);
    }

    @Test
    void anUnwritableLogSaysWhy() {
        LogFiles logs = new LogFiles(stage.lines, stderr.number());
        logs.add(directory.toString());
        assertEquals("open(\"" + directory + "\") failed (21: Is a directory)",
            assertThrows(StartException.class, logs::open).getMessage());
    }

    @Test
    void otherProcessesGetTheFilesExceptWorkers() {
        LogFiles logs = new LogFiles(stage.lines, stderr.number());
        logs.add(directory.resolve("unit.log").toString());
        logs.open();
        stage.add(Stage.ROUTER, "router", true);
        stage.add(Stage.PROTOTYPE, "prototype", true);
        stage.add(Stage.WORKER, "app", true);
        stage.call(() -> {
            logs.announce(stage.table, stage.self);
            return 0;
        });
        assertEquals("CHANGE_FILE fds 1", stage.hear(Stage.ROUTER));
        assertEquals("CHANGE_FILE fds 0", stage.hear(Stage.PROTOTYPE), "an application writes to a pipe");
        assertTrue(stage.hearsNothing(Stage.WORKER));
    }
}
