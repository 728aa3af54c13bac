// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootCacheTest {
    @TempDir
    private Path home;
    private BootCache cache;

    @BeforeEach
    void distribution() throws IOException {
        for (String directory : new String[] {"lib/aot", "lib/unitctl", "system", "console", "config/jvm",
            "features"}) {
            Files.createDirectories(home.resolve(directory));
        }
        Files.writeString(home.resolve("system/a.jar"), "a");
        Files.writeString(home.resolve("config/jvm/main.options"), "-Xrs");
        cache = new BootCache(home);
    }

    @Test
    void itFitsUntilAFileChanges() throws IOException {
        assertEquals(false, cache.fits(), "nothing made yet");
        cache.writeKey(home.resolve("lib/aot/key"));
        assertEquals(false, cache.fits(), "no archive yet");
        Files.createFile(BootCache.file(home));
        assertEquals(true, cache.fits());
        Files.setLastModifiedTime(home.resolve("system/a.jar"), FileTime.fromMillis(1_000));
        assertEquals(false, cache.fits(), "a jar is newer");
        cache.writeKey(home.resolve("lib/aot/key"));
        assertEquals(true, cache.fits());
        Files.createFile(home.resolve("system/b.jar"));
        assertEquals(false, cache.fits(), "one more jar");
    }

    @Test
    void aBrokenDistributionIsNamed() throws IOException {
        Files.delete(home.resolve("features"));
        String message = assertThrows(IOException.class, cache::key).getMessage();
        assertEquals("cannot list \"" + home.resolve("features") + "\"", message);
    }
}
