// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.posix.Credentials;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory of what languages have had prepared. Nobody but the server gets into it; applications read the files by
 * descriptors. For any thread, but only one may store.
 */
final class PreparedFiles {

    /** The files that were used last stay. */
    static final int MOST_FILES = 6;
    /** An archive of classes has some tens of megabytes. */
    static final long MOST_BYTES = 256L << 20;

    private static final int DIRECTORY_MODE = 0700;
    private static final int FILE_MODE = 0644;
    private static final int OTHERS_WRITE = 0022;
    private static final String NEW = ".new";

    private final Path directory;

    PreparedFiles(Path directory) {
        this.directory = directory;
    }

    /** A file to read; empty when there is none, or somebody else could have written it. */
    Optional<Fd> open(String name) {
        Path path = directory.resolve(name);
        try {
            Fd file = Files.open(path.toString(), Files.O_RDONLY | Files.O_NOFOLLOW | Files.O_NONBLOCK, 0);
            FileStatus status = Files.status(file.number());
            if (!status.isRegular() || status.uid() != Credentials.effectiveUid()
                || (status.mode() & OTHERS_WRITE) != 0 || status.size() == 0) {
                file.close();
                return Optional.empty();
            }
            used(path);
            return Optional.of(file);
        } catch (PosixException e) {
            return Optional.empty();
        }
    }

    private static void used(Path path) {
        try {
            java.nio.file.Files.setLastModifiedTime(path, FileTime.from(Instant.now()));
        } catch (IOException e) {
            // It is only taken for older than it is.
            return;
        }
    }

    /**
     * Stores what a memory file holds, whole or not at all. Waits for the disk.
     *
     * @throws IOException when it is empty, too large, or cannot be written
     */
    void store(String name, Fd memory) throws IOException {
        makeDirectory();
        Path fresh = directory.resolve(name + NEW);
        try (FileChannel from = FileChannel.open(Path.of("/proc/self/fd/" + memory.number()))) {
            if (from.size() == 0 || from.size() > MOST_BYTES) {
                throw new IOException("it has " + from.size() + " bytes");
            }
            java.nio.file.Files.deleteIfExists(fresh);
            try (FileChannel to = FileChannel.open(fresh, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                for (long done = 0; done < from.size();) {
                    done += from.transferTo(done, from.size() - done, to);
                }
                to.force(true);
            }
            Files.chmod(fresh.toString(), FILE_MODE);
            Files.rename(fresh.toString(), directory.resolve(name).toString());
        } catch (PosixException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            java.nio.file.Files.deleteIfExists(fresh);
        }
        forget();
    }

    private void makeDirectory() throws IOException {
        try {
            Files.mkdir(directory.toString(), DIRECTORY_MODE);
        } catch (PosixException e) {
            if (e.errno() != Errno.EEXIST) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    /** Removes what was not used for the longest time. */
    private void forget() throws IOException {
        record Kept(Path path, FileTime time) {
        }
        List<Kept> kept = new ArrayList<>();
        try (Stream<Path> files = java.nio.file.Files.list(directory)) {
            for (Path file : files.toList()) {
                kept.add(new Kept(file, java.nio.file.Files.getLastModifiedTime(file)));
            }
        }
        kept.sort(Comparator.comparing(Kept::time).reversed());
        for (Kept old : kept.subList(Math.min(MOST_FILES, kept.size()), kept.size())) {
            java.nio.file.Files.deleteIfExists(old.path());
        }
    }
}
