// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Fd;
import io.margay.posix.Processes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorLogTest {

    private static final int APPEND = 0x400 | 0x40 | 1;

    @TempDir
    private Path directory;
    private Path file;
    private Fd fd;
    private ErrorLog log;

    @BeforeEach
    void open() {
        file = directory.resolve("log");
        fd = io.margay.posix.Files.open(file.toString(), APPEND, 0600);
        log = ErrorLog.on(fd.number(), Level.INFO);
    }

    private List<String> lines() throws Exception {
        return Files.readAllLines(file);
    }

    @Test
    void aLineHasTimeLevelAndIds() throws Exception {
        log.alert("it burns");
        String line = lines().getFirst();
        assertTrue(line.matches("\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d \\[alert] " + Processes.pid() + "#"
            + Processes.threadId() + " it burns"), line);
    }

    @Test
    void whatIsLessImportantIsLeftOut() throws Exception {
        log.debug("not this");
        log.info("this");
        ErrorLog errors = ErrorLog.on(fd.number(), Level.ERROR);
        errors.warn("nor this");
        errors.error("and this");
        assertEquals(2, lines().size());
        assertFalse(errors.writes(Level.NOTICE));
    }

    @ParameterizedTest
    @CsvSource({"'a\nb', a\\x0Ab", "'a\r[alert] b', a\\x0D[alert] b", "'\u001b[2J', \\x1B[2J", "'\u007f', \\x7F",
        "'tab\tstays', 'tab\tstays'", "äöü, äöü"})
    void controlCharactersCannotForgeALine(String text, String written) throws Exception {
        log.notice(text);
        assertEquals(1, lines().size());
        assertTrue(lines().getFirst().endsWith(" " + written), lines().getFirst());
    }

    @Test
    void aLongLineIsCutAndStillEnds() throws Exception {
        log.info("x".repeat(5000));
        log.info("next");
        assertEquals(2, lines().size());
        assertEquals(2047, lines().getFirst().length());
    }

    @Test
    void aFaultIsWrittenWithItsStack() throws Exception {
        log.failure(new IllegalStateException("broken"));
        assertTrue(lines().getFirst().contains("[alert]") && lines().getFirst().contains("broken"));
        assertTrue(lines().stream().anyMatch(line -> line.contains("ErrorLogTest")));
    }

    @Test
    void aClosedDescriptorHarmsNobody() {
        ErrorLog closed = ErrorLog.on(fd.number(), Level.INFO);
        fd.close();
        closed.alert("nobody hears it");
        assertFalse(fd.isOpen());
    }
}
