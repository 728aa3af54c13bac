// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls on files against the kernel's own rules. */
class FileCallsTest {
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

    private static final Map<String, Integer> FLAGS = Map.of("RDONLY", Files.O_RDONLY, "WRONLY", Files.O_WRONLY,
        "RDWR", Files.O_RDWR, "CREAT", Files.O_CREAT, "EXCL", Files.O_EXCL, "TRUNC", Files.O_TRUNC, "APPEND",
        Files.O_APPEND, "PATH", Files.O_PATH, "DIRECTORY", Files.O_DIRECTORY, "NOFOLLOW", Files.O_NOFOLLOW);

    private static int flags(String names) {
        int flags = 0;
        for (String name : names.split(" ")) {
            flags |= FLAGS.get(name);
        }
        return flags;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # file      | flags              | error
        file        | RDONLY             | 0
        file        | WRONLY             | 0
        file        | RDWR               | 0
        file        | PATH               | 0
        file        | RDWR CREAT         | 0
        file        | RDWR CREAT EXCL    | 17
        file        | RDONLY DIRECTORY   | 20
        file        | RDONLY NOFOLLOW    | 0
        file/x      | RDONLY             | 20
        file/x      | RDWR CREAT         | 20
        none        | RDONLY             | 2
        none        | WRONLY             | 2
        none/x      | RDWR CREAT         | 2
        new         | WRONLY CREAT       | 0
        new2        | WRONLY CREAT EXCL  | 0
        dir         | RDONLY             | 0
        dir         | RDONLY DIRECTORY   | 0
        dir         | WRONLY             | 21
        dir         | RDWR               | 21
        dir         | WRONLY CREAT       | 21
        dir/        | RDONLY             | 0
        file/       | RDONLY             | 20
        link        | RDONLY             | 0
        link        | RDONLY NOFOLLOW    | 40
        link        | PATH NOFOLLOW      | 0
        link        | RDWR CREAT EXCL    | 17
        dangling    | RDONLY             | 2
        dangling    | WRONLY CREAT EXCL  | 17
        loop        | RDONLY             | 40
        loop/x      | RDONLY             | 40
        """)
    void opening(String name, String flags, int errno) {
        if (errno == 0) {
            try (Fd file = Files.open(path(name), flags(flags), 0644)) {
                assertTrue(Descriptors.closeOnExec(file.number()), "each descriptor is close-on-exec");
                int access = Descriptors.statusFlags(file.number()) & 3;
                assertEquals(flags.startsWith("PATH") ? 0 : flags(flags) & 3, access);
            }
        } else {
            PosixException e = assertThrows(PosixException.class, () -> Files.open(path(name), flags(flags), 0644));
            assertEquals("open(\"" + path(name) + "\") failed " + PosixException.describe(errno), e.getMessage());
            assertEquals(errno, e.errno());
        }
    }

    @ParameterizedTest
    @CsvSource({"600, 022, 600", "666, 022, 644", "666, 000, 666", "777, 077, 700", "666, 027, 640", "400, 000, 400",
        "000, 000, 0", "644, 777, 0"})
    void newFilesGetTheirModeLessTheMask(String mode, String mask, String expected) {
        int former = Processes.umask(Integer.parseInt(mask, 8));
        try {
            Files.open(path("masked"), Files.O_WRONLY | Files.O_CREAT, Integer.parseInt(mode, 8)).close();
            Files.mkdir(path("masked dir"), Integer.parseInt(mode, 8));
        } finally {
            assertEquals(Integer.parseInt(mask, 8), Processes.umask(former));
        }
        assertEquals(expected, Integer.toOctalString(Files.status(path("masked")).orElseThrow().permissions()));
        assertEquals(expected, Integer.toOctalString(Files.status(path("masked dir")).orElseThrow().permissions()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "400", "600", "644", "755", "1777", "2750", "4711", "7777"})
    void modesAreSetWhole(String mode) {
        int bits = Integer.parseInt(mode, 8);
        Files.chmod(path("file"), bits);
        assertEquals(bits, Files.status(path("file")).orElseThrow().permissions());
        Files.chmod(path("file"), 0600);
        try (Fd file = Files.open(path("file"), Files.O_RDWR, 0)) {
            Files.fchmod(file, bits);
            assertEquals(bits, Files.status(file.number()).permissions());
        }
        Files.chmod(path("file"), 0600);
    }

    @Test
    void whatIsCutAndWhatGoesToTheEnd() throws IOException {
        try (Fd file = Files.open(path("file"), Files.O_WRONLY | Files.O_APPEND, 0)) {
            Files.writeAll(file.number(), "+1".getBytes(StandardCharsets.US_ASCII));
            Files.writeAll(file.number(), "+2".getBytes(StandardCharsets.US_ASCII));
        }
        assertEquals("content+1+2", java.nio.file.Files.readString(directory.resolve("file")));
        Files.open(path("file"), Files.O_WRONLY | Files.O_TRUNC, 0).close();
        assertEquals(0, Files.status(path("file")).orElseThrow().size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # call     | name        | error
        unlink     | file        | 0
        unlink     | link        | 0
        unlink     | dangling    | 0
        unlink     | none        | 2
        unlink     | file/x      | 20
        unlink     | dir         | 21
        rmdir      | empty       | 0
        rmdir      | dir         | 39
        rmdir      | file        | 20
        rmdir      | link        | 20
        rmdir      | none        | 2
        mkdir      | fresh       | 0
        mkdir      | dir         | 17
        mkdir      | file        | 17
        mkdir      | dangling    | 17
        mkdir      | none/x      | 2
        mkdir      | file/x      | 20
        chmod      | file        | 0
        chmod      | link        | 0
        chmod      | none        | 2
        chmod      | dangling    | 2
        chmod      | loop        | 40
        chown      | file        | 0
        chown      | none        | 2
        """)
    void names(String call, String name, int errno) {
        Runnable run = () -> {
            switch (call) {
                case "unlink" -> Files.unlink(path(name));
                case "rmdir" -> Files.rmdir(path(name));
                case "mkdir" -> Files.mkdir(path(name), 0755);
                case "chmod" -> Files.chmod(path(name), 0600);
                default -> Files.chown(path(name), -1, -1);
            }
        };
        if (errno == 0) {
            run.run();
        } else {
            assertEquals(call + "(\"" + path(name) + "\") failed " + PosixException.describe(errno),
                assertThrows(PosixException.class, run::run).getMessage());
        }
        boolean gone = errno == 0 && (call.equals("unlink") || call.equals("rmdir"));
        assertTrue(!gone || Files.linkStatus(path(name)).isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # from      | to           | error
        file        | new          | 0
        file        | link         | 0
        file        | file         | 0
        link        | new          | 0
        dangling    | new          | 0
        dir         | new          | 0
        dir         | empty        | 0
        empty       | dir          | 39
        file        | dir          | 21
        dir         | file         | 20
        none        | new          | 2
        file        | none/x       | 2
        file        | file/x       | 20
        dir         | dir/inner2   | 22
        """)
    void renaming(String from, String to, int errno) {
        Optional<FileStatus> moved = Files.linkStatus(path(from));
        if (errno == 0) {
            Files.rename(path(from), path(to));
            assertEquals(moved.orElseThrow().inode(), Files.linkStatus(path(to)).orElseThrow().inode());
            assertEquals(from.equals(to), Files.linkStatus(path(from)).isPresent());
        } else {
            PosixException e = assertThrows(PosixException.class, () -> Files.rename(path(from), path(to)));
            assertEquals("rename(\"" + path(from) + "\", \"" + path(to) + "\") failed "
                + PosixException.describe(errno), e.getMessage());
            assertEquals(moved.map(FileStatus::inode), Files.linkStatus(path(from)).map(FileStatus::inode));
        }
    }

    /** Kinds of files, followed and not. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # name     | followed  | itself
        file       | regular   | regular
        dir        | directory | directory
        link       | regular   | link
        dangling   | -         | link
        none       | -         | -
        file/x     | -         | -
        socket     | socket    | socket
        """)
    void kinds(String name, String followed, String itself) {
        try (Fd listener = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0)) {
            Sockets.bind(listener, new Address.Unix(path("socket")));
            assertEquals(followed, kind(Files.status(path(name))));
            assertEquals(followed, kind(Files.status(path(name).getBytes(StandardCharsets.UTF_8))));
            assertEquals(itself, kind(Files.linkStatus(path(name))));
        }
    }

