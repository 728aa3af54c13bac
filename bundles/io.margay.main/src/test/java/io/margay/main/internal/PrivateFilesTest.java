// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFilesTest {

    @TempDir
    private Path root;

    @Test
    void removesTheTreeAndNothingBehindLinks() throws IOException {
        Path kept = Files.createDirectories(root.resolve("kept/inside"));
        Path file = Files.writeString(kept.resolve("file"), "text");
        Path tree = Files.createDirectories(root.resolve("router-1"));
        Files.createDirectories(tree.resolve("a/b/c"));
        Files.writeString(tree.resolve("a/b/file"), "x");
        Files.createSymbolicLink(tree.resolve("a/directory"), root.resolve("kept"));
        Files.createSymbolicLink(tree.resolve("a/b/file-link"), file);
        Files.createSymbolicLink(tree.resolve("dangling"), Path.of("/nonexistent"));
        PrivateFiles.remove(tree);
        assertFalse(Files.exists(tree, LinkOption.NOFOLLOW_LINKS));
        assertEquals("text", Files.readString(file));
    }

    @Test
    void aLinkInItsPlaceIsRemovedItself() throws IOException {
        Path kept = Files.createDirectories(root.resolve("kept"));
        Path link = Files.createSymbolicLink(root.resolve("router-1"), kept);
        PrivateFiles.remove(link);
        assertFalse(Files.exists(link, LinkOption.NOFOLLOW_LINKS));
        assertTrue(Files.isDirectory(kept));
    }

    @Test
    void whatIsGoneNeedsNoRemoval() {
        PrivateFiles.remove(root.resolve("never"));
        PrivateFiles.remove(root.resolve("never/there"));
        assertTrue(Files.isDirectory(root));
    }

    @Test
    void depthIsBounded() throws IOException {
        Path deep = root.resolve("router-1");
        Path path = deep;
        for (int i = 0; i < 100; i++) {
            path = path.resolve("d");
        }
        Files.createDirectories(path);
        UncheckedIOException thrown = assertThrows(UncheckedIOException.class, () -> PrivateFiles.remove(deep));
        assertEquals("directories are nested too deeply", thrown.getCause().getMessage());
    }
}
