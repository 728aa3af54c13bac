// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the kernel says of other processes in {@code /proc}. */
public final class ProcFs {

    /** Of the fields behind the name. */
    private static final int FLAGS = 6;
    /** The kernel's flag of a process that has begun to end. */
    private static final long PF_EXITING = 4;

    private ProcFs() {
    }

    /**
     * The parent of a process.
     *
     * @param pid its pid in the namespace of this process
     * @return the parent's pid, or 0 when the process is gone
     */
    public static int parent(int pid) {
        try {
            byte[] stat = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "stat"));
            return parent(new String(stat, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            // The process has ended, which is what 0 says.
            return 0;
        }
    }

    /**
     * Whether a process has gone or is about to: the first of a pid namespace ends slowly, and nobody can enter that
     * any more.
     *
     * @param pid its pid in the namespace of this process
     */
    public static boolean isEnding(int pid) {
        try {
            byte[] stat = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "stat"));
            return isEnding(new String(stat, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return true;
        }
    }

    /** All children of a process, in no order. */
    public static int[] children(int pid) {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.map(path -> path.getFileName().toString())
                .filter(name -> name.matches("\\d{1,9}"))
                .mapToInt(Integer::parseInt)
                .filter(candidate -> parent(candidate) == pid)
                .toArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads field 4 of the line; field 2 is a name in brackets that may hold anything, brackets and blanks too. */
    static int parent(String stat) {
        String[] fields = fields(stat);
        return fields.length > 1 && fields[1].matches("\\d{1,9}") ? Integer.parseInt(fields[1]) : 0;
    }

    /** Looks at field 9, the flags. */
    static boolean isEnding(String stat) {
        String[] fields = fields(stat);
        return fields.length <= FLAGS || !fields[FLAGS].matches("\\d{1,10}")
            || (Long.parseLong(fields[FLAGS]) & PF_EXITING) != 0;
    }

    private static String[] fields(String stat) {
        return stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ");
    }
}
