// SPDX-License-Identifier: Apache-2.0
package io.margay.store;

import io.margay.conf.ConfObject;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The configurations of before, one file each: {@code revisions/42.jsonl} holds a line with number, time and origin,
 * then the configuration. There is no index but the names, and a file is complete from the moment it has its name; so
 * a crash at any point leaves nothing to repair. One thread at a time changes it, others may read meanwhile; every call
 * may wait for the disk.
 */
public final class Revisions {

    /**
     * How much is kept; the newest is kept in any case.
     *
     * @param count number of revisions
     * @param bytes size of their files together
     */
    public record Limits(int count, long bytes) {

        /** 100 revisions, 256 MiB. */
        public static final Limits DEFAULT = new Limits(100, 256L << 20);
    }

    private static final String SUFFIX = ".jsonl";
    private static final String NAME = "[1-9][0-9]{0,17}\\.jsonl";
    private static final int MAX_FILE = StateDirectory.MAX_CONFIGURATION + ChangeNote.MAX_LINE;
    /** How many of the last ones may not have become the configuration of the next start. */
    private static final int RECENT = 5;

    private final String directory;
    private final Limits limits;
    private final Consumer<String> alerts;

    /**
     * Does not touch the disk yet.
     *
     * @param directory where they are kept; made when needed, not its parent
     * @param limits how much is kept
     * @param alerts takes lines for the log at level alert
     */
    public Revisions(String directory, Limits limits, Consumer<String> alerts) {
        this.directory = directory;
        this.limits = limits;
        this.alerts = alerts;
    }

    /**
     * Keeps a configuration under the next number; the oldest ones are removed where there are too many.
     *
     * @throws PosixException when it is not safely on the disk; the message says which step failed
     */
    public long add(ChangeNote note, byte[] configuration) {
        make();
        long number = newest() + 1;
        ConfObject.Builder line = ConfObject.builder().put("number", number)
            .put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        note.toConf().members().forEach(line::put);
        AtomicFile.write(directory, number + SUFFIX,
            ChangeNote.join(line.put("bytes", configuration.length).build(), configuration));
        prune(number);
        return number;
    }

    /** Takes the newest one back, since it has not come to be stored; its number is free again. */
    public void remove(long number) {
        try {
            Files.unlink(path(number));
        } catch (PosixException e) {
            alerts.accept("failed to remove a revision: " + e.getMessage());
        }
    }

    /** What is known of each, oldest first: number, time, method, path, peer, bytes. Broken files are left out. */
    public List<ConfObject> list() {
        List<ConfObject> list = new ArrayList<>();
        for (long number : sizes().keySet()) {
            try (Fd file = Files.open(path(number), Files.O_RDONLY | Files.O_NONBLOCK | Files.O_NOFOLLOW, 0)) {
                byte[] head = head(file);
                int end = ChangeNote.end(head);
                ConfObject line = ChangeNote.line(head, end);
                FileStatus status = Files.status(file.number());
                if (!status.isRegular() || status.size() != end + 1 + line.integer("bytes", -1)
                    || line.integer("number", -1) != number) {
                    throw new IllegalArgumentException("its size or number is not that of its first line");
                }
                list.add(line);
            } catch (PosixException | IllegalArgumentException e) {
                alerts.accept("revision \"" + path(number) + "\" is not usable: " + e.getMessage());
            }
        }
        return list;
    }

    /** The whole file of a revision: the line, a line feed, the configuration. */
    public Optional<byte[]> read(long number) {
        return AtomicFile.read(path(number), MAX_FILE);
    }

    /** The newest revision that holds these bytes. Only the last few are looked at. */
    public OptionalLong find(byte[] configuration) {
        return sizes().descendingKeySet().stream().limit(RECENT)
            .filter(number -> read(number).filter(file -> holds(file, configuration)).isPresent())
            .mapToLong(Long::longValue).findFirst();
    }

    private static boolean holds(byte[] file, byte[] configuration) {
        int start = file.length - configuration.length;
        return start > 0 && file[start - 1] == '\n'
            && Arrays.equals(file, start, file.length, configuration, 0, configuration.length);
    }

    private void make() {
        try {
            Files.mkdir(directory, 0700);
        } catch (PosixException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    private String path(long number) {
        return directory + "/" + number + SUFFIX;
    }

    private long newest() {
        TreeMap<Long, Long> sizes = sizes();
        return sizes.isEmpty() ? 0 : sizes.lastKey();
    }

    /** By number; a file that vanishes meanwhile counts as empty. */
    private TreeMap<Long, Long> sizes() {
        TreeMap<Long, Long> sizes = new TreeMap<>();
        try (DirectoryStream<Path> files = java.nio.file.Files.newDirectoryStream(Path.of(directory))) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.matches(NAME)) {
                    sizes.put(Long.parseLong(name.substring(0, name.length() - SUFFIX.length())),
                        Files.linkStatus(file.toString()).map(FileStatus::size).orElse(0L));
                }
            }
        } catch (NoSuchFileException e) {
            return sizes;
        } catch (IOException | DirectoryIteratorException e) {
            alerts.accept("revisions cannot be read: " + e);
        }
        return sizes;
    }

    private static byte[] head(Fd file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(ChangeNote.MAX_LINE);
            int count = Files.pread(file.number(), buffer, 0, ChangeNote.MAX_LINE, 0);
            return buffer.asSlice(0, Math.max(0, count)).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private void prune(long kept) {
        TreeMap<Long, Long> sizes = sizes();
        long total = sizes.values().stream().mapToLong(Long::longValue).sum();
        int count = sizes.size();
        for (var file : sizes.entrySet()) {
            if (file.getKey() == kept || count <= limits.count() && total <= limits.bytes()) {
                return;
            }
            try {
                Files.unlink(path(file.getKey()));
                count--;
                total -= file.getValue();
            } catch (PosixException e) {
                alerts.accept("failed to remove an old revision: " + e.getMessage());
            }
        }
    }
}
