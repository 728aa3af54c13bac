// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.route.Extensions;
import io.margay.testing.RouteSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a file is served from memory. Time is what the test says. */
class FileCacheTest {
    private static final FileTime OLD = FileTime.fromMillis(536431200000L);

    @TempDir
    private Path www;
    private long nanos;
    private long seconds = System.currentTimeMillis() / 1000 + 3600;
    private FileCache cache = new FileCache(1 << 20, () -> nanos, () -> seconds);
    private ShareActionFactory factory = new ShareActionFactory(cache, Runnable::run);

    private RouteSite site(String settings) {
        return new RouteSite(Extensions.builder().add(factory, RouteSite.ORIGIN),
            "{'action': {'share': '" + www + "$uri'}}", settings);
    }

    private void put(String name, String text) throws IOException {
        Files.writeString(www.resolve(name), text);
        Files.setLastModifiedTime(www.resolve(name), OLD);
    }

    private static String body(RouteSite site, String target) {
        String answer = site.ask("GET", target);
        return answer.startsWith("HTTP/1.1 200 ") ? answer.substring(answer.indexOf("\r\n\r\n") + 4)
            : answer.substring(9, 12);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 16 * 1024, 16 * 1024 + 1, 64 * 1024})
    void rewrittenInPlaceWithSizeAndTimeKept(int size) throws IOException {
        put("f", "a".repeat(size));
        RouteSite site = site("{}");
        assertEquals("a".repeat(size), body(site, "/f"));
        put("f", "b".repeat(size));
        nanos = FileCache.FRESH - 1;
        assertEquals("a".repeat(size), body(site, "/f"), "not looked at for a second");
        nanos = FileCache.FRESH;
        assertEquals("b".repeat(size), body(site, "/f"));
    }

    @Test
    void anUnchangedFileStaysFresh() throws IOException {
        put("f", "a");
        RouteSite site = site("{}");
        body(site, "/f");
        nanos = FileCache.FRESH;
        assertEquals("a", body(site, "/f"));
        put("f", "b");
        nanos = 2 * FileCache.FRESH - 1;
        assertEquals("a", body(site, "/f"), "looked at a moment ago");
        nanos = 2 * FileCache.FRESH;
        assertEquals("b", body(site, "/f"));
    }

    @Test
    void whatGoesOrBecomesSomethingElse() throws IOException {
        put("f", "a");
        RouteSite site = site("{}");
        body(site, "/f");
        Files.delete(www.resolve("f"));
        nanos += FileCache.FRESH;
        assertEquals("404", body(site, "/f"));
        put("f", "a");
        assertEquals("a", body(site, "/f"));
        put("other", "b");
        Files.move(www.resolve("other"), www.resolve("f"), StandardCopyOption.REPLACE_EXISTING);
        nanos += FileCache.FRESH;
        assertEquals("b", body(site, "/f"));
        Files.delete(www.resolve("f"));
        Files.createDirectory(www.resolve("f"));
        nanos += FileCache.FRESH;
        assertEquals("301", body(site, "/f"));
    }

    @Test
    void whatChangedAMomentAgoIsNotKept() throws IOException {
        put("f", "a");
        RouteSite site = site("{}");
        seconds = System.currentTimeMillis() / 1000;
        assertEquals("a", body(site, "/f"));
        put("f", "b");
        assertEquals("b", body(site, "/f"));
        assertEquals(0, cache.size());
    }

    @Test
    void oneForAllActionsAndConfigurations() throws IOException {
        put("f", "a");
        String twice = "{'static': {'mime_types': {'text/x': '.x'}}}";
        body(site(twice), "/f");
        put("f", "b");
        assertEquals("a", body(site(twice), "/f"), "a new configuration finds what the old one had read");
        assertEquals("b", body(site("{}"), "/f"), "but not with the types of the other");
    }

    @Test
    void typesAreThoseOfTheConfiguration() throws IOException {
        put("f.x", "a");
        assertTrue(site("{'static': {'mime_types': {'text/x': '.x'}}}").ask("GET", "/f.x").contains(": text/x\r\n"));
        assertTrue(site("{'static': {'mime_types': {'text/y': '.x'}}}").ask("GET", "/f.x").contains(": text/y\r\n"));
    }

    @Test
    void isBounded() throws IOException {
        RouteSite site = site("{}");
        for (int i = 0; i < 100; i++) {
            put("f" + i, "x".repeat(20_000));
            assertEquals(20_000, body(site, "/f" + i).length());
            assertTrue(cache.size() <= 1 << 20, "with " + i + " files: " + cache.size());
        }
        assertNotEquals(0, cache.size());
        put("f99", "y".repeat(20_000));
        assertTrue(body(site, "/f99").startsWith("x"), "the last one is there");
    }

    @Test
    void aSmallBoundKeepsNothing() throws IOException {
        cache = new FileCache(1000, () -> nanos, () -> seconds);
        factory = new ShareActionFactory(cache, Runnable::run);
        put("f", "x".repeat(2000));
        assertEquals(2000, body(site("{}"), "/f").length());
        assertEquals(0, cache.size());
    }
}
