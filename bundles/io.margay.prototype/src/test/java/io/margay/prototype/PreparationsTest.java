// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Launch;
import io.margay.lang.PreparedContent;
import io.margay.posix.Fd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What languages have made once: real programs make it and use it. */
@Timeout(60)
class PreparationsTest {

    private static final String CONF = "{\"type\":\"test\"}";
    private static final String NAME = "stew-1";
    private static final int NUMBER = 7;

    @TempDir
    private Path directory;

    /** Workers say in the log what they were given and go; the file is made by scripts, which know 8 and 9. */
    private record Cook(List<String> scripts) implements HttpLanguage {

        @Override
        public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
            List<Launch> steps = scripts.stream().map(script -> Launch.builder(Map.of()).argv("/bin/sh", "-c", script)
                .place(PreparedContent.FILE, 8).place(PreparedContent.SCRATCH, 9).build()).toList();
            launch.prototype(Launch.Prototype.NONE).readiness(Launch.Readiness.EXEC).argv("/bin/echo")
                .prepared(new PreparedContent(NAME, steps), NUMBER, List.of("hot")).argv("stew");
        }
    }

    private Path kitchen() {
        return directory.resolve("kitchen");
    }

    private static String started(Stage stage, int stream) {
        stage.start(stream, new io.margay.port.StartProcess("blog", 0, List.of(),
            CONF.getBytes(StandardCharsets.UTF_8)).encode(), 0);
        String heard = stage.routerHears("of the worker");
        while (!heard.startsWith("RPC_")) {
            heard = stage.routerHears("the answer");
        }
        return stage.debug.getLast();
    }

    private static boolean says(Stage stage, String text) {
        return stage.lines.all.stream().anyMatch(line -> line.contains(text));
    }

    @Test
    void theFirstStartHasItMadeAndTheNextHasIt() throws Exception {
        Cook cook = new Cook(List.of("echo raw >&9", "cat /proc/self/fd/9 >&8; echo cooked >&8"));
        try (Stage stage = new Stage(cook)) {
            stage.prepareIn(kitchen());
            assertFalse(started(stage, 5).contains("hot"), stage.debug.toString());
            stage.await("it is made", () -> says(stage, NAME + " was prepared in "));
            assertEquals("raw\ncooked\n", Files.readString(kitchen().resolve(NAME)));
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(kitchen())));
            assertEquals("rw-r--r--",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(kitchen().resolve(NAME))));
            assertTrue(started(stage, 6).contains("hot"), stage.debug.toString());
        }
        try (Stage later = new Stage(cook)) {
            later.prepareIn(kitchen());
            assertTrue(started(later, 7).contains("hot"), "it outlives the server");
        }
    }

    @Test
    void whatFailsIsTriedOnceAndNobodyWaits() {
        for (List<String> scripts : List.of(List.of("exit 3"), List.of("echo x >&8", "kill -9 $$"), List.of("true"))) {
            try (Stage stage = new Stage(new Cook(scripts))) {
                stage.prepareIn(kitchen());
                started(stage, 5);
                stage.await("it fails", () -> says(stage, NAME + " was not prepared, processes start without it: "));
                assertFalse(started(stage, 6).contains("hot"));
                assertFalse(Files.exists(kitchen().resolve(NAME)));
                assertEquals(1, stage.lines.all.stream().filter(line -> line.contains("was not prepared")).count());
            }
        }
    }

    @Test
    void whatIsUnderWayEndsWithTheServer() throws Exception {
        Path pid = directory.resolve("pid");
        try (Stage stage = new Stage(new Cook(List.of("echo $$ > " + pid + ".new; mv " + pid + ".new " + pid
            + "; while :; do sleep 60; done")))) {
            stage.prepareIn(kitchen());
            started(stage, 5);
            stage.await("it is under way", () -> Files.exists(pid));
        }
        assertFalse(Files.exists(Path.of("/proc", Files.readString(pid).strip())));
    }

    @Test
    void whatOthersCouldHaveWrittenIsNotUsed() throws Exception {
        PreparedFiles files = new PreparedFiles(Files.createDirectory(kitchen()));
        Path file = Files.writeString(kitchen().resolve(NAME), "stew");
        assertTrue(open(files));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
        assertFalse(open(files), "others may write");
        Files.move(file, kitchen().resolve("other"));
        Files.setPosixFilePermissions(kitchen().resolve("other"), PosixFilePermissions.fromString("rw-r--r--"));
        Files.createSymbolicLink(file, kitchen().resolve("other"));
        assertFalse(open(files), "it is a link");
        Files.delete(file);
        Files.createFile(file);
        assertFalse(open(files), "it is empty");
        Files.delete(file);
        Files.createDirectory(file);
        assertFalse(open(files), "it is a directory");
    }

    private static boolean open(PreparedFiles files) {
        Optional<Fd> file = files.open(NAME);
        file.ifPresent(Fd::close);
        return file.isPresent();
    }

    @Test
    void onlyTheLastUsedStay() throws Exception {
        PreparedFiles files = new PreparedFiles(kitchen());
        for (int i = 0; i <= PreparedFiles.MOST_FILES; i++) {
            store(files, "old-" + i);
            Files.setLastModifiedTime(kitchen().resolve("old-" + i), FileTime.fromMillis(1000L * (i + 1)));
        }
        files.open("old-1").orElseThrow().close();
        store(files, "new");
        try (Stream<Path> kept = Files.list(kitchen())) {
            List<String> names = kept.map(path -> path.getFileName().toString()).toList();
            assertEquals(PreparedFiles.MOST_FILES, names.size(), names.toString());
            assertTrue(names.containsAll(List.of("new", "old-1")) && !names.contains("old-2"), names.toString());
        }
    }

    private static void store(PreparedFiles files, String name) throws IOException {
        try (Fd memory = io.margay.posix.Files.memfd("test", 0)) {
            io.margay.posix.Files.writeAll(memory.number(), name.getBytes(StandardCharsets.UTF_8));
            files.store(name, memory);
        }
    }
}
