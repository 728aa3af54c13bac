// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordVerbTest {
    private static final String LONG = "0123456789".repeat(10_000);

    @TempDir
    private Path directory;
    private final Run run = new Run();

    private int record(String answer, String... arguments) throws IOException {
        Path socket = directory.resolve("control");
        try (FakeServer server = FakeServer.at(socket, seen -> answer)) {
            int code = run.on(socket, arguments);
            assertEquals(List.of("POST /control/record?process=main&seconds=300"), server.whats());
            return code;
        }
    }

    @Test
    void whatComesIsWritten() throws IOException {
        Path file = directory.resolve("main.jfr");
        assertEquals(0, record("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + LONG, "record", "5m", "--process",
            "main", "-o", file.toString()), run.err());
        assertEquals(LONG, Files.readString(file));
        assertTrue(run.err().contains("main.jfr: 100000 bytes"), run.err());
    }

    @Test
    void aRefusalLeavesNoFile() throws IOException {
        Path file = directory.resolve("main.jfr");
        assertEquals(1, record(FakeServer.answer(409, "{\"error\": \"The process cannot be recorded.\", \"detail\": "
            + "\"main: This process is being recorded already.\"}"), "record", "5m", "--process", "main", "-o",
            file.toString()));
        assertTrue(run.err().contains("being recorded already"), run.err());
        assertFalse(Files.exists(file));
    }

    @Test
    void anAnswerThatIsNoneLeavesNoFile() throws IOException {
        Path file = directory.resolve("main.jfr");
        assertEquals(3, record("HTTP/1.1 200 OK\r\n", "record", "5m", "--process", "main", "-o", file.toString()));
        assertTrue(run.err().contains("closed without an answer"), run.err());
        assertFalse(Files.exists(file));
    }

    @Test
    void aFileThatIsThereStays() throws IOException {
        Path file = Files.writeString(directory.resolve("main.jfr"), "kept");
        assertEquals(4, run.on(directory.resolve("none"), "record", "-o", file.toString()));
        assertEquals("kept", Files.readString(file));
    }

    @ParameterizedTest
    @CsvSource({"1,1", "30s,30", "2m,120", "1h,3600", "3600,3600"})
    void timesAreSeconds(String text, int seconds) throws ToolException {
        assertEquals(seconds, RecordVerb.seconds(text));
    }

    @ParameterizedTest
    @CsvSource({"0", "0s", "61m", "2h", "x", "''", "1d", "-1", "99999s", "1.5s"})
    void otherTimesAreRefused(String text) {
        assertThrows(ToolException.class, () -> RecordVerb.seconds(text));
    }
}
