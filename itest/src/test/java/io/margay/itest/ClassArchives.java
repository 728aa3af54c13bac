// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * Archives of classes that one server of the tests has made, for the next ones: each would make them again, and start
 * its JVMs more slowly until then. Their names say what they were made from.
 */
final class ClassArchives {
    private static final Path KEPT = Path.of(System.getProperty("margay.containers")).resolveSibling("prepared");

    private ClassArchives() {
    }

    /** Gives those that there are to a server whose state directory has none yet, when the server runs as we do. */
    static void give(Path state) throws IOException {
        Path directory = state.resolve("prepared");
        if (!Files.isDirectory(KEPT) || Files.exists(directory) || !Files.getFileStore(KEPT).equals(
            Files.getFileStore(state))) {
            return;
        }
        make(directory);
        for (Path file : files(KEPT)) {
            Files.createLink(directory.resolve(file.getFileName()), file);
        }
    }

    /** Sees to it that a server makes its own. */
    static void none(Path state) throws IOException {
        make(state.resolve("prepared"));
    }

    private static void make(Path directory) throws IOException {
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(
            PosixFilePermissions.fromString("rwx------")));
    }

    /** Keeps those that the server has made. */
    static void keep(Path state) throws IOException {
        Path directory = state.resolve("prepared");
        if (!Files.isReadable(directory)) {
            return;
        }
        Files.createDirectories(KEPT);
        if (!Files.getFileStore(KEPT).equals(Files.getFileStore(state))) {
            return;
        }
        for (Path file : files(directory)) {
            try {
                Files.createLink(KEPT.resolve(file.getFileName()), file);
            } catch (FileAlreadyExistsException e) {
                // One is enough; another server may have made it at the same time.
                continue;
            }
        }
    }

    /** {@return whether that directory has one of a language} */
    static boolean there(Path directory, String beginning) throws IOException {
        return Files.isDirectory(directory) && files(directory).stream()
            .anyMatch(file -> file.getFileName().toString().startsWith(beginning));
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !file.toString().endsWith(".new")).toList();
        }
    }
}