    private static String kind(Optional<FileStatus> status) {
        return status.map(s -> s.isRegular() ? "regular" : s.isDirectory() ? "directory" : s.isLink() ? "link"
            : s.isSocket() ? "socket" : "other").orElse("-");
    }

    @Test
    void devicesAreNoneOfThese() {
        FileStatus status = Files.status("/dev/null").orElseThrow();
        assertFalse(status.isRegular() || status.isDirectory() || status.isLink() || status.isSocket());
        PosixException e = assertThrows(PosixException.class, () -> Files.status(path("loop")));
        assertEquals("statx(\"" + path("loop") + "\") failed (40: Too many levels of symbolic links)", e.getMessage());
    }

    @Test
    void statusIsThatOfTheClassLibrary() throws IOException {
        for (String name : new String[] {"file", "dir", "empty"}) {
            Path file = directory.resolve(name);
            Map<String, Object> all = java.nio.file.Files.readAttributes(file, "unix:*");
            FileStatus status = Files.status(path(name)).orElseThrow();
            assertEquals(all.get("mode"), status.mode());
            assertEquals(all.get("ino"), status.inode());
            assertEquals(all.get("nlink"), status.links());
            assertEquals(all.get("uid"), status.uid());
            assertEquals(all.get("gid"), status.gid());
            assertEquals(all.get("size"), status.size());
            assertEquals(((java.nio.file.attribute.FileTime) all.get("ctime")).toInstant(),
                java.time.Instant.ofEpochSecond(status.changedSeconds(), status.changedNanos()));
            assertEquals(Files.status(path("file")).orElseThrow().device(), status.device());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "\u00e9", "\u20ac", "\ud83d\ude00", "-rf", "'", "\"", "\\", "*", "\n", "a\tb", "%41",
        "\u0001", "."})
    void namesAreBytes(String name) throws IOException {
        String file = path("empty/x" + name);
        Files.open(file, Files.O_WRONLY | Files.O_CREAT, 0600).close();
        assertTrue(Files.status(file).isPresent());
        try (var list = java.nio.file.Files.list(directory.resolve("empty"))) {
            assertEquals("x" + name, list.findFirst().orElseThrow().getFileName().toString());
        }
        Files.unlink(file);
    }

    @Test
    void pathsHaveAnEnd() {
        String component = "x".repeat(255);
        assertTrue(Files.status(path(component)).isEmpty());
        assertEquals(Errno.ENAMETOOLONG,
            assertThrows(PosixException.class, () -> Files.status(path(component + "x"))).errno());
        for (int length : new int[] {4_096, 5_000, 100_000}) {
            PosixException e = assertThrows(PosixException.class, () -> Files.unlink("y".repeat(length)));
            assertEquals("path of " + length + " bytes failed (36: File name too long)", e.getMessage());
        }
        for (String nul : new String[] {"\0", "a\0", "\0a", "a\0b"}) {
            assertEquals("path with a NUL byte failed (22: Invalid argument)",
                assertThrows(PosixException.class, () -> Files.mkdir(nul, 0)).getMessage());
        }
        assertEquals(Errno.ENOENT, assertThrows(PosixException.class, () -> Files.open("", 0, 0)).errno());
    }
}
