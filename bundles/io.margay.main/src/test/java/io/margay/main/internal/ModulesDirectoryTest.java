// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModulesDirectoryTest {

    @TempDir
    private Path path;
    private ModulesDirectory directory;

    @BeforeEach
    void open() {
        directory = new ModulesDirectory(path);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(path.resolve(name), text);
    }

    private static String names(List<Path> files) {
        return String.join(",", files.stream().map(file -> file.getFileName().toString()).toList());
    }

    /** One look: added, changed, removed. */
    private String look() {
        ModulesDirectory.Changes changes = directory.look();
        String text = names(changes.added()) + "|" + names(changes.changed()) + "|" + names(changes.removed());
        assertEquals(text.equals("||"), changes.isEmpty());
        return text;
    }

    @Test
    void theFirstLookTakesEverythingByName() throws IOException {
        for (String name : List.of("b.jar", "a.jar", "c.txt", "d.jar.part")) {
            write(name, name);
        }
        Files.createDirectory(path.resolve("e.jar"));
        Files.createSymbolicLink(path.resolve("f.jar"), path.resolve("a.jar"));
        Files.createSymbolicLink(path.resolve("g.jar"), path.resolve("nothing"));
        assertEquals("a.jar,b.jar,f.jar", names(directory.first()));
        assertEquals("||", look());
        assertEquals("||", look());
    }

    @Test
    void aMissingDirectoryIsAnError() {
        ModulesDirectory missing = new ModulesDirectory(path.resolve("none"));
        assertThrows(NoSuchFileException.class, missing::first);
        assertTrue(missing.look().isEmpty());
        assertEquals(path.resolve("none"), missing.path());
    }

    @Test
    void aNewFileCountsWhenItHasSettled() throws IOException {
        directory.first();
        Path file = write("a.jar", "1");
        assertEquals("||", look());
        Files.writeString(file, "23", StandardOpenOption.APPEND);
        assertEquals("||", look());
        assertEquals("a.jar||", look());
        assertEquals("||", look());
    }

    @Test
    void changesOfSizeTimeAndFileCount() throws IOException {
        Path file = write("a.jar", "1");
        directory.first();
        Files.writeString(file, "12");
        assertEquals("||", look());
        assertEquals("|a.jar|", look());
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000));
        assertEquals("||", look());
        assertEquals("|a.jar|", look());
        Path other = write("other", "34");
        Files.setLastModifiedTime(other, FileTime.fromMillis(1_000));
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertEquals("||", look());
        assertEquals("|a.jar|", look());
    }

    @Test
    void removedFilesAreReportedOnceAndMayComeBack() throws IOException {
        Path file = write("a.jar", "1");
        write("b.jar", "1");
        directory.first();
        Files.delete(file);
        assertEquals("||a.jar", look());
        assertEquals("||", look());
        write("a.jar", "1");
        assertEquals("||", look());
        assertEquals("a.jar||", look());
    }

    @Test
    void aFileThatNeverSettledIsNotReportedAsRemoved() throws IOException {
        directory.first();
        Path file = write("a.jar", "1");
        look();
        Files.delete(file);
        assertEquals("||", look());
    }

    @Test
    void aDirectoryThatCannotBeReadTakesNothingAway() throws IOException {
        write("a.jar", "1");
        directory.first();
        Path aside = path.resolveSibling(path.getFileName() + ".aside");
        Files.move(path, aside);
        assertEquals("||", look());
        Files.move(aside, path);
        assertEquals("||", look());
    }
}
