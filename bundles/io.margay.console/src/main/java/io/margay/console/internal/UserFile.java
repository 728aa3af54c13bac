// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.log.ErrorLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The users of the console, in {@code console.users} of the state directory: lines {@code NAME ROLE HASH}. A line with
 * {@code plain:PASSWORD} for the hash is replaced by its hash when it is read. When there is no file yet, one is made
 * with a user {@code admin} whose password is shown once, in the log. Read again when it has changed. Thread-safe.
 */
final class UserFile {
    /** Somebody in the file. */
    record Entry(String name, boolean writes, PasswordHash hash) {
    }

    private static final String NAME = "console.users";
    private static final String PLAIN = "plain:";
    private static final int MAX_USERS = 100;
    private static final int MAX_SIZE = 65_536;
    /** 120 bits, without letters that look alike. */
    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
    private static final int LENGTH = 24;
    private static final String HEAD = """
        # Users of the web console: NAME ROLE HASH, where ROLE is read or write. Write plain:PASSWORD for HASH to set a
        # password; it is replaced by its hash when this file is read.
        """;

    private final Path file;
    private final ErrorLog log;
    private Map<String, Entry> users = Map.of();
    private FileTime seen = FileTime.fromMillis(-1);

    UserFile(Path state, ErrorLog log) {
        this.file = state.resolve(NAME);
        this.log = log;
    }

    /**
     * Makes the file if it is not there.
     *
     * @throws IOException when it cannot be written or read: nobody could log in then
     */
    synchronized void prepare() throws IOException {
        if (!Files.exists(file)) {
            SecureRandom random = new SecureRandom();
            StringBuilder password = new StringBuilder();
            for (int i = 0; i < LENGTH; i++) {
                password.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            write(List.of("admin write " + PasswordHash.of(password.toString()).text()));
            log.notice("console: the password of \"admin\" is " + password + " (shown only now; its hash is in \""
                + file + "\")");
        }
        read();
    }

    /** {@return the user of that name} What cannot be read is told in the log, and those known before stay. */
    synchronized Optional<Entry> find(String name) {
        try {
            if (!Files.getLastModifiedTime(file).equals(seen)) {
                read();
            }
        } catch (NoSuchFileException e) {
            users = Map.of();
        } catch (IOException e) {
            log.alert("console: \"" + file + "\" cannot be read: " + e);
        }
        return Optional.ofNullable(users.get(name));
    }

    private void read() throws IOException {
        if (Files.size(file) > MAX_SIZE) {
            throw new IOException("more than " + MAX_SIZE + " bytes");
        }
        Map<String, Entry> found = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>();
        boolean plain = false;
        for (String line : Files.readAllLines(file)) {
            String[] words = line.strip().split("\\s+", 3);
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Optional<Entry> entry = words.length == 3 ? entry(words) : Optional.empty();
            if (entry.isEmpty() || found.size() == MAX_USERS) {
                log.warn("console: a line of \"" + file + "\" is passed over: it must be NAME read|write HASH");
                lines.add(line);
                continue;
            }
            plain |= words[2].startsWith(PLAIN);
            found.put(words[0], entry.get());
            lines.add(words[0] + " " + words[1] + " " + entry.get().hash().text());
        }
        users = Map.copyOf(found);
        if (plain) {
            write(lines);
        }
        seen = Files.getLastModifiedTime(file);
    }

    private static Optional<Entry> entry(String[] words) {
        if (!words[1].equals("read") && !words[1].equals("write")) {
            return Optional.empty();
        }
        try {
            PasswordHash hash = words[2].startsWith(PLAIN) ? PasswordHash.of(words[2].substring(PLAIN.length()))
                : PasswordHash.parse(words[2]);
            return Optional.of(new Entry(words[0], words[1].equals("write"), hash));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Others never see it, not even for a moment; and there is always a whole one. */
    private void write(List<String> lines) throws IOException {
        Path fresh = file.resolveSibling(NAME + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, HEAD + String.join("\n", lines) + "\n", StandardCharsets.UTF_8);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
