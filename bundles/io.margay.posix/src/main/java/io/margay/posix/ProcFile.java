// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Small files of /proc. */
final class ProcFile {
    private static final int LIMIT = 1 << 20;

    private ProcFile() {
    }

    static String read(String path) {
        try (Fd file = Files.open(path, Files.O_RDONLY, 0)) {
            return new String(Files.readAll(file.number(), LIMIT), StandardCharsets.UTF_8);
        }
    }

    static void write(String path, String content) {
        try (Fd file = Files.open(path, Files.O_WRONLY, 0)) {
            Files.writeAll(file.number(), content.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The value of a line {@code Name:\tvalue}. */
    static Optional<String> field(String status, String name) {
        return status.lines().filter(line -> line.startsWith(name + ":"))
            .map(line -> line.substring(name.length() + 1).strip()).findFirst();
    }
}
