// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The temporary directory of one running server, {@code margay-XXXXXXXX}: bundle caches and whatever else must not
 * outlive it.
 *
 * <p>Children that give up root must reach their own directory in it, so others may enter it but not list it; each
 * directory below belongs to one account and is closed to all others.
 */
final class PrivateDirectory implements AutoCloseable {
    private static final String PREFIX = "margay-";
    private static final String LOCK = "lock";
    private static final Path MEMORY = Path.of("/dev/shm");
    /** A server needs far less between making its lock file and locking it. */
    private static final long STARTING_MILLIS = 10_000;
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

    private final Path path;
    /** The collector would close a file that nobody refers to, and drop its lock. */
    private final RandomAccessFile lock;

    private PrivateDirectory(Path path, RandomAccessFile lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Makes a directory for this process, and removes those that killed servers of the same account left. It lies in
     * memory where that is possible, since a framework makes about five files per bundle.
     *
     * @param below the {@code --tmpdir} of the command line, for systems without {@code /dev/shm}
     * @throws IOException when it cannot be made; the message names the directory
     */
    static PrivateDirectory create(String below) throws IOException {
        return createIn(Files.isWritable(MEMORY) ? MEMORY : Path.of(below).toAbsolutePath(), Optional.empty());
    }

    /**
     * Makes one in a JVM that may have several, of which it removes none. It lies on a disk, since it holds jars.
     *
     * @param below the {@code tmpdir} of the options
     */
    static PrivateDirectory createShared(String below) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        String marker = "jvm-" + self.pid() + "-" + self.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return createIn(Path.of(below).toAbsolutePath(), Optional.of(marker));
    }

    /**
     * Makes one.
     *
     * @param marker the name of a file that tells the directories of one JVM: to look at a lock of one's own drops it
     */
    static PrivateDirectory createIn(Path parent, Optional<String> marker) throws IOException {
        removeStale(parent, marker);
        // Enough against chance; making a directory fails when the name is taken, so that nobody gains by guessing it.
        SplittableRandom random = new SplittableRandom(System.nanoTime() ^ ProcessHandle.current().pid() << 40);
        for (int attempt = 0; attempt < 16; attempt++) {
            StringBuilder name = new StringBuilder(PREFIX);
            for (int i = 0; i < 8; i++) {
                name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            Path directory = parent.resolve(name.toString());
            try {
                make(directory, "rwx--x--x");
                if (marker.isPresent()) {
                    Files.createFile(directory.resolve(marker.get()));
                }
                return new PrivateDirectory(directory, lock(directory));
            } catch (FileAlreadyExistsException e) {
                continue;
            } catch (IOException e) {
                throw new IOException("cannot make a temporary directory in \"" + parent + "\": " + e, e);
            }
        }
        throw new IOException("cannot make a temporary directory in \"" + parent + "\": every name is taken");
    }

    /** {@return where it is, absolute} */
    Path path() {
        return path;
    }

    /** Removes it. */
    @Override
    public void close() {
        remove(path);
        try {
            lock.close();
        } catch (IOException e) {
            System.err.println("cannot close the lock of a temporary directory: " + e);
        }
    }

    /** Makes a directory of mode 0700. */
    static void make(Path directory) throws IOException {
        make(directory, "rwx------");
    }

    private static void make(Path directory, String mode) throws IOException {
        Files.createDirectory(directory);
        // Explicitly, since the umask may have taken bits away.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
    }

    /**
     * Removes a directory and all below it without following links. What cannot be removed stays, and is no error:
     * the next start of a server tries again.
     */
    static void remove(Path directory) {
        remove(directory.toFile());
    }

    private static void remove(File file) {
        // Most entries are files, and a link to a directory must not be entered: try to delete first.
        if (file.delete()) {
            return;
        }
        File[] entries = file.listFiles();
        if (entries != null && !Files.isSymbolicLink(file.toPath())) {
            for (File entry : entries) {
                remove(entry);
            }
            file.delete();
        }
    }

    /** The lock lives as long as this process, whatever ends it. */
    private static RandomAccessFile lock(Path directory) throws IOException {
        RandomAccessFile file = new RandomAccessFile(directory.resolve(LOCK).toFile(), "rw");
        if (file.getChannel().tryLock() == null) {
            file.close();
            throw new IOException("\"" + directory + "\" is locked by another process");
        }
        // An empty lock file is that of a server between the two steps.
        file.write('\n');
        return file;
    }

    private static void removeStale(Path parent, Optional<String> marker) {
        // No glob: it would compile a regular expression at each start.
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
            for (Path entry : entries) {
                boolean ours = entry.getFileName().toString().startsWith(PREFIX);
                boolean own = marker.filter(name -> Files.exists(entry.resolve(name))).isPresent();
                if (ours && !own && Files.isWritable(entry.resolve(LOCK)) && stale(entry)) {
                    remove(entry);
                }
            }
        } catch (NoSuchFileException e) {
            // The caller's attempt to make its directory says so in clearer words.
            return;
        } catch (IOException e) {
            System.err.println("cannot look for left temporary directories: " + e);
        }
    }

    private static boolean stale(Path entry) throws IOException {
        Path lock = entry.resolve(LOCK);
        String owner = Files.getOwner(entry, LinkOption.NOFOLLOW_LINKS).getName();
        if (!Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS) || !owner.equals(System.getProperty("user.name"))) {
            return false;
        }
        long age = System.currentTimeMillis() - Files.getLastModifiedTime(lock).toMillis();
        if (Files.size(lock) == 0 && age < STARTING_MILLIS) {
            return false;
        }
        try (RandomAccessFile file = new RandomAccessFile(lock.toFile(), "rw");
                FileLock held = file.getChannel().tryLock()) {
            return held != null;
        }
    }

    /** Gives a directory and what is in it to an account. */
    static void giveAll(Path directory, int uid, int gid) throws IOException {
        give(directory, uid, gid);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                give(entry, uid, gid);
            }
        }
    }

    /** Gives one file to an account; not what a link names. */
    static void give(Path path, int uid, int gid) throws IOException {
        Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
    }
}
