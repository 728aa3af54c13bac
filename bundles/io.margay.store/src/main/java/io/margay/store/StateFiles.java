// SPDX-License-Identifier: Apache-2.0
package io.margay.store;

import io.margay.posix.Errno;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Uploaded contents, one file each, in a directory of the state directory. A file is complete or not there. Used by
 * one thread at a time; every call may wait for the disk. Names are checked here, whoever gives them.
 */
public final class StateFiles {

    /** Bytes that one content may have. */
    public static final int MAX_FILE = 4 << 20;
    /** Bytes that all contents of a directory together may have to be used. */
    public static final int MAX_TOTAL = 8 << 20;
    /** How many contents of a directory are used. */
    public static final int MAX_FILES = 4096;

    /** What is being written; since one thread writes, one name is enough, and no content may have it. */
    private static final String TEMPORARY = ".margay.tmp";
    private static final int MAX_NAME = 255;
    private static final int OWNER_ONLY = 0700;

    private final String directory;
    private final String kind;
    private final int most;
    private final Consumer<String> alerts;

    /**
     * Does not touch the disk.
     *
     * @param directory its path
     * @param kind what a content is, for texts
     * @param most bytes of one content
     * @param alerts takes lines for the log
     */
    StateFiles(String directory, String kind, int most, Consumer<String> alerts) {
        this.directory = directory;
        this.kind = kind;
        this.most = most;
        this.alerts = alerts;
    }

    /** Whether a content may have this name: that of a file, not of a directory or of what lies elsewhere. */
    public static boolean isName(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        // What does not come back unchanged would share its file with another name.
        return bytes.length > 0 && bytes.length <= MAX_NAME && name.indexOf('/') < 0 && name.indexOf('\0') < 0
            && !name.equals(".") && !name.equals("..") && !name.equals(TEMPORARY)
            && new String(bytes, StandardCharsets.UTF_8).equals(name);
    }

    private String path(String name) {
        if (!isName(name)) {
            throw new PosixException("open(\"" + directory + "/...\") with a name that is none", Errno.EINVAL);
        }
        return directory + "/" + name;
    }

    /**
     * Stores a content in place of the one of this name, if there is one.
     *
     * @throws PosixException when it is not safely on the disk; the old one is still there
     */
    public void store(String name, byte[] content) {
        String path = path(name);
        if (content.length > most) {
            throw new PosixException("write(\"" + path + "\", " + content.length + ")", Errno.EFBIG);
        }
        AtomicFile.write(directory, name, TEMPORARY, content);
    }

    /**
     * Reads a content; empty when there is no file of this name.
     *
     * @throws PosixException when it cannot be read or is too long
     */
    public Optional<byte[]> load(String name) {
        return AtomicFile.read(path(name), most);
    }

    /**
     * Deletes a content; one that is not there is deleted already.
     *
     * @throws PosixException when it stays
     */
    public void delete(String name) {
        try {
            Files.unlink(path(name));
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        AtomicFile.sync(directory);
    }

    /**
     * Makes the directory if it is not there.
     *
     * @throws PosixException when it cannot be made
     */
    public void prepare() {
        try {
            Files.mkdir(directory, OWNER_ONLY);
        } catch (PosixException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    /** The names of all files, usable or not. */
    public List<String> list() {
        return List.copyOf(names());
    }

    /** True when there is no file, usable or not. */
    boolean isEmpty() {
        return names().isEmpty();
    }

    /** Everything that can be used, in the order of names; what cannot is left out with an alert. */
    public Map<String, byte[]> all() {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        long total = 0;
        for (String name : names()) {
            Optional<byte[]> content = usable(name);
            if (content.isEmpty()) {
                continue;
            }
            total += content.get().length;
            if (total > MAX_TOTAL || contents.size() == MAX_FILES) {
                alerts.accept(kind + " \"" + name + "\" and all after it are skipped: there are too many");
                return contents;
            }
            contents.put(name, content.get());
        }
        return contents;
    }

    private Optional<byte[]> usable(String name) {
        try {
            if (!isName(name)) {
                throw new PosixException("open(\"" + directory + "/" + name + "\")", Errno.EINVAL);
            }
            Optional<byte[]> content = load(name);
            if (content.isEmpty()) {
                alerts.accept(kind + " \"" + name + "\" is skipped: it is no regular file");
            }
            return content;
        } catch (PosixException e) {
            alerts.accept(kind + " \"" + name + "\" is skipped: " + e.getMessage());
            return Optional.empty();
        }
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = java.nio.file.Files.newDirectoryStream(Path.of(directory))) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        } catch (NoSuchFileException e) {
            // Its absence was an alert already.
            return names;
        } catch (IOException | DirectoryIteratorException e) {
            alerts.accept("the " + kind + " storage directory \"" + directory + "\" cannot be read: " + e.getMessage());
        }
        // What a crash has left of a write.
        names.remove(TEMPORARY);
        names.sort(null);
        return names;
    }
}
