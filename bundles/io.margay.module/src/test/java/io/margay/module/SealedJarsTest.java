// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.posix.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes of bundles, and their descriptors. */
class SealedJarsTest {
    @TempDir
    private Path directory;

    @Test
    void theSameBytesAreKeptOnceUntilTheLastHolderLetsGo() throws IOException {
        Path file = Files.writeString(directory.resolve("a.jar"), "bytes");
        SealedJars jars = new SealedJars();
        int before = Processes.openDescriptors().length;
        SealedJar first = jars.read(file);
        assertSame(first, jars.read(file));
        assertEquals(before + 1, Processes.openDescriptors().length);
        jars.release(first);
        assertEquals(1, jars.size());
        jars.release(first);
        assertEquals(0, jars.size());
        assertEquals(before, Processes.openDescriptors().length);
    }

    /** A thread that reads the directory may be late. */
    @Test
    void nothingIsKeptAfterTheEnd() throws IOException {
        Path file = Files.writeString(directory.resolve("a.jar"), "bytes");
        SealedJars jars = new SealedJars();
        int before = Processes.openDescriptors().length;
        jars.read(file);
        jars.close();
        assertThrows(ModuleException.class, () -> jars.read(file));
        assertEquals(before, Processes.openDescriptors().length);
    }
}
