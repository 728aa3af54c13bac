// SPDX-License-Identifier: Apache-2.0
package io.margay.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateFilesTest {
    private final List<String> alerts = new ArrayList<>();

    @TempDir
    private Path folder;
    private StateFiles files;

    @BeforeEach
    void prepare() {
        StateDirectory state = new StateDirectory(folder.toString(), "1.35.0", alerts::add);
        state.prepare();
        files = state.certificateFiles();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a b", "..a", "%2F", "\u00e4\u4e16\ud83d\ude00", "x.tmp", "-", "\n"})
    void namesOfContents(String name) throws IOException {
        files.store(name, bytes("one, which is longer"));
        files.store(name, bytes("two"));
        Path file = folder.resolve("certs").resolve(name);
        assertEquals("two", Files.readString(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertArrayEquals(bytes("two"), files.load(name).orElseThrow());
        assertEquals(List.of(name), List.copyOf(files.all().keySet()));
        files.delete(name);
        files.delete(name);
        assertEquals(Optional.empty(), files.load(name));
        assertTrue(files.all().isEmpty());
        assertEquals(List.of(), alerts);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "/etc/passwd", "../conf.json", "a\0b", "\udcff", ".margay.tmp"})
    void noNames(String name) throws IOException {
        Files.writeString(folder.resolve("conf.json"), "{}");
        assertFalse(StateFiles.isName(name));
        assertThrows(PosixException.class, () -> files.store(name, bytes("x")));
        assertThrows(PosixException.class, () -> files.load(name));
        assertThrows(PosixException.class, () -> files.delete(name));
        assertTrue(Files.exists(folder.resolve("conf.json")));
    }

    @Test
    void namesAreAsLongAsFilesMayHaveThem() {
        assertTrue(StateFiles.isName("x".repeat(255)));
        assertFalse(StateFiles.isName("x".repeat(256)));
        assertFalse(StateFiles.isName("\u00e4".repeat(128)));
        files.store("x".repeat(255), bytes("a"));
        assertEquals(1, files.all().size());
    }

    @Test
    void whatIsNotUsableIsLeftOut() throws Exception {
        Path certs = folder.resolve("certs");
        Files.createDirectory(certs.resolve("directory"));
        Files.writeString(certs.resolve(".margay.tmp"), "half");
        Files.write(certs.resolve("large"), new byte[StateFiles.MAX_FILE + 1]);
        new ProcessBuilder("mkfifo", certs.resolve("fifo").toString()).start().waitFor();
        Files.createSymbolicLink(certs.resolve("link"), Files.writeString(folder.resolve("elsewhere"), "linked"));
        files.store("good", bytes("g"));
        assertEquals(List.of("good", "link"), List.copyOf(files.all().keySet()));
        assertEquals(3, alerts.size(), alerts.toString());
        assertTrue(alerts.stream().allMatch(line -> line.contains(" is skipped: ")), alerts.toString());
    }

    @Test
    void aTooLongContentAndAMissingDirectory() throws IOException {
        assertThrows(PosixException.class, () -> files.store("a", new byte[StateFiles.MAX_FILE + 1]));
        Files.delete(folder.resolve("certs"));
        PosixException e = assertThrows(PosixException.class, () -> files.store("a", bytes("x")));
        assertTrue(e.getMessage().contains("(2: No such file or directory)"), e.getMessage());
        assertTrue(files.all().isEmpty());
    }

    @Test
    void contentsBeyondTheBoundAreLeftOut() {
        int fit = StateFiles.MAX_TOTAL / StateFiles.MAX_FILE;
        for (int i = 0; i <= fit; i++) {
            files.store("c" + i, new byte[StateFiles.MAX_FILE]);
        }
        assertEquals(fit, files.all().size());
        assertEquals(List.of("certificate \"c" + fit + "\" and all after it are skipped: there are too many"), alerts);
    }
}
