// SPDX-License-Identifier: Apache-2.0
package io.margay.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** SIGKILL before each system call of storing: the next start finds the old configuration or the new one, whole. */
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
class StoreKillTest {
    private static final byte[] OLD = "{\"old\":1}".getBytes(StandardCharsets.UTF_8);
    /** More than one write takes. */
    private static final byte[] NEW = ("{\"new\":\"" + "x".repeat(200_000) + "\"}").getBytes(StandardCharsets.UTF_8);

    private final List<String> alerts = new ArrayList<>();

    @TempDir
    private Path folder;

    private StateDirectory state(Path directory) {
        return new StateDirectory(directory.toString(), "1.35.0", alerts::add);
    }

    /** Kills at every step until the process comes through; tells what was found after each kill, in order. */
    private List<Optional<byte[]>> killEverywhere(Preparation preparation) throws Exception {
        Path content = Files.write(folder.resolve("content"), NEW);
        List<Optional<byte[]>> found = new ArrayList<>();
        List<String> steps = new ArrayList<>();
        while (true) {
            Path directory = Files.createDirectory(folder.resolve("state-" + found.size()));
            preparation.prepare(directory);
            Optional<String> step = KilledProcess.run(StoreOnce.class, directory + " " + content, found.size() + 1);
            Optional<byte[]> stored = state(directory).configuration();
            assertEquals(List.of(), alerts, () -> "after a kill before " + step);
            if (step.isEmpty()) {
                assertArrayEquals(NEW, stored.orElseThrow());
                assertTrue(steps.containsAll(List.of("Files.openAt", "Transfer.write", "Files.fsync", "Files.rename")),
                    steps::toString);
                assertTrue(steps.stream().filter("Transfer.write"::equals).count() > 1, steps::toString);
                // On the disk before it replaces the old one, and the directory after that.
                assertTrue(steps.lastIndexOf("Transfer.write") < steps.lastIndexOf("Files.rename")
                    && steps.lastIndexOf("Files.rename") < steps.lastIndexOf("Files.fsync"), steps::toString);
                return found;
            }
            steps.add(step.get());
            found.add(stored);
            // What the crash left is in nobody's way.
            state(directory).store(OLD);
            assertArrayEquals(OLD, state(directory).configuration().orElseThrow());
            try (var files = Files.list(directory)) {
                assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")), () -> "after " + step);
            }
        }
    }

    @FunctionalInterface
    private interface Preparation {
        void prepare(Path directory) throws IOException;
    }

    @Test
    void theOldConfigurationOrTheNewOne() throws Exception {
        List<Optional<byte[]>> found = killEverywhere(directory -> {
            state(directory).store(OLD);
            // An older server wrote it, and a crash of that one left something behind.
            Files.writeString(directory.resolve("version"), "13400");
            Files.writeString(directory.resolve("conf.json.tmp"), "{\"ol");
        });
        assertOnceForAll(found, Optional.of(OLD));
    }

    @Test
    void theFirstConfigurationOrNone() throws Exception {
        assertOnceForAll(killEverywhere(directory -> { }), Optional.empty());
    }

    /** First always the state before, then always the new one, and both occur. */
    private static void assertOnceForAll(List<Optional<byte[]>> found, Optional<byte[]> before) {
        int change = 0;
        while (change < found.size() && same(found.get(change), before)) {
            change++;
        }
        assertTrue(change > 0 && change < found.size(), "changed at step " + change + " of " + found.size());
        for (Optional<byte[]> later : found.subList(change, found.size())) {
            assertTrue(same(later, Optional.of(NEW)), () -> "neither whole nor old: "
                + later.map(bytes -> bytes.length + " bytes").orElse("nothing"));
        }
    }

    private static boolean same(Optional<byte[]> a, Optional<byte[]> b) {
        return a.isPresent() == b.isPresent() && (a.isEmpty() || Arrays.equals(a.get(), b.get()));
    }
}
