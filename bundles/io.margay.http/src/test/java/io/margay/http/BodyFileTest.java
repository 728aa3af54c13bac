// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that take bodies. */
class BodyFileTest {
    @TempDir
    private Path directory;

    @Test
    void isNamelessAndReadOnlyAtTheEnd() {
        byte[] bytes = new byte[70_000];
        bytes[69_999] = 7;
        try (BodyFile file = BodyFile.create(directory.toString())) {
            assertEquals(0, directory.toFile().list().length);
            ByteBuf in = Unpooled.directBuffer().writeBytes(bytes).writeByte(1);
            file.append(in, bytes.length);
            assertEquals(1, in.readableBytes());
            in.release();
            assertEquals(bytes.length, file.size());
            file.complete();
            assertArrayEquals(bytes, Files.readAll(file.fd().number(), 1 << 20));
            ByteBuf more = Unpooled.directBuffer().writeByte(1);
            assertThrows(PosixException.class, () -> file.append(more, 1));
            more.release();
        }
    }

    @Test
    void aDirectoryThatCannotTakeThemIsFoundBefore() {
        assertEquals(Optional.empty(), BodyFile.check(directory.toString()));
        assertEquals(0, directory.toFile().list().length);
        assertTrue(BodyFile.check(directory + "/none").orElseThrow().contains("No such file or directory"));
    }
}
