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
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
    /** Sizes by number; it is its own lock. */
    private final TreeMap<Long, Long> known = new TreeMap<>();
    private FileTime seen = FileTime.fromMillis(0);

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
     * <p>The configuration itself is synced to the disk by who stores it. Its history is not worth another wait: what
     * a power failure has lost or cut is left out.
     *
     * @throws PosixException when it cannot be written; the message says which step failed
     */
    public long add(ChangeNote note, byte[] configuration) {
        make();
        long number = newest() + 1;
        ConfObject.Builder line = ConfObject.builder().put("number", number)
            .put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        note.toConf().members().forEach(line::put);
        byte[] file = ChangeNote.join(line.put("bytes", configuration.length).build(), configuration);
        AtomicFile.writeSoon(directory, number + SUFFIX, file);
        synchronized (known) {
            known.put(number, (long) file.length);
            prune(number);
            seen = modified();
        }
        return number;
    }

    /** Takes the newest one back, since it has not come to be stored; its number is free again. */
    public void remove(long number) {
        try {
            Files.unlink(path(number));
            synchronized (known) {
                known.remove(number);
            }
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
            .filter(number -> holds(number, configuration))
            .mapToLong(Long::longValue).findFirst();
    }

    /** A file that cannot be read holds nothing; that is no reason not to start. */
    private boolean holds(long number, byte[] configuration) {
        byte[] file;
        try {
            file = read(number).orElse(new byte[0]);
        } catch (PosixException e) {
            alerts.accept("revision \"" + path(number) + "\" is not usable: " + e.getMessage());
            return false;
        }
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

    /** The directory is read again only when somebody else has changed it: each change would wait for that. */
    private long newest() {
        synchronized (known) {
            FileTime now = modified();
            if (!now.equals(seen)) {
                known.clear();
                known.putAll(sizes());
                seen = now;
            }
            return known.isEmpty() ? 0 : known.lastKey();
        }
    }

    private FileTime modified() {
        try {
            return java.nio.file.Files.getLastModifiedTime(Path.of(directory));
        } catch (IOException e) {
            throw new PosixException("stat(\"" + directory + "\")", Errno.EIO);
        }
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
        long total = known.values().stream().mapToLong(Long::longValue).sum();
        while (known.size() > limits.count() || total > limits.bytes()) {
            Map.Entry<Long, Long> oldest = known.firstEntry();
            if (oldest.getKey() == kept) {
                return;
            }
            known.remove(oldest.getKey());
            total -= oldest.getValue();
            try {
                Files.unlink(path(oldest.getKey()));
            } catch (PosixException e) {
                alerts.accept("failed to remove an old revision: " + e.getMessage());
            }
        }
    }
}
