// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The mounted tree of control groups, version 2.
 *
 * @param directory where it is mounted
 * @param top the group that is mounted there, usually {@code /}
 */
record Hierarchy(Path directory, String top) {

    private static final int ENODATA = 61;
    private static final int ROOT_FIELD = 3;
    private static final int POINT_FIELD = 4;

    /** Reads the mounts. Without such a mount the errno is ENODEV. */
    static Hierarchy read(Path proc) {
        for (String line : lines(proc.resolve("self/mountinfo"))) {
            int dash = line.indexOf(" - cgroup2 ");
            if (dash > 0) {
                String[] fields = line.substring(0, dash).split(" ");
                return new Hierarchy(Path.of(plain(fields[POINT_FIELD])), plain(fields[ROOT_FIELD]));
            }
        }
        throw new PosixException("cgroup2", Errno.ENODEV);
    }

    /** The directory of the group named in such a file; ENODATA when the process is in none. */
    Path groupOf(Path file) {
        String group = lines(file).stream().filter(line -> line.startsWith("0::")).findFirst()
            .orElseThrow(() -> new PosixException("cgroup", ENODATA)).substring("0::".length());
        String below = top.length() > 1 && group.startsWith(top) ? group.substring(top.length()) : group;
        return directory.resolve(below.replaceFirst("^/+", "")).normalize();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException failure) {
            throw new PosixException("open(\"" + file + "\")", Errno.ENOENT);
        }
    }

    /** The kernel writes white space and backslashes in octal. */
    private static String plain(String field) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 3 < field.length()) {
                text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                text.append(field.charAt(i));
            }
        }
        return text.toString();
    }
}
