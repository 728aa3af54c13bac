// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilesTest {
    @TempDir
    Path directory;
    private int[] before;

    @BeforeEach
    void count() {
        before = Descriptors.open();
    }

    @AfterEach
    void noDescriptorIsLeft() {
        assertArrayEquals(before, Descriptors.open());
    }

    @Test
    void writesRenamesAndReads() throws IOException {
        String path = path("new");
        try (Fd file = Files.open(path, Files.O_RDWR | Files.O_CREAT | Files.O_EXCL, 0600)) {
            assertTrue(Descriptors.closeOnExec(file.number()));
            Files.writeAll(file.number(), bytes("0123456789"));
            Files.fsync(file);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(8);
                assertEquals(4, Files.pread(file.number(), buffer, 2, 4, 3));
                assertEquals("3456", new String(buffer.asSlice(2, 4).toArray(ValueLayout.JAVA_BYTE),
                    StandardCharsets.US_ASCII));
                assertEquals(0, Files.read(file.number(), buffer, 0, 8));
                assertThrows(IndexOutOfBoundsException.class, () -> Files.read(file.number(), buffer, 4, 8));
                MemorySegment heap = MemorySegment.ofArray(new byte[8]);
                assertThrows(IllegalArgumentException.class, () -> Files.write(file.number(), heap, 0, 8));
            }
            Files.ftruncate(file, 4);
            Files.fchmod(file, 0640);
            Files.fchown(file, -1, -1);
        }
        Files.rename(path, path("old"));
        assertTrue(Files.status(path).isEmpty());
        FileStatus status = Files.status(path("old")).orElseThrow();
        java.nio.file.Path old = directory.resolve("old");
        assertEquals(4, status.size());
        assertEquals(0640, status.permissions());
        assertEquals(java.nio.file.Files.getAttribute(old, "unix:ino"), status.inode());
        assertEquals(java.nio.file.Files.getLastModifiedTime(old).toInstant(),
            java.time.Instant.ofEpochSecond(status.modifiedSeconds(), status.modifiedNanos()));
        assertEquals(Credentials.effectiveUid(), status.uid());
        assertEquals(1, status.links());
        assertTrue(status.isRegular() && !status.isDirectory() && !status.isLink() && !status.isSocket());
        Files.chmod(path("old"), 0400);
        assertEquals(0400, Files.status(path("old")).orElseThrow().permissions());
        Files.unlink(path("old"));
        assertTrue(Files.status(path("old") + "/below").isEmpty());
    }

    @Test
    void failuresNameThePath() {
        String missing = path("missing");
        assertEquals("open(\"" + missing + "\") failed (2: No such file or directory)",
            assertThrows(PosixException.class, () -> Files.open(missing, 0, 0)).getMessage());
        assertEquals("unlink(\"" + missing + "\") failed (2: No such file or directory)",
            assertThrows(PosixException.class, () -> Files.unlink(missing)).getMessage());
        assertEquals("rename(\"" + missing + "\", \"/x\") failed (2: No such file or directory)",
            assertThrows(PosixException.class, () -> Files.rename(missing, "/x")).getMessage());
        assertEquals(Errno.ENOTEMPTY, errno(() -> {
            Files.mkdir(path("d"), 0700);
            Files.mkdir(path("d/e"), 0700);
            Files.rmdir(path("d"));
        }));
        assertEquals(Errno.EEXIST, errno(() -> Files.mkdir(path("d"), 0700)));
        Files.rmdir(path("d/e"));
        assertEquals(Errno.EBADF, errno(() -> Files.status(9999)));
        assertEquals(Errno.EINVAL, errno(() -> Files.unlink("/tmp/a\0b")));
        assertEquals(Errno.ENAMETOOLONG, errno(() -> Files.unlink("x".repeat(4096))));
        assertEquals(Errno.ENAMETOOLONG, errno(() -> Files.unlink("x".repeat(4095))));
    }

    @ParameterizedTest
    @CsvSource({"file, 0, 0", "link, 0, 0", "link, 4, -40", "up, 0, 0", "up, 8, -18", "missing, 0, -2",
        "file/x, 0, -20", "../x, 8, -18"})
    void openAt2Limits(String name, int resolve, int result) throws IOException {
        Path inner = java.nio.file.Files.createDirectory(directory.resolve("inner"));
        java.nio.file.Files.writeString(inner.resolve("file"), "x");
        java.nio.file.Files.createSymbolicLink(inner.resolve("link"), Path.of("file"));
        java.nio.file.Files.createSymbolicLink(inner.resolve("up"), Path.of(".."));
        try (Fd base = Files.open(inner.toString(), Files.O_PATH | Files.O_DIRECTORY, 0)) {
            int fd = Files.openAt2(base.number(), bytes(name), Files.O_RDONLY, 0, resolve);
            if (fd >= 0) {
                assertTrue(Descriptors.closeOnExec(fd));
                Descriptors.close(fd);
            }
            assertEquals(result, Math.min(fd, 0));
            assertEquals(-Errno.EINVAL, Files.openAt2(base.number(), new byte[] {'a', 0}, 0, 0, 0));
        }
    }

    @Test
    void openFlagsOfThisMachine() throws IOException {
        java.nio.file.Files.writeString(directory.resolve("file"), "x");
        java.nio.file.Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
        assertEquals(Errno.ENOTDIR, errno(() -> Files.open(path("file"), Files.O_DIRECTORY, 0)));
        assertEquals(Errno.ELOOP, errno(() -> Files.open(path("link"), Files.O_NOFOLLOW, 0)));
        assertTrue(Files.linkStatus(path("link")).orElseThrow().isLink());
        assertTrue(Files.status(path("link")).orElseThrow().isRegular());
        assertTrue(Files.status(directory.toString()).orElseThrow().isDirectory());
    }

    @Test
    void sealsHold() {
        try (Fd memory = Files.sealedMemory("conf", bytes("{}"))) {
            assertEquals(Files.SEAL_ALL, Files.seals(memory.number()));
            assertEquals(Errno.EPERM, errno(() -> Files.writeAll(memory.number(), bytes("x"))));
            assertEquals(Errno.EPERM, errno(() -> Files.ftruncate(memory, 0)));
            assertEquals(Errno.EPERM, errno(() -> Files.map(memory.number(), 2, true)));
            assertEquals(Errno.EPERM, errno(() -> Files.seal(memory, Files.F_SEAL_GROW)));
            MemorySegment in = Arena.ofAuto().allocate(8);
            assertEquals(2, Files.read(memory.number(), in, 0, 8), "from the beginning");
            MemorySegment map = Files.map(memory.number(), 2, false);
            assertEquals("{}", new String(map.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII));
            assertThrows(IllegalArgumentException.class, () -> map.set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
            Files.unmap(map);
        }
        try (Fd plain = Files.memfd("plain", 0)) {
            assertEquals(Files.F_SEAL_SEAL, Files.seals(plain.number()));
        }
    }

    @Test
    void mappingIsShared() {
        try (Fd memory = Files.memfd("shared", 0)) {
            Files.ftruncate(memory, 64);
            MemorySegment one = Files.map(memory.number(), 64, true);
            MemorySegment two = Files.map(memory.number(), 64, false);
            one.set(ValueLayout.JAVA_INT, 8, 42);
            assertEquals(42, two.get(ValueLayout.JAVA_INT, 8));
            Files.unmap(one);
            Files.unmap(two);
            assertEquals(Errno.EINVAL, errno(() -> Files.map(memory.number(), 0, false)));
        }
    }

    @Test
    void readAllIsBounded() {
        try (Fd zero = Files.open("/dev/zero", Files.O_RDONLY, 0)) {
            assertEquals(Errno.EFBIG, errno(() -> Files.readAll(zero.number(), 100_000)));
        }
        try (Fd nothing = Files.open("/dev/null", Files.O_RDONLY, 0)) {
            assertEquals(0, Files.readAll(nothing.number(), 0).length);
        }
    }

    @Test
    void emptyPipeWouldBlock() {
        Fd[] pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (Fd one = pair[0]; Fd other = pair[1]; Arena arena = Arena.ofConfined()) {
            Descriptors.nonBlocking(one.number(), true);
            MemorySegment eight = arena.allocate(ValueLayout.JAVA_LONG);
            assertEquals(Sockets.WOULD_BLOCK, Files.read(one.number(), eight, 0, 8));
            assertEquals(0, Descriptors.poll(one.number(), Descriptors.POLLIN, 0));
            eight.set(ValueLayout.JAVA_LONG, 0, 3);
            assertEquals(8, Files.write(other.number(), eight, 0, 8));
            assertEquals(Descriptors.POLLIN, Descriptors.poll(one.number(), Descriptors.POLLIN, 0));
            assertEquals(8, Files.read(one.number(), eight, 0, 8));
            assertEquals(3, eight.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    @Test
    void ownedDescriptors() {
        Fd first = Files.memfd("x", 0);
        Fd second = first.duplicate();
        int number = first.release();
        assertFalse(first.isOpen());
        first.close();
        assertTrue(Descriptors.isOpen(number));
        assertThrows(IllegalStateException.class, first::number);
        assertThrows(IllegalStateException.class, first::release);
        Descriptors.duplicateTo(number, second.number());
        assertFalse(Descriptors.closeOnExec(second.number()));
        Descriptors.closeOnExec(second.number(), true);
        assertTrue(Descriptors.closeOnExec(second.number()));
        second.close();
        second.close();
        Descriptors.close(number);
        assertThrows(IllegalArgumentException.class, () -> Fd.own(-1));
        assertEquals(Errno.EBADF, errno(() -> Descriptors.duplicateTo(9999, number)));
        try (Fd high = Descriptors.duplicate(0, 100)) {
            assertTrue(high.number() >= 100);
        }
    }

    @Test
    void ownerNeedsRoot() {
        assumeTrue(Credentials.effectiveUid() == 0, "only root gives files away");
        Files.mkdir(path("given"), 0700);
        Files.chown(path("given"), 12345, 54321);
        FileStatus status = Files.status(path("given")).orElseThrow();
        assertEquals(12345, status.uid());
        assertEquals(54321, status.gid());
    }

    @Test
    void theTimeOfChangeCannotBeSet() throws IOException {
        Path file = java.nio.file.Files.writeString(directory.resolve("kept"), "one");
        java.nio.file.Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_500L));
        FileStatus before = Files.status(bytes(path("kept"))).orElseThrow();
        assertEquals(1_000_000, before.modifiedSeconds());
        assertEquals(500_000_000, before.modifiedNanos());
        assertTrue(Math.abs(before.changedSeconds() - System.currentTimeMillis() / 1000) < 60);
        assertEquals(Optional.empty(), Files.status(bytes(path("none"))));
        assertEquals(Errno.EINVAL, errno(() -> Files.status(new byte[5])), "NUL bytes are refused");
    }

    @Test
    void whatADirectoryHolds() throws IOException {
        Set<String> names = new TreeSet<>(Set.of("..x", ".h", "...", "a", "\u00e4"));
        for (int i = 0; i < 1500; i++) {
            names.add("a longer name, so that one buffer does not hold them all " + i);
        }
        java.nio.file.Files.createDirectory(directory.resolve("many"));
        for (String name : names) {
            java.nio.file.Files.createFile(directory.resolve("many").resolve(name));
        }
        for (int most : new int[] {2000, names.size(), names.size() - 1, 0}) {
            List<String> seen = new ArrayList<>();
            try (Fd many = Files.open(path("many"), Files.O_RDONLY | Files.O_DIRECTORY, 0)) {
                assertEquals(most < names.size(), DirectoryNames.read(many.number(), most, name ->
                    seen.add(new String(name, StandardCharsets.UTF_8))));
            }
            assertEquals(Math.min(most, names.size()), seen.size());
            assertTrue(names.containsAll(seen));
            assertEquals(seen.size(), Set.copyOf(seen).size());
        }
        try (Fd file = Files.open(path("many/a"), Files.O_RDONLY, 0)) {
            assertEquals(Errno.ENOTDIR, errno(() -> DirectoryNames.read(file.number(), 1, name -> { })));
        }
    }

    private String path(String name) {
        return directory + "/" + name;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int errno(Runnable call) {
        return assertThrows(PosixException.class, call::run).errno();
    }
}
