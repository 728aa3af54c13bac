// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Sockets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileSliceTest {
    private static final int SIZE = 300_000;

    private final byte[] content = new byte[SIZE];
    private final Fd file;

    FileSliceTest() {
        new Random(1).nextBytes(content);
        file = Files.memfd("slice", 0);
        Files.writeAll(file.number(), content);
    }

    @ParameterizedTest
    @CsvSource({"0, 300000", "0, 0", "1, 1", "70000, 200000"})
    void givesItsPartToChannels(int from, int count) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WritableByteChannel channel = Channels.newChannel(out);
        FileSlice slice = new FileSlice(file, from, count);
        while (slice.transferred() < count) {
            assertTrue(slice.transferTo(channel, slice.transferred()) > 0);
        }
        assertArrayEquals(Arrays.copyOfRange(content, from, from + count), out.toByteArray());
        assertEquals(0, slice.transferTo(channel, count));
        slice.release();
        assertFalse(file.isOpen());
    }

    @Test
    void givesItsPartToSocketsAsFarAsTheyTakeIt() {
        Fd[] pair = Sockets.pair(Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK);
        try (Fd to = pair[0]; Fd from = pair[1]) {
            FileSlice slice = new FileSlice(file, 5, SIZE - 5);
            byte[] got = new byte[0];
            while (slice.transferred() < slice.count()) {
                long sent = slice.send(to.number(), 100_000);
                assertTrue(sent <= 100_000);
                if (sent < 0) {
                    got = drain(from, got);
                }
            }
            assertArrayEquals(Arrays.copyOfRange(content, 5, SIZE), drain(from, got));
            slice.release();
        }
    }

    private static byte[] drain(Fd from, byte[] before) {
        byte[] all = before;
        try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
            var buffer = arena.allocate(SIZE);
            for (int n = 1; n > 0;) {
                n = Files.read(from.number(), buffer, 0, SIZE);
                int end = all.length;
                all = Arrays.copyOf(all, end + Math.max(0, n));
                java.lang.foreign.MemorySegment.copy(buffer, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, all, end,
                    Math.max(0, n));
            }
        }
        return all;
    }

    @Test
    void tellsOfAFileThatHasBecomeShorter() throws IOException {
        FileSlice slice = new FileSlice(file, SIZE - 10, 20);
        WritableByteChannel channel = Channels.newChannel(new ByteArrayOutputStream());
        assertEquals(10, slice.transferTo(channel, 0));
        assertEquals(0, slice.transferTo(channel, 10));
        slice.release();
    }

    @Test
    void refusesPlacesOutsideOfItsPart() {
        assertThrows(IllegalArgumentException.class, () -> new FileSlice(file, -1, 2));
        FileSlice slice = new FileSlice(file, 0, 10);
        WritableByteChannel channel = Channels.newChannel(new ByteArrayOutputStream());
        assertThrows(IndexOutOfBoundsException.class, () -> slice.transferTo(channel, 11));
        slice.release();
    }
}
