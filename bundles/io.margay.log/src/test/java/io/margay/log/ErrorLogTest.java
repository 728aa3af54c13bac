// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Processes;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads the log through a packet socket, where each write is one datagram. */
class ErrorLogTest {
    private static final long NOON =
        LocalDateTime.of(2024, 1, 31, 12, 0, 9).atZone(ZoneId.systemDefault()).toEpochSecond();

    private final AtomicLong clock = new AtomicLong(NOON);
    private final Fd[] pair = Sockets.seqpacketPair();
    private final ErrorLog log = new ErrorLog(pair[1].number(), clock::get);

    @AfterEach
    void close() {
        pair[0].close();
        pair[1].close();
    }

    @Test
    void lineIsOneWrite() {
        log.info("unit started");
        assertEquals("2024/01/31 12:00:09 [info] " + ids() + "unit started\n", next());
        assertEquals("", next());
    }

    @Test
    void timeMovesOn() {
        log.info("a");
        clock.addAndGet(52);
        log.info("b");
        next();
        assertTrue(next().startsWith("2024/01/31 12:01:01 "));
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void levels(Level level) {
        log.threshold(Level.DEBUG);
        switch (level) {
            case ALERT -> log.alert("x");
            case ERROR -> log.error("x");
            case WARN -> log.warn("x");
            case NOTICE -> log.notice("x");
            case INFO -> log.info("x");
            default -> log.debug("x");
        }
        assertTrue(next().contains(" [" + level.text() + "] "));
    }

    @Test
    void thresholdIsInfoAtFirst() {
        log.debug("x");
        assertEquals("", next());
        assertTrue(log.isEnabled(Level.INFO));
        assertFalse(log.isEnabled(Level.DEBUG));
        log.threshold(Level.ALERT);
        log.error("x");
        assertEquals("", next());
        log.alert("x");
        assertNotEquals("", next());
    }

    @ParameterizedTest
    @CsvSource({"0A, \\x0A", "0D, \\x0D", "1B5B, \\x1B[", "00, \\x00", "7F, \\x7F", "09, \\x09", "C285, \\xC2\\x85",
        "C3A9, é", "C2A7, §", "E282AC, €"})
    void controlCharactersAreEscaped(String hex, String shown) {
        byte[] bytes = java.util.HexFormat.of().parseHex(hex);
        log.info("a" + new String(bytes, StandardCharsets.UTF_8) + "b");
        assertTrue(next().endsWith(" a" + shown + "b\n"));
    }

    @Test
    void longLinesAreCutBetweenCharacters() {
        for (int pad = 0; pad < 4; pad++) {
            log.info("x".repeat(pad) + "€".repeat(2000));
            String line = next();
            int length = line.getBytes(StandardCharsets.UTF_8).length;
            assertTrue(length <= LineFormat.MAX && length > LineFormat.MAX - 4, "length " + length);
            assertTrue(line.endsWith("€\n"));
        }
        log.info("\n".repeat(2000));
        String line = next();
        assertTrue(line.length() <= LineFormat.MAX && line.endsWith("\\x0A\n"));
    }

    @Test
    void eachThreadWritesItsId() throws Exception {
        log.info("here");
        Thread thread = new Thread(() -> log.info("there"));
        thread.start();
        thread.join();
        String here = next().replaceAll(".*#(\\d+) .*\n", "$1");
        String there = next().replaceAll(".*#(\\d+) .*\n", "$1");
        assertEquals(String.valueOf(Processes.threadId()), here);
        assertNotEquals(here, there);
    }

    @Test
    void redirectGoesOnInTheOtherFile() {
        try (Fd file = Files.memfd("log", 0)) {
            log.redirect(file);
            log.info("new");
            assertEquals("", next());
            MemorySegment map = Files.map(file.number(), Files.status(file.number()).size(), false);
            assertTrue(text(map).endsWith(" new\n"));
            Files.unmap(map);
        }
    }

    @Test
    void redirectToAClosedDescriptorFails() {
        Fd file = Files.memfd("log", 0);
        file.close();
        assertThrows(IllegalStateException.class, () -> log.redirect(file));
        log.info("still here");
        assertTrue(next().endsWith(" still here\n"));
    }

    @Test
    void lostLinesAreCounted() {
        try (Fd full = Files.open("/dev/full", Files.O_WRONLY, 0)) {
            ErrorLog broken = new ErrorLog(full.number(), clock::get);
            broken.alert("lost");
            broken.alert("lost");
            assertEquals(2, broken.lost());
        }
        assertEquals(0, log.lost());
    }

    @Test
    void errorsHaveTheFormOfTheSpec() {
        assertEquals("(2: No such file or directory)", ErrorLog.describe(Errno.ENOENT));
        assertSame(ErrorLog.shared(), ErrorLog.shared());
    }

    private static String ids() {
        return Processes.pid() + "#" + Processes.threadId() + " ";
    }

    /** The next line, empty when there is none. */
    private String next() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            Received received = Sockets.receive(pair[0].number(), buffer);
            return received.wouldBlock() ? "" : text(buffer.asSlice(0, received.length()));
        }
    }

    private static String text(MemorySegment memory) {
        return new String(memory.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }
}
