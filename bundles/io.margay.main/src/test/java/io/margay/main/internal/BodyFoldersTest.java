// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.credential.Credential;
import io.margay.posix.Credentials;
import io.margay.posix.Processes;
import io.margay.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BodyFoldersTest {

    @TempDir
    private Path parent;

    private BodyFolders folders(int pid) {
        return new BodyFolders(parent, pid);
    }

    @Test
    void eachRouterHasOneOfItsOwn() throws IOException {
        Path first = folders(Processes.pid()).make(Optional.empty());
        Path second = folders(Processes.pid()).make(Optional.empty());
        assertFalse(first.equals(second));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(first)));
    }

    /** As in a distribution's temporary directory that belongs to root. */
    @Test
    void theRoutersAccountOwnsIt() throws IOException {
        assumeTrue(Credentials.effectiveUid() == 0, "needs root");
        Path folder = folders(Processes.pid()).make(Optional.of(new Credential("nobody", 65_534, 65_534, new int[0])));
        assertEquals(65_534, Files.getAttribute(folder, "unix:uid"));
    }

    @Test
    void thoseOfKilledServersAreRemoved() throws IOException {
        Path left = Files.createDirectory(parent.resolve("margay-bodies-999999999-1"));
        Files.createFile(left.resolve("body"));
        Path link = Files.createSymbolicLink(parent.resolve("margay-bodies-999999998-1"), Path.of("/etc"));
        Path other = Files.createDirectory(parent.resolve("margay-bodies-x"));
        Path living = Files.createDirectory(parent.resolve("margay-bodies-1-1"));
        folders(Processes.pid()).make(Optional.empty());
        assertFalse(Files.exists(left));
        assertFalse(Files.isSymbolicLink(link));
        assertTrue(Files.exists(Path.of("/etc/passwd")) && Files.exists(other) && Files.exists(living));
    }

    @Test
    void whatCannotWorkIsSaidAtTheStart() {
        String text = assertThrows(StartException.class, () ->
            new BodyFolders(parent.resolve("missing"), 7).make(Optional.empty())).getMessage();
        assertTrue(text.startsWith("no folder for request bodies can be made in ")
            && text.contains("--tmpdir"), text);
    }
}
