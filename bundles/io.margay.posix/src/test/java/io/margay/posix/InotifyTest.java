// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InotifyTest {

    private static final int EVENTS = Inotify.IN_CLOSE_WRITE | Inotify.IN_MOVED_TO | Inotify.IN_MOVED_FROM
        | Inotify.IN_DELETE | Inotify.IN_DELETE_SELF;

    @TempDir
    private Path directory;

    private static List<String> read(Fd inotify) {
        return Inotify.read(inotify).stream().map(event -> Integer.toHexString(event.mask()) + " " + event.name())
            .toList();
    }

    @Test
    void entriesAreTold() throws Exception {
        Path watched = Files.createDirectory(directory.resolve("w"));
        try (Fd inotify = Inotify.open()) {
            int watch = Inotify.watch(inotify, watched.toString(), EVENTS);
            assertEquals(List.of(), read(inotify));
            try (OutputStream out = Files.newOutputStream(watched.resolve("ä.jar"))) {
                out.write(1);
                assertEquals(List.of(), read(inotify), "it is not complete");
            }
            assertEquals(List.of("8 ä.jar"), read(inotify));
            Files.move(watched.resolve("ä.jar"), directory.resolve("b"));
            Files.move(directory.resolve("b"), watched.resolve("b.jar"));
            Files.delete(watched.resolve("b.jar"));
            assertEquals(List.of("40 ä.jar", "80 b.jar", "200 b.jar"), read(inotify));
            Files.delete(watched);
            List<Inotify.Event> end = Inotify.read(inotify);
            assertEquals(List.of(true, false, true), List.of(end.get(0).is(Inotify.IN_DELETE_SELF),
                end.get(0).is(Inotify.IN_DELETE), end.get(1).is(Inotify.IN_IGNORED)));
            Inotify.unwatch(inotify, watch);
        }
    }

    @Test
    void onlyDirectoriesAreWatched() throws Exception {
        Path file = Files.createFile(directory.resolve("f"));
        try (Fd inotify = Inotify.open()) {
            assertEquals(Errno.ENOTDIR, assertThrows(PosixException.class, () ->
                Inotify.watch(inotify, file.toString(), EVENTS)).errno());
            assertEquals(Errno.ENOENT, assertThrows(PosixException.class, () ->
                Inotify.watch(inotify, directory.resolve("none").toString(), EVENTS)).errno());
        }
    }
}
