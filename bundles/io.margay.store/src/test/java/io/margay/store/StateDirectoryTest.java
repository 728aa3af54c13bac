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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StateDirectoryTest {
    private final List<String> alerts = new ArrayList<>();

    @TempDir
    private Path folder;

    private StateDirectory state() {
        return new StateDirectory(folder.toString(), "1.35.0", alerts::add);
    }

    private String read(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }

    private String mode(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
    }

    @Test
    void directoriesAreMadeOnce() throws IOException {
        state().prepare();
        state().prepare();
        assertEquals(List.of("rwx------", "rwx------"), List.of(mode("certs"), mode("scripts")));
        assertTrue(alerts.isEmpty());
    }

    @Test
    void aMissingDirectoryIsAnAlertEach() {
        StateDirectory missing = new StateDirectory(folder + "/none", "1.35.0", alerts::add);
        missing.prepare();
        assertEquals(2, alerts.size());
        assertTrue(alerts.get(0).startsWith("Unable to create certificates storage directory: mkdir("), alerts.get(0));
        assertTrue(alerts.get(1).startsWith("Unable to create scripts storage directory: mkdir("), alerts.get(1));
        assertEquals(Optional.empty(), missing.configuration());
        assertThrows(PosixException.class, () -> missing.store(new byte[0]));
    }

    @Test
    void whatIsStoredComesBack() throws IOException {
        assertEquals(Optional.empty(), state().configuration());
        state().store(bytes("{}"));
        state().store(bytes("{\"routes\":[]}"));
        assertEquals("{\"routes\":[]}", read("conf.json"));
        assertEquals("13500", read("version"));
        assertEquals(List.of("rw-------", "rw-------"), List.of(mode("conf.json"), mode("version")));
        assertArrayEquals(bytes("{\"routes\":[]}"), state().configuration().orElseThrow());
        assertFalse(Files.exists(folder.resolve("conf.json.tmp")));
    }

    @Test
    void aTemporaryFileLeftByACrashIsNotReused() throws IOException {
        Path victim = Files.writeString(folder.resolve("victim"), "old");
        Files.createSymbolicLink(folder.resolve("conf.json.tmp"), victim);
        state().store(bytes("{}"));
        assertEquals("{}", read("conf.json"));
        assertEquals("old", read("victim"));
    }

    @Test
    void aFailureKeepsTheOldContent() throws IOException {
        state().store(bytes("{}"));
        Files.createDirectories(folder.resolve("conf.json.tmp/x"));
        assertThrows(PosixException.class, () -> state().store(bytes("[]")));
        assertEquals("{}", read("conf.json"));
    }

    @ParameterizedTest
    @CsvSource({"13500, true", "12500, true", "99999, true", "'13500\n', true", "1.35, false", "'', false", "x, false"})
    void versionsAreDigits(String version, boolean good) throws IOException {
        state().store(bytes("{}"));
        Files.writeString(folder.resolve("version"), version);
        assertEquals(good, state().configuration().isPresent());
        assertEquals(good ? List.of() : List.of("failed to restore previous configuration: invalid version string \""
            + version + "\""), alerts);
        state().store(bytes("{}"));
        assertEquals("13500", read("version"));
    }

    @Test
    void somethingElseThanAFileIsNoConfiguration() throws IOException {
        Files.createDirectory(folder.resolve("conf.json"));
        assertEquals(Optional.empty(), state().configuration());
        assertTrue(alerts.isEmpty());
    }

    @Test
    void aFewRejectedConfigurationsAreKept() throws IOException {
        for (int i = 1; i <= 7; i++) {
            assertTrue(state().keepRejected(bytes("bad " + i)).isPresent());
            assertEquals(Optional.empty(), state().keepRejected(bytes("bad " + i)));
        }
        List<String> kept = new ArrayList<>();
        for (int n = 1; n <= 5; n++) {
            kept.add(read("conf.json.rejected-" + n));
        }
        assertEquals(List.of("bad 3", "bad 4", "bad 5", "bad 6", "bad 7"), kept);
        try (var files = Files.list(folder)) {
            assertEquals(5, files.count());
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
