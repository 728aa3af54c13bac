// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateDirectoryTest {
    @TempDir
    private Path parent;

    @Test
    void othersMayEnterButNotListIt() throws IOException {
        Path made = PrivateDirectory.createIn(parent, Optional.empty()).path();
        assertTrue(made.getFileName().toString().matches("margay-[a-z0-9]{8}"), made.toString());
        assertEquals("rwx--x--x", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
        PrivateDirectory.make(made.resolve("main"));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made.resolve("main"))));
    }

    @Test
    void removingFollowsNoLink() throws IOException {
        Path outside = Files.createDirectory(parent.resolve("outside"));
        Files.createFile(outside.resolve("kept"));
        Path made = PrivateDirectory.createIn(parent, Optional.empty()).path();
        Files.createDirectories(made.resolve("a/b/c"));
        Files.createFile(made.resolve("a/b/file"));
        Files.createSymbolicLink(made.resolve("a/link"), outside);
        PrivateDirectory.remove(made);
        assertFalse(Files.exists(made));
        assertTrue(Files.exists(outside.resolve("kept")));
    }

    @Test
    void whatAKilledServerLeftIsRemovedAndNothingElse() throws IOException {
        Path left = Files.createDirectory(parent.resolve("margay-aaaaaaaa"));
        Files.writeString(left.resolve("lock"), "\n");
        Files.createDirectories(left.resolve("main/bundles"));
        Path foreign = Files.createDirectory(parent.resolve("margay-bbbbbbbb"));
        Path starting = Files.createDirectory(parent.resolve("margay-cccccccc"));
        Files.createFile(starting.resolve("lock"));
        PrivateDirectory.createIn(parent, Optional.empty());
        assertFalse(Files.exists(left));
        assertTrue(Files.exists(foreign), "a directory without a lock is not ours");
        assertTrue(Files.exists(starting), "a server that starts now has not locked its file yet");
    }

    @Test
    void aDirectoryOfTheSameJvmIsNotStaleAndGoesWithItsOwner() throws IOException {
        Path one;
        try (PrivateDirectory first = PrivateDirectory.createShared(parent.toString());
                PrivateDirectory second = PrivateDirectory.createShared(parent.toString())) {
            one = first.path();
            assertTrue(Files.exists(one.resolve("lock")), "another one was made and did not remove it");
            assertTrue(Files.exists(second.path()));
        }
        assertFalse(Files.exists(one));
    }

    @Test
    void aMissingParentIsNamed() {
        Path missing = parent.resolve("missing");
        String message = assertThrows(IOException.class, () ->
            PrivateDirectory.createIn(missing, Optional.empty())).getMessage();
        assertTrue(message.startsWith("cannot make a temporary directory in \"" + missing + "\""), message);
    }
}
