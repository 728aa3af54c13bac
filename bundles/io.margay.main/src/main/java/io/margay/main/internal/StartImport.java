// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.log.ErrorLog;
import io.margay.port.NamedContents;
import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.store.StateDirectory;
import io.margay.store.StateFiles;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The files of {@code --import}, which are applied when the state directory holds nothing yet
 * ({@code spec/control-api.md §19}). Main reads them, since they may be for its eyes only, and hands them to the
 * controller, which knows what they mean. Used on main's loop before the control socket answers.
 */
final class StartImport {

    private static final List<String> SUFFIXES = List.of(".pem", ".js", ".json");
    private static final int MAX_TOTAL = 16 << 20;
    private static final int MAX_FILES = 1000;

    private final Optional<String> directory;
    private final StateDirectory state;
    private final ErrorLog journal;
    private boolean done;

    StartImport(Optional<String> directory, StateDirectory state, ErrorLog journal) {
        this.directory = directory;
        this.state = state;
        this.journal = journal;
    }

    /** From now on a controller that is started again has what was imported from the state directory. */
    void done() {
        done = true;
    }

    /** Sealed memory with the files in their order; empty when there is nothing to import. The caller owns it. */
    Optional<Fd> memory() {
        if (done || directory.isEmpty()) {
            return Optional.empty();
        }
        try {
            if (!state.isEmpty()) {
                journal.notice("\"" + directory.get() + "\" is not imported: the state directory \"" + state.path()
                    + "\" is not empty");
                return Optional.empty();
            }
            List<String> names = names();
            return names.isEmpty() ? Optional.empty() : Optional.of(read(names));
        } catch (IOException | DirectoryIteratorException | PosixException e) {
            journal.alert("\"" + directory.get() + "\" cannot be imported: " + e.getMessage());
            return Optional.empty();
        }
    }

    private List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = java.nio.file.Files.newDirectoryStream(Path.of(directory.get()))) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (SUFFIXES.stream().anyMatch(name::endsWith)) {
                    names.add(name);
                } else if (!name.startsWith(".")) {
                    journal.warn("import: \"" + name + "\" is passed over, it ends with none of " + SUFFIXES);
                }
            }
        }
        names.sort(Comparator.comparingInt(StartImport::kind).thenComparing(Comparator.naturalOrder()));
        if (names.size() > MAX_FILES) {
            journal.alert("import: only the first " + MAX_FILES + " of " + names.size() + " files are taken");
            return names.subList(0, MAX_FILES);
        }
        return names;
    }

    private static int kind(String name) {
        return SUFFIXES.indexOf(name.substring(name.lastIndexOf('.')));
    }

    /** One after the other, so that the heap holds one of them. */
    private Fd read(List<String> names) {
        Fd memory = Files.memfd("import", Files.MFD_ALLOW_SEALING);
        try {
            long total = 0;
            for (String name : names) {
                Optional<byte[]> content = content(name);
                if (content.isPresent() && total + content.get().length > MAX_TOTAL) {
                    journal.alert("import: \"" + name + "\" and all after it are passed over: all together may have "
                        + MAX_TOTAL + " bytes");
                    break;
                }
                if (content.isPresent()) {
                    total += content.get().length;
                    Files.writeAll(memory.number(), NamedContents.head(name, content.get().length));
                    Files.writeAll(memory.number(), content.get());
                }
            }
            Files.seal(memory, Files.SEAL_ALL);
            return memory;
        } catch (PosixException e) {
            memory.close();
            throw e;
        }
    }

    /** Links are followed, since that is how containers mount such files, but to regular files only. */
    private Optional<byte[]> content(String name) {
        String path = directory.get() + "/" + name;
        int limit = name.endsWith(".json") ? StateDirectory.MAX_CONFIGURATION : StateFiles.MAX_FILE;
        try {
            // Asked before it is opened: to open a device can be an order to it.
            if (Files.status(path).filter(FileStatus::isRegular).isEmpty()) {
                journal.error("import: \"" + name + "\" is no regular file");
                return Optional.empty();
            }
            try (Fd file = Files.open(path, Files.O_RDONLY | Files.O_NONBLOCK, 0)) {
                if (!Files.status(file.number()).isRegular()) {
                    journal.error("import: \"" + name + "\" is no regular file");
                    return Optional.empty();
                }
                return Optional.of(Files.readAll(file.number(), limit));
            }
        } catch (PosixException e) {
            journal.error("import: \"" + name + "\" cannot be read: " + e.getMessage());
            return Optional.empty();
        }
    }
}
