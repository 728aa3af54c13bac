// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process does with the log file that main hands over. */
class LogChangeTest {

    @TempDir
    private Path directory;

    @Test
    void aReceiverPutsTheFileInPlace() throws IOException {
        try (Fd stderr = io.margay.posix.Files.open("/dev/null", io.margay.posix.Files.O_WRONLY, 0)) {
            Path log = Files.createFile(directory.resolve("new.log"));
            Fd file = io.margay.posix.Files.open(log.toString(), io.margay.posix.Files.O_WRONLY, 0);
            Header header = Header.last(MessageType.CHANGE_FILE, 0, 1);
            LogChange.change(new Message(header, ByteBuffer.allocate(8), 1, 0, 0, file.release()), stderr.number());
            io.margay.posix.Files.writeAll(stderr.number(), "here".getBytes(StandardCharsets.UTF_8));
            assertEquals("here", Files.readString(log));
            for (int size : new int[] {0, 8, 9}) {
                Message bad = new Message(header, ByteBuffer.allocate(size), 1, 0, 0);
                assertThrows(PayloadException.class, () -> LogChange.change(bad, stderr.number()));
            }
        }
    }
}
