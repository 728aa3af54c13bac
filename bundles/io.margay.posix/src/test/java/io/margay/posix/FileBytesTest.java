// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ways through directories, and the bytes of files. */
class FileBytesTest {
    @TempDir
    private Path directory;
    private int[] before;

    @BeforeEach
    void count() throws IOException {
        java.nio.file.Files.writeString(directory.resolve("file"), "content");
        java.nio.file.Files.createDirectory(directory.resolve("dir"));
        java.nio.file.Files.writeString(directory.resolve("dir/inner"), "x");
        java.nio.file.Files.createDirectory(directory.resolve("empty"));
        java.nio.file.Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
        java.nio.file.Files.createSymbolicLink(directory.resolve("dangling"), Path.of("nowhere"));
        java.nio.file.Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));
        before = Descriptors.open();
    }

    @AfterEach
    void noDescriptorIsLeft() {
        assertArrayEquals(before, Descriptors.open());
    }

    private String path(String name) {
        return directory + "/" + name;
    }

    /** Ways that paths of openat2 may take. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # path             | free | beneath | in root | no links
        inner              | 0    | 0       | 0       | 0
        ./inner            | 0    | 0       | 0       | 0
        ../file            | 0    | -18     | -2      | 0
        ../dir/inner       | 0    | -18     | -2      | 0
        inner/x            | -20  | -20     | -20     | -20
        none               | -2   | -2      | -2      | -2
        out                | 0    | -18     | -2      | -40
        absolute           | 0    | -18     | 0       | -40
        here               | 0    | 0       | 0       | -40
        self/inner         | 0    | 0       | 0       | -40
        """)
    void limitsOnTheWay(String name, int free, int beneath, int inRoot, int noLinks) throws IOException {
        Path dir = directory.resolve("dir");
        java.nio.file.Files.createSymbolicLink(dir.resolve("out"), Path.of("../file"));
        java.nio.file.Files.createSymbolicLink(dir.resolve("here"), Path.of("inner"));
        java.nio.file.Files.createSymbolicLink(dir.resolve("self"), Path.of("."));
        // As root of its own the directory has an inner, and the file system has it too.
        java.nio.file.Files.createSymbolicLink(dir.resolve("absolute"), Path.of("/inner"));
        boolean outside = name.equals("absolute");
        try (Fd base = Files.open(path("dir"), Files.O_PATH | Files.O_DIRECTORY, 0)) {
            int[] wanted = {free, beneath, inRoot, noLinks};
            int[] resolve = {0, Files.RESOLVE_BENEATH, Files.RESOLVE_IN_ROOT, Files.RESOLVE_NO_SYMLINKS};
            for (int i = 0; i < wanted.length; i++) {
                int fd = Files.openAt2(base.number(), name.getBytes(StandardCharsets.UTF_8), Files.O_RDONLY, 0,
                    resolve[i]);
                if (fd >= 0) {
                    assertTrue(Descriptors.closeOnExec(fd));
                    Descriptors.close(fd);
                }
                int expected = outside && i == 0 ? -Errno.ENOENT : wanted[i];
                assertEquals(expected, Math.min(fd, 0), "limit " + resolve[i]);
            }
        }
    }

    @Test
    void openAt2MakesFilesToo() {
        try (Fd base = Files.open(path("empty"), Files.O_PATH | Files.O_DIRECTORY, 0)) {
            byte[] name = {'n'};
            int fd = Files.openAt2(base.number(), name, Files.O_WRONLY | Files.O_CREAT, 0640, Files.RESOLVE_BENEATH);
            assertTrue(fd >= 0);
            Descriptors.close(fd);
            assertEquals(-Errno.EEXIST, Files.openAt2(base.number(), name,
                Files.O_WRONLY | Files.O_CREAT | Files.O_EXCL, 0640, 0));
            assertEquals(-Errno.EINVAL, Files.openAt2(base.number(), name, Files.O_RDONLY, 0, 1 << 30));
            assertEquals(-Errno.EBADF, Files.openAt2(9_999, name, Files.O_RDONLY, 0, 0));
            assertEquals(-Errno.EINVAL, Files.openAt2(base.number(), new byte[4_096], 0, 0, 0), "it has NULs");
            byte[] tooLong = new byte[4_096];
            java.util.Arrays.fill(tooLong, (byte) 'x');
            assertEquals(-Errno.ENAMETOOLONG, Files.openAt2(base.number(), tooLong, 0, 0, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "65535, 65535", "65536, 65536", "65537, 65537", "1000000, 1000000"})
    void allIsWrittenAndAllIsRead(int size, int limit) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        try (Fd file = Files.open(path("big"), Files.O_RDWR | Files.O_CREAT, 0600)) {
            Files.writeAll(file.number(), bytes);
            assertEquals(size, Files.status(file.number()).size());
        }
        try (Fd file = Files.open(path("big"), Files.O_RDONLY, 0)) {
            assertArrayEquals(bytes, Files.readAll(file.number(), limit));
            assertEquals(0, Files.readAll(file.number(), limit).length, "it is at its end");
        }
        if (size > 0) {
            try (Fd file = Files.open(path("big"), Files.O_RDONLY, 0)) {
                assertEquals(Errno.EFBIG,
                    assertThrows(PosixException.class, () -> Files.readAll(file.number(), size - 1)).errno());
            }
        }
    }

    @Test
    void bytesMoveWhereTheyAreTold() {
        try (Arena arena = Arena.ofConfined(); Fd file = Files.open(path("file"), Files.O_RDWR, 0)) {
            MemorySegment buffer = arena.allocate(16);
            buffer.fill((byte) '.');
            assertEquals(3, Files.read(file.number(), buffer, 2, 3));
            assertEquals("..con...........", text(buffer));
            assertEquals(4, Files.read(file.number(), buffer, 8, 8));
            assertEquals("..con...tent....", text(buffer));
            assertEquals(0, Files.read(file.number(), buffer, 0, 16));
            assertEquals(0, Files.read(file.number(), buffer, 16, 0));
            assertEquals(2, Files.pread(file.number(), buffer, 0, 5, 5));
            assertEquals("ntcon...tent....", text(buffer));
            assertEquals(0, Files.pread(file.number(), buffer, 0, 5, 100));
            assertEquals(Errno.EINVAL, assertThrows(PosixException.class,
                () -> Files.pread(file.number(), buffer, 0, 5, -1)).errno());
            assertEquals(5, Files.write(file.number(), buffer, 8, 5));
            assertEquals(12, Files.status(file.number()).size());
            for (long[] wrong : new long[][] {{-1, 4}, {0, 17}, {16, 1}, {13, 4}, {0, -1}, {Long.MAX_VALUE, 1}}) {
                assertThrows(IndexOutOfBoundsException.class,
                    () -> Files.read(file.number(), buffer, wrong[0], wrong[1]));
                assertThrows(IndexOutOfBoundsException.class,
                    () -> Files.write(file.number(), buffer, wrong[0], wrong[1]));
            }
        }
    }

    private static String text(MemorySegment buffer) {
        return new String(buffer.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({"0", "3", "7", "100", "5000000000"})
    void sizesAreSet(long size) throws IOException {
        try (Fd file = Files.open(path("file"), Files.O_RDWR, 0)) {
            Files.ftruncate(file, size);
            assertEquals(size, Files.status(file.number()).size());
            assertEquals(Errno.EINVAL,
                assertThrows(PosixException.class, () -> Files.ftruncate(file, -1)).errno());
        }
        try (Fd file = Files.open(path("file"), Files.O_RDONLY, 0)) {
            assertEquals(Errno.EINVAL,
                assertThrows(PosixException.class, () -> Files.ftruncate(file, 1)).errno());
            byte[] first = new byte[(int) Math.min(7, size)];
            System.arraycopy("content".getBytes(StandardCharsets.US_ASCII), 0, first, 0, first.length);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(8);
                int count = Files.read(file.number(), buffer, 0, first.length);
                assertArrayEquals(first, buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @Test
    void theDiskIsWaitedForWhereThereIsOne() {
        try (Fd file = Files.open(path("file"), Files.O_RDWR, 0); Fd dir = Files.open(path("dir"), 0, 0);
            Fd path = Files.open(path("file"), Files.O_PATH, 0)) {
            Files.fsync(file);
            Files.fsync(dir);
            assertEquals("fsync(" + path.number() + ") failed (9: Bad file descriptor)",
                assertThrows(PosixException.class, () -> Files.fsync(path)).getMessage());
        }
        for (Fd end : Descriptors.pipe()) {
            assertEquals(Errno.EINVAL, assertThrows(PosixException.class, () -> Files.fsync(end)).errno());
            end.close();
        }
    }

    @Test
    void ownersOfOpenFiles() {
        assumeTrue(Credentials.effectiveUid() == 0, "only root gives files away");
        try (Fd file = Files.open(path("file"), Files.O_RDWR, 0)) {
            Files.fchown(file, 1234, -1);
            Files.fchown(file, -1, 4321);
            FileStatus status = Files.status(file.number());
            assertEquals("1234 4321", status.uid() + " " + status.gid());
            Files.fchown(file, 0, 0);
        }
    }
}
