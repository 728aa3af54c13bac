// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.posix.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that get other names. Each has its first name as content. */
class LogRotationTest {

    @TempDir
    private Path directory;

    private String path() {
        return directory.resolve("log").toString();
    }

    private String files() throws IOException {
        List<String> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                all.add((file.getFileName() + "=" + Files.readString(file)).replace("log", ""));
            }
        }
        return String.join(" ", all);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
        log                | 3 | 2 | = .1=
        log                | 4 | 2 | =
        log log.1          | 3 | 3 | = .1= .2=.1
        log log.1 log.2    | 3 | 2 | = .1= .2=.1
        log log.1 log.3    | 3 | 5 | = .1= .2=.1 .3=.3
        log log.2          | 3 | 5 | = .1= .2=.2
        log log.1          | 3 | 1 | = .1=
        log.1              | 0 | 5 | .1=.1
        """)
    void names(String before, long size, int keep, String after) throws IOException {
        for (String name : before.split(" ")) {
            Files.writeString(directory.resolve(name), name);
        }
        LogRotation.run(path(), size, keep);
        assertEquals(after, files());
    }

    @Test
    void theNewFileHasTheModeOfTheOldOne() throws IOException {
        Path log = Files.writeString(Path.of(path()), "1");
        Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-r-----"));
        Object owner = Files.getAttribute(log, "unix:gid");
        LogRotation.run(path(), 1, 1);
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(log)));
        assertEquals(owner, Files.getAttribute(log, "unix:gid"));
        assertEquals(0, Files.size(log));
    }

    @Test
    void whatIsNoFileStays() throws IOException {
        Path target = Files.writeString(directory.resolve("target"), "12345");
        Files.createSymbolicLink(Path.of(path()), target);
        assertEquals("the access log \"" + path() + "\" is not rotated: it is not a regular file",
            assertThrows(IllegalStateException.class, () -> LogRotation.run(path(), 1, 1)).getMessage());
        Files.delete(Path.of(path()));
        LogRotation.run(directory.resolve("none/log").toString(), 1, 1);
        Files.writeString(Path.of(path()), "12345");
        Files.createDirectories(directory.resolve("log.1/x"));
        assertThrows(PosixException.class, () -> LogRotation.run(path(), 1, 1));
        assertEquals("12345", Files.readString(Path.of(path())));
    }
}
