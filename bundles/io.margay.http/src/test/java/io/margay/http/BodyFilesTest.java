// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Descriptors;
import io.margay.posix.Errno;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultFileRegion;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies in files, both ways: requests that are kept in one, responses that are sent from one. */
class BodyFilesTest {
    @TempDir
    private Path directory;
    private int[] before;

    @BeforeEach
    void count() throws IOException {
        java.nio.file.Files.writeString(directory.resolve("warm"), "");
        FileChannel.open(directory.resolve("warm")).close();
        BodyFile.check(directory.toString());
        java.nio.file.Files.delete(directory.resolve("warm"));
        before = Descriptors.open();
    }

    @AfterEach
    void noDescriptorIsLeft() {
        assertArrayEquals(before, Descriptors.open());
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "10, 3", "16384, 16384", "65537, 1000", "1000000, 65536", "300000, 300000"})
    void whatIsAppendedIsThere(int size, int step) {
        byte[] bytes = random(size);
        try (BodyFile file = BodyFile.create(directory.toString())) {
            ByteBuf in = Unpooled.directBuffer(Math.max(1, size)).writeBytes(bytes);
            while (in.isReadable()) {
                int part = Math.min(step, in.readableBytes());
                file.append(in, part);
                assertEquals(size - in.readableBytes(), file.size());
            }
            in.release();
            file.complete();
            assertEquals(size, file.size());
            assertArrayEquals(bytes, Files.readAll(file.fd().number(), 1 << 21));
        }
    }

    @Test
    void nobodyElseCanFindOrReadIt() throws IOException {
        try (BodyFile file = BodyFile.create(directory.toString())) {
            try (var list = java.nio.file.Files.list(directory)) {
                assertEquals(0, list.count());
            }
            FileStatus status = Files.status(file.fd().number());
            assertEquals(0600, status.permissions());
            assertEquals(0, status.links());
            assertTrue(status.isRegular());
            assertTrue(Descriptors.closeOnExec(file.fd().number()));
        }
    }

    @Test
    void twoAreTwo() {
        try (BodyFile one = BodyFile.create(directory.toString());
            BodyFile two = BodyFile.create(directory.toString())) {
            assertNotEquals(Files.status(one.fd().number()).inode(), Files.status(two.fd().number()).inode());
        }
    }

    @Test
    void theFinishedOneOnlyReadsFromItsBegin() {
        try (BodyFile file = BodyFile.create(directory.toString())) {
            ByteBuf in = Unpooled.directBuffer().writeBytes(new byte[] {1, 2, 3});
            file.append(in, 3);
            int writing = file.fd().number();
            assertEquals(Files.O_RDWR, Descriptors.statusFlags(writing) & 3);
            file.complete();
            assertEquals(Files.O_RDONLY, Descriptors.statusFlags(file.fd().number()) & 3);
            assertArrayEquals(new byte[] {1, 2, 3}, Files.readAll(file.fd().number(), 10));
            in.writeByte(4);
            PosixException e = assertThrows(PosixException.class, () -> file.append(in, 1));
            assertEquals(Errno.EBADF, e.errno());
            assertEquals(3, file.size());
            in.release();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /none    | (2: No such file or directory)
        /file    | (20: Not a directory)
        """)
    void aPlaceThatIsNoDirectory(String path, String reason) throws IOException {
        Path file = java.nio.file.Files.writeString(directory.resolve("file"), "x");
        String problem = BodyFile.check(directory + path).orElseThrow();
        assertTrue(problem.startsWith("open(\"" + directory + path + "/req-"), problem);
        assertTrue(problem.endsWith("failed " + reason), problem);
        assertThrows(PosixException.class, () -> BodyFile.create(directory + path));
        java.nio.file.Files.delete(file);
    }

    @Test
    void aPlaceThatCanTakeThemIsLeftAsItWas() throws IOException {
        assertEquals(Optional.empty(), BodyFile.check(directory.toString()));
        try (var list = java.nio.file.Files.list(directory)) {
            assertEquals(0, list.count());
        }
    }

    /** A body filter that notes what it sees. */
    private static ResponseFilter noting(List<byte[]> parts, List<Boolean> lasts) {
        return (exchange, head) -> Optional.of((data, last, out) -> {
            byte[] part = new byte[data.readableBytes()];
            data.getBytes(data.readerIndex(), part);
            parts.add(part);
            lasts.add(last);
            out.write(data.retain(), last);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 65_535, 65_536, 65_537, 131_072, 200_001})
    void regionsAreReadInPieces(int size) throws IOException {
        byte[] bytes = random(size);
        Path path = java.nio.file.Files.write(directory.resolve("file"), bytes);
        List<byte[]> parts = new ArrayList<>();
        List<Boolean> lasts = new ArrayList<>();
        TestExchange exchange = new TestExchange();
        exchange.filter(noting(parts, lasts));
        exchange.respond(200, Fields.NONE, new DefaultFileRegion(FileChannel.open(path), 0, size));
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        parts.forEach(part -> all.write(part, 0, part.length));
        assertArrayEquals(bytes, all.toByteArray());
        assertEquals((size + 65_535) / 65_536, parts.size());
        assertTrue(lasts.getLast());
        assertEquals(lasts.size() - 1, lasts.lastIndexOf(true));
        assertEquals(1, lasts.stream().filter(last -> last).count());
        assertTrue(exchange.wire.toString().endsWith("end|done"));
        java.nio.file.Files.delete(path);
    }

    @ParameterizedTest
    @CsvSource({"0, 10", "3, 4", "9, 1", "100, 65536"})
    void partsOfFilesAreReadFromTheirPlace(int from, int count) throws IOException {
        byte[] bytes = random(from + count + 5);
        Path path = java.nio.file.Files.write(directory.resolve("file"), bytes);
        List<byte[]> parts = new ArrayList<>();
        TestExchange exchange = new TestExchange();
        exchange.filter(noting(parts, new ArrayList<>()));
        exchange.respond(206, Fields.NONE, new DefaultFileRegion(FileChannel.open(path), from, count));
        assertArrayEquals(java.util.Arrays.copyOfRange(bytes, from, from + count), parts.getFirst());
        java.nio.file.Files.delete(path);
    }

    @Test
    void anEmptyFileIsOneLastPart() throws IOException {
        Path path = java.nio.file.Files.write(directory.resolve("file"), new byte[0]);
        List<byte[]> parts = new ArrayList<>();
        List<Boolean> lasts = new ArrayList<>();
        TestExchange exchange = new TestExchange();
        exchange.filter(noting(parts, lasts));
        exchange.respond(200, Fields.NONE, new DefaultFileRegion(FileChannel.open(path), 0, 0));
        assertEquals(List.of(true), lasts);
        assertEquals("head 200 [] -1|end|done", exchange.wire.toString());
        java.nio.file.Files.delete(path);
    }

    /** The file is closed on each way that a response can end. */
    @ParameterizedTest
    @ValueSource(strings = {"sent", "head", "204", "done before", "filter throws", "body filter throws", "client gone",
        "aborted by a filter"})
    void theFileIsGivenBack(String way) throws IOException {
        Path path = java.nio.file.Files.write(directory.resolve("file"), new byte[200_000]);
        DefaultFileRegion region = new DefaultFileRegion(FileChannel.open(path), 0, 200_000);
        TestExchange exchange = new TestExchange();
        exchange.head = way.equals("head");
        switch (way) {
            case "done before" -> exchange.abort();
            case "filter throws" -> exchange.filter((e, head) -> {
                throw new IllegalStateException("broken");
            });
            case "body filter throws" -> exchange.filter((e, head) -> Optional.of((data, last, out) -> {
                throw new IllegalStateException("broken");
            }));
            case "client gone" -> {
                exchange.writable = false;
                exchange.filter(noting(new ArrayList<>(), new ArrayList<>()));
            }
            case "aborted by a filter" -> exchange.filter((e, head) -> Optional.of((data, last, out) -> e.abort()));
            default -> exchange.flush();
        }
        exchange.respond(way.equals("204") ? 204 : 200, Fields.NONE, region);
        if (way.equals("client gone")) {
            assertFalse(exchange.isDone());
            assertEquals(1, region.refCnt());
            exchange.abort();
        }
        assertTrue(exchange.isDone());
        assertEquals(0, region.refCnt());
        java.nio.file.Files.delete(path);
    }
}
